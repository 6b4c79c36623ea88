"""Why an embedding when I have metadata? Each alone, both together, and new films.

    python pipelines/metadata_or_embedding.py FOLDER    # of MovieLens: ratings, movies and tags
    python pipelines/metadata_or_embedding.py           # on synthetic histories

First, 3 films predict 7 others by genres, year and tags alone, by an embedding alone, and by the
concatenation of both. Then some films are hidden from training as if they were new; their vectors
are predicted from metadata, and they are ranked against one another.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt
import pandas as pd

import item2vec
from item2vec.cli import OneLine
from item2vec.data import synthetic
from item2vec.evaluation import (
    AmongColdItems,
    Cases,
    RankByCount,
    cold_cases,
    end_to_end,
    hide_items,
    hold_out,
    mean_metric,
)
from item2vec.models import SameForAll, ScoringRecommender
from item2vec.models.cold_items import Features, values_of
from item2vec.types import Progress

PROTOCOL = item2vec.RandomProtocol(inputs=3, labels=7)
EMBEDDING = item2vec.Softmax(memory=0)  # vectors alone
WEIGHTS = (0.03, 0.1, 0.3, 1.0, 3.0)  # candidates, selected on validation users
VALIDATED = 0.2  # share of the training users for validation
HIDDEN = 0.2  # share of the films that are hidden from training
PREDICTED = "predicted vectors"
SHOWN = 3  # inputs when hidden films are ranked


@dataclass(frozen=True)
class Films:
    """Interactions with films, and the metadata of the films."""

    interactions: item2vec.Interactions
    catalogue: item2vec.Catalogue
    tags: pd.DataFrame | None = None  # user, item, tag

    def tagged_by(self, users: tuple[str, ...]) -> item2vec.Catalogue:
        """Return the catalogue with the tags of these users alone."""
        if self.tags is None:
            return self.catalogue
        given = self.tags[self.tags["user"].isin(users)].drop_duplicates(["item", "tag"])
        by_film = given.groupby("item")["tag"].agg("|".join)
        tags = tuple(by_film.get(film, "") for film in self.catalogue.ids)
        return replace(self.catalogue, columns={**self.catalogue.columns, "tags": tags})


def read(folder: Path) -> Films:
    """Read a MovieLens folder, with tags if there are any."""
    interactions = item2vec.read_interactions(folder / "ratings.csv")
    catalogue = item2vec.read_catalogue(folder / "movies.csv")
    if not (folder / "tags.csv").exists():
        return Films(interactions, catalogue)
    tags = pd.read_csv(folder / "tags.csv", dtype=str, na_filter=False, index_col=False)
    tags = tags.rename(columns={"userId": "user", "movieId": "item"})
    if not {"user", "item", "tag"} <= set(tags.columns):
        raise item2vec.DataError(
            f"{folder / 'tags.csv'} lacks one of the columns userId, movieId, tag"
        )
    tags["tag"] = tags["tag"].str.casefold().str.replace("|", " ")
    return Films(interactions, catalogue, tags)


def invent() -> Films:
    """Return synthetic histories of users who prefer some genres."""
    with tempfile.TemporaryDirectory() as folder:
        interactions, films = synthetic.invent(n_users=600).write(folder)
        return Films(item2vec.read_interactions(interactions), item2vec.read_catalogue(films))


# -- metadata, embedding, both ----------------------------------------------------------------


@dataclass(frozen=True)
class Metadata:
    """A trainer whose vectors are the features of films, with popularity as bias.

    A film's vector is its features minus their mean, so the score of two films is high if they
    share unusual features.

    Parameters
    ----------
    catalogue : Catalogue
        Metadata, with the tags of training users.
    without : Catalogue
        The same without the tags of validation users.
    """

    catalogue: item2vec.Catalogue
    without: item2vec.Catalogue

    def fit(
        self, histories: item2vec.Histories, *, progress: Progress | None = None
    ) -> item2vec.ItemVectors:
        """Select the weight of the features, relative to popularity, on validation users."""
        training, cases = hold_out(histories, VALIDATED, PROTOCOL)
        features = features_of(training, self.without)
        weight = max(WEIGHTS, key=lambda w: mean_metric(weighted(features, w), cases))
        return weighted(features_of(histories, self.catalogue), weight)


def features_of(
    histories: item2vec.Histories, catalogue: item2vec.Catalogue
) -> item2vec.ItemVectors:
    """Return features as item vectors and as context vectors, with popularity as the bias."""
    films = catalogue.aligned(histories.vocabulary.ids)
    names = ["genres", "year"] + ["tags"] * ("tags" in films.columns)
    features = Features.of(films, names).encode(films).toarray()
    counts = np.bincount(histories.items, minlength=len(films))
    features -= np.average(features, axis=0, weights=counts).astype(np.float32)
    popularity = np.log1p(counts).astype(np.float32)
    return item2vec.ItemVectors(histories.vocabulary, features, features, popularity, power=0.5)


@dataclass(frozen=True)
class Both:
    """A trainer whose vectors are the embedding and the features, concatenated."""

    metadata: Metadata

    def fit(
        self, histories: item2vec.Histories, *, progress: Progress | None = None
    ) -> item2vec.ItemVectors:
        """Select the weight of the features, relative to the embedding, on validation users."""
        training, cases = hold_out(histories, VALIDATED, PROTOCOL)
        embedding = EMBEDDING.fit(training)
        features = features_of(training, self.metadata.without)

        def score(weight: float) -> float:
            return mean_metric(concatenated(embedding, weighted(features, weight)), cases)

        weight = max(WEIGHTS, key=score)
        whole = features_of(histories, self.metadata.catalogue)
        return concatenated(EMBEDDING.fit(histories), weighted(whole, weight))


def weighted(vectors: item2vec.ItemVectors, weight: float) -> item2vec.ItemVectors:
    """Return the vectors with their part of the score multiplied by a weight."""
    return replace(vectors, context_vectors=np.float32(weight) * vectors.context_vectors)


def concatenated(
    embedding: item2vec.ItemVectors, metadata: item2vec.ItemVectors
) -> item2vec.ItemVectors:
    """Return the concatenated vectors, with the bias of the embedding."""
    return replace(
        embedding,
        item_vectors=np.hstack([embedding.item_vectors, metadata.item_vectors]),
        context_vectors=np.hstack([embedding.context_vectors, metadata.context_vectors]),
    )


def compare(films: Films, folds: int) -> item2vec.Evaluation:
    """Score metadata, embedding and both on all users, each held out once."""
    parts, ranks = [], RankByCount()
    for training, others in item2vec.fold_users(films.interactions, folds=folds):
        fitted, _ = item2vec.split_users(training, held_out=VALIDATED)  # as `hold_out` does
        metadata = Metadata(films.tagged_by(training.user_ids), films.tagged_by(fitted.user_ids))
        evaluation = item2vec.compare(
            {"both": Both(metadata), "embedding": EMBEDDING, "metadata": metadata},
            [(training, others)],
            PROTOCOL,
            min_count=1,
            observers=[ranks],
        )
        parts.append(evaluation)
    return ranks.added_to(end_to_end(parts))


# -- new films --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fold:
    """Two models of hidden films by metadata alone, and cases of users who have such films."""

    embedding: item2vec.ItemVectors
    metadata: item2vec.ItemVectors
    cases: Cases
    users: tuple[str, ...]


def hide(films: Films, folds: int) -> Iterator[Fold]:
    """Hide films from training, fold by fold, and predict their vectors from genres and year."""
    columns = {name: films.catalogue.columns[name] for name in ("title", "genres")}
    columns |= {"year": tuple(values_of(films.catalogue, "year"))}
    catalogue = item2vec.Catalogue(films.catalogue.ids, columns)
    for fold, (training, others) in enumerate(item2vec.fold_users(films.interactions, folds=folds)):
        rest, hidden = hide_items(training, share=HIDDEN, seed=fold)
        weight = weight_among_hidden(rest, catalogue, seed=fold)
        histories = rest.to_histories(min_count=1)
        metadata = weighted(features_of(histories, catalogue), weight)
        embedding, metadata = (
            with_hidden(vectors, catalogue, hidden)
            for vectors in (EMBEDDING.fit(histories), metadata)
        )
        cases = cold_cases(others, embedding.vocabulary, hidden, inputs=SHOWN, seed=fold)
        yield Fold(embedding, metadata, cases, others.user_ids)


def with_hidden(
    vectors: item2vec.ItemVectors, catalogue: item2vec.Catalogue, hidden: Sequence[str]
) -> item2vec.ItemVectors:
    """Return the vectors with those of hidden films, predicted from genres and year."""
    vectors = replace(vectors, catalogue=catalogue)
    return vectors.with_cold_items(catalogue.aligned(hidden), features=["genres", "year"])


def weight_among_hidden(
    training: item2vec.Interactions, catalogue: item2vec.Catalogue, seed: int
) -> float:
    """Select the weight of metadata on validation users and further hidden films."""
    fitted, validation = item2vec.split_users(training, held_out=VALIDATED, seed=seed)
    rest, hidden = hide_items(fitted, share=HIDDEN, seed=seed + 1)
    features = features_of(rest.to_histories(min_count=1), catalogue)
    features = with_hidden(features, catalogue, hidden)
    cases = cold_cases(validation, features.vocabulary, hidden, inputs=SHOWN, seed=seed)
    return max(WEIGHTS, key=lambda w: mean_metric(AmongColdItems(weighted(features, w)), cases))


def popularity_of_genres(vectors: item2vec.ItemVectors) -> npt.NDArray[np.float32]:
    """Return for each film the mean popularity of the films of its genres, float32 (n,)."""
    features = Features.of(vectors.catalogue, ["genres"])
    has = (features.encode(vectors.catalogue) > 0).astype(np.float64)
    counts = vectors.vocabulary.counts
    of_genres = (has.T @ counts) / np.maximum(has.T @ (counts > 0), 1)
    n_genres = np.maximum(np.asarray(has.sum(axis=1)), 1)
    return np.asarray((has @ of_genres) / n_genres, dtype=np.float32)


def score_hidden(films: Films, folds: int) -> item2vec.Evaluation:
    """Score predicted vectors against metadata itself and against rankings without vectors."""
    parts = []
    for number, fold in enumerate(hide(films, folds)):
        embedding, n_films = fold.embedding, len(fold.embedding)
        chance = np.random.default_rng(number).random(n_films, dtype=np.float32)
        scores = {
            "predicted popularity": embedding.bias,
            "popularity of genres": popularity_of_genres(embedding),
            "random": chance,
        }
        ways: dict[str, ScoringRecommender] = {
            PREDICTED: embedding,
            "metadata itself": fold.metadata,
        }
        ways |= {name: SameForAll(embedding.vocabulary, array) for name, array in scores.items()}
        among = {name: AmongColdItems(way) for name, way in ways.items()}
        parts.append(item2vec.evaluate(among, fold.cases, users=fold.users))
    return end_to_end(parts)


# -- reporting --------------------------------------------------------------------------------


def show(evaluation: item2vec.Evaluation) -> None:
    """Print each model's ndcg@10, and the first model's paired difference from every other."""
    first = evaluation.models[0]
    for name in evaluation.models:
        mean, low, high = evaluation.summary(name)["ndcg@10"]
        line = f"  {name:<24}{mean:.4f}  ({low:.4f} … {high:.4f})"
        if name != first:
            mean, low, high = evaluation.difference(first, name)["ndcg@10"]
            line += f"   {first} minus this: {mean:+.4f} ({low:+.4f} … {high:+.4f})"
        print(line)


def show_slices(evaluation: item2vec.Evaluation) -> None:
    """Print the rank of labels among films of similar popularity."""
    slices = RankByCount().names
    print(f"  {'interactions':<12}" + "".join(f"{span:>8}" for span in slices.values()))
    for name in evaluation.models:
        summary = evaluation.summary(name)
        cells = [f"{summary[rank].mean:.3f}" if rank in summary else "" for rank in slices]
        print(f"  {name:<12}" + "".join(f"{cell:>8}" for cell in cells))
    apart = evaluation.difference("embedding", "metadata")
    rows = [(slices[rank], *apart[rank]) for rank in slices if rank in apart]
    print("  embedding minus metadata with 95 % interval, by the number of interactions:")
    for span, mean, low, high in rows:
        print(f"  {span:>12}: {mean:+.3f} ({low:+.3f} … {high:+.3f})")


def draw(compared: item2vec.Evaluation, hidden: item2vec.Evaluation, picture: Path) -> None:
    """Plot the ranks by popularity, and the scores among hidden films."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1.5, 1))
    slices = RankByCount().names
    for name, style in zip(compared.models, ("o-", "s--", "^:"), strict=True):
        summary = compared.summary(name)
        known = [place for place, rank in enumerate(slices) if rank in summary]
        means, lows, highs = np.array([summary[rank] for rank in slices if rank in summary]).T
        left.errorbar(known, means, [means - lows, highs - means], fmt=style, capsize=3, label=name)
    left.axhline(0.5, color="0.6", linewidth=1)
    left.text(0, 0.5, "chance", color="0.4", va="bottom")
    left.set_xticks(range(len(slices)), slices.values())
    left.set(
        xlabel="training interactions of a film", ylabel="rank among films of similar popularity"
    )
    left.legend(frameon=False)
    names = hidden.models[::-1]
    means, lows, highs = np.array([hidden.summary(name)["ndcg@10"] for name in names]).T
    right.barh(names, means, xerr=[means - lows, highs - means], color="C2", capsize=3)
    right.set(xlabel="ndcg@10", title="among new films")
    figure.savefig(picture, dpi=120)


@click.command(cls=OneLine)
@click.argument(
    "folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option("--folds", type=click.IntRange(min=2), default=5, show_default=True)
@click.option(
    "--output", type=click.Path(path_type=Path), default=Path("course"), show_default=True
)
def main(folder: Path | None, folds: int, output: Path) -> None:
    """Compare metadata and embeddings on a MovieLens FOLDER."""
    output.mkdir(
        parents=True, exist_ok=True
    )  # a wrong path is reported before anything is computed
    films = read(folder) if folder else invent()
    print(f"3 films → 7 others, {len(films.interactions)} users, each held out once; ndcg@10:")
    compared = compare(films, folds)
    show(compared)
    print("\nRank of the 7 labels among films of similar popularity (1: perfect, 0.5: chance):")
    show_slices(compared)
    print(
        f"\n{HIDDEN:.0%} of the films are hidden from training and ranked among themselves; inputs"
    )
    print(f"are {SHOWN} other films, vectors are predicted from genres and year; ndcg@10:")
    hidden = score_hidden(films, folds)
    show(hidden)
    picture = output / "metadata_or_embedding.png"
    draw(compared, hidden, picture)
    print(f"\nThe picture is in {picture}.")


if __name__ == "__main__":
    main()
