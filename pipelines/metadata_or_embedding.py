"""Why an embedding when I have metadata? Each alone, both together, and films that nobody has seen.

    python pipelines/metadata_or_embedding.py FOLDER    # of MovieLens: ratings, movies and tags
    python pipelines/metadata_or_embedding.py           # on invented people and films

First, 3 films are to predict 7 others, from genres, year and tags alone, from embeddings alone, and
from both: one long vector, metadata behind the embedding. Then some films are hidden from training
as if they were new, get vectors by their metadata, and are ranked against one another.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt
import pandas as pd

import item2vec
from item2vec import sample
from item2vec.features import Features
from item2vec.heldout import Cases
from item2vec.histories import pack_lengths, select_packed, shuffled_within
from item2vec.joining import end_to_end
from item2vec.progress import Progress
from item2vec.ranking import Rows, top_k
from item2vec.validation import hold_out, mean_metric

PROTOCOL = item2vec.RandomProtocol(inputs=3, labels=7)
EMBEDDING = item2vec.Softmax(memory=0)  # vectors and nothing else
WEIGHTS = (0.03, 0.1, 0.3, 1.0, 3.0)  # that validation users choose from
SEEN = (1, 2, 5, 10, 20, 50, 100)  # times that a film was seen: slices begin here
HIDDEN = 0.2  # share of the films that nobody has seen yet
SHOWN = 3  # films of a user that are known when hidden ones are ranked

Scores = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Films:
    """Who watched what, and what is told of films: all of it, or what was known before a user."""

    interactions: item2vec.Interactions
    catalogue: item2vec.Catalogue
    tags: pd.DataFrame | None = None  # user, item, tag

    def told_by(self, users: tuple[str, ...]) -> item2vec.Catalogue:
        """Return the catalogue with the tags that these users gave."""
        if self.tags is None:
            return self.catalogue
        given = self.tags[self.tags["user"].isin(users)].drop_duplicates(["item", "tag"])
        by_film = given.groupby("item")["tag"].agg("|".join)
        tags = tuple(by_film.get(film, "") for film in self.catalogue.ids)
        return replace(self.catalogue, columns={**self.catalogue.columns, "tags": tags})


def read(folder: Path) -> Films:
    """Read a MovieLens folder."""
    tags = pd.read_csv(folder / "tags.csv", dtype=str, na_filter=False)
    tags = tags.rename(columns={"userId": "user", "movieId": "item"})
    tags["tag"] = tags["tag"].str.casefold().str.replace("|", " ")
    return Films(
        item2vec.read_interactions(folder / "ratings.csv"),
        item2vec.read_catalogue(folder / "movies.csv"),
        tags,
    )


def invent(folder: Path) -> Films:
    """Invent people who like some genres, and films."""
    interactions, films = sample.invent(n_users=600).write(folder, force=True)
    return Films(item2vec.read_interactions(interactions), item2vec.read_catalogue(films))


# -- metadata, embedding, both ----------------------------------------------------------------


@dataclass(frozen=True)
class Metadata:
    """What films have in common with the films of a history, and how popular they are.

    A film's vector is its features, less their mean: two films score the more, the more of what is
    special about them is the same.
    """

    catalogue: item2vec.Catalogue

    def fit(
        self, histories: item2vec.Histories, *, progress: Progress | None = None
    ) -> item2vec.ItemVectors:
        """Choose the weight of the features beside popularity on validation users."""
        training, cases = hold_out(histories, 0.2, PROTOCOL)
        features = self.features(training)
        weight = max(WEIGHTS, key=lambda w: mean_metric(weighted(features, w), cases))
        return weighted(self.features(histories), weight)

    def features(self, histories: item2vec.Histories) -> item2vec.ItemVectors:
        """Return features as item vectors and as context vectors."""
        vocabulary = histories.vocabulary
        films = self.catalogue.aligned(vocabulary.ids)
        names = ["genres", "year"] + ["tags"] * ("tags" in films.columns)
        features = Features.of(films, names).encode(films).toarray()
        features -= np.average(features, axis=0, weights=vocabulary.counts).astype(np.float32)
        popularity = np.log(vocabulary.counts).astype(np.float32)
        return item2vec.ItemVectors(vocabulary, features, features, popularity, power=0.5)


@dataclass(frozen=True)
class Both:
    """The embedding with the features behind it: one longer vector for every film."""

    metadata: Metadata

    def fit(
        self, histories: item2vec.Histories, *, progress: Progress | None = None
    ) -> item2vec.ItemVectors:
        """Choose the weight of the features beside the embedding on validation users."""
        training, cases = hold_out(histories, 0.2, PROTOCOL)
        embedding, features = EMBEDDING.fit(training), self.metadata.features(training)

        def score(weight: float) -> float:
            return mean_metric(concatenated(embedding, weighted(features, weight)), cases)

        chosen = weighted(self.metadata.features(histories), max(WEIGHTS, key=score))
        return concatenated(EMBEDDING.fit(histories), chosen)


def weighted(vectors: item2vec.ItemVectors, weight: float) -> item2vec.ItemVectors:
    """Return the vectors with so much weight in the score beside the bias."""
    return replace(vectors, context_vectors=np.float32(weight) * vectors.context_vectors)


def concatenated(
    embedding: item2vec.ItemVectors, metadata: item2vec.ItemVectors
) -> item2vec.ItemVectors:
    """Return one long vector for every film; the bias is the embedding's."""
    return replace(
        embedding,
        item_vectors=np.hstack([embedding.item_vectors, metadata.item_vectors]),
        context_vectors=np.hstack([embedding.context_vectors, metadata.context_vectors]),
    )


class SliceRanks:
    """How labels rank among films that were seen about as often: popularity can't help there.

    A value of 1 says that a label stood before all of them, 0.5 is what chance gives.
    """

    def __init__(self) -> None:
        self.values: dict[str, list[dict[str, npt.NDArray[np.float64]]]] = {}

    def see(self, name: str, recommender: object, cases: Cases, recommended: Rows) -> None:
        """Take the mean rank of each case's labels, slice by slice; NaN where there is none."""
        if not isinstance(recommender, item2vec.ItemVectors):
            raise TypeError(f"{name} has no scores to rank by")
        scores = recommender.score_rows(cases.inputs)
        labels, case = cases.labels, np.repeat(np.arange(len(cases)), cases.labels.lengths)
        place = np.searchsorted(SEEN, recommender.vocabulary.counts, side="right") - 1
        found = {}
        for which, least in enumerate(SEEN):
            films = np.flatnonzero(place == which)
            at = np.flatnonzero((labels.items >= 0) & (place[labels.items] == which))
            others = scores[np.ix_(case[at], films)]
            own = scores[case[at], labels.items[at]][:, None]
            before = (others < own).sum(axis=1) + (others == own).sum(axis=1) / 2
            ranks = before / max(1, len(films))
            sums = np.bincount(case[at], ranks, minlength=len(cases))
            n = np.bincount(case[at], minlength=len(cases))
            found[f"rank {least}"] = np.where(n > 0, sums / np.maximum(n, 1), np.nan)
        self.values.setdefault(name, []).append(found)

    def added_to(self, evaluation: item2vec.Evaluation) -> item2vec.Evaluation:
        """Return the evaluation of all folds with these values beside its own."""
        values = {}
        for name, parts in self.values.items():
            ranks = {rank: np.concatenate([part[rank] for part in parts]) for rank in parts[0]}
            told = {rank: column for rank, column in ranks.items() if not np.isnan(column).all()}
            values[name] = {**evaluation.values[name], **told}
        return replace(evaluation, values=values)


def compare(films: Films, folds: int) -> item2vec.Evaluation:
    """Score metadata, embedding and both on every user, held out once."""
    parts, ranks = [], SliceRanks()
    for training, others in item2vec.fold_users(films.interactions, folds=folds):
        metadata = Metadata(films.told_by(training.user_ids))
        evaluation = item2vec.compare(
            {"both": Both(metadata), "embedding": EMBEDDING, "metadata": metadata},
            [(training, others)],
            PROTOCOL,
            min_count=1,
            observers=[ranks],
        )
        parts.append(evaluation)
    return ranks.added_to(end_to_end(parts))


# -- films that nobody has seen ---------------------------------------------------------------


@dataclass(frozen=True)
class AmongHidden:
    """Ranks hidden films alone, by scores of all films for each history."""

    vectors: item2vec.ItemVectors
    scores: Scores | None = None  # (n_items,), the same for everybody; None: the vectors'

    def recommend_rows(self, histories: item2vec.Histories, k: int) -> Rows:
        """Return the best `k` of the films with a count of 0."""
        if self.scores is None:
            scores = self.vectors.score_rows(histories)
        else:
            scores = np.tile(self.scores, (len(histories), 1))
        scores[:, self.vectors.vocabulary.counts > 0] = -np.inf
        return top_k(scores, k)


def hide(films: Films, folds: int) -> Iterator[tuple[item2vec.ItemVectors, Cases]]:
    """Yield, fold by fold, vectors that know hidden films by metadata alone, and who saw them."""
    for fold, (training, others) in enumerate(item2vec.fold_users(films.interactions, folds=folds)):
        rng = np.random.default_rng(fold)
        is_hidden = rng.random(len(training.item_ids)) < HIDDEN
        seen = select_packed(training.items, training.offsets, ~is_hidden[training.items])
        rest = replace(training, items=seen[0], offsets=seen[1])
        vectors = replace(EMBEDDING.fit(rest.to_histories(min_count=1)), catalogue=films.catalogue)
        hidden = [film for film, gone in zip(training.item_ids, is_hidden, strict=True) if gone]
        new = films.catalogue.aligned(hidden)
        vectors = vectors.with_cold_items(new, features=["genres", "year"])
        yield vectors, cases_of_hidden(vectors, others, rng)


def cases_of_hidden(
    vectors: item2vec.ItemVectors, others: item2vec.Interactions, rng: np.random.Generator
) -> Cases:
    """Show some seen films of each user, and ask for all hidden ones."""
    vocabulary = vectors.vocabulary
    histories = others.to_histories(vocabulary=vocabulary).known()
    is_seen = vocabulary.counts[histories.items] > 0
    inputs = item2vec.Histories(
        *select_packed(histories.items, histories.offsets, is_seen), vocabulary
    )
    shuffled = shuffled_within(inputs.items, inputs.offsets, rng)
    within = np.arange(len(shuffled)) - np.repeat(inputs.offsets[:-1], inputs.lengths)
    inputs = item2vec.Histories(
        shuffled[within < SHOWN], pack_lengths(np.minimum(inputs.lengths, SHOWN)), vocabulary
    )
    labels = item2vec.Histories(
        *select_packed(histories.items, histories.offsets, ~is_seen), vocabulary
    )
    users = np.flatnonzero((inputs.lengths == SHOWN) & (labels.lengths > 0))
    skipped = len(histories) - len(users)
    return Cases(inputs.take(users), labels.take(users), users, histories.lengths[users], skipped)


def popularity_of_genres(vectors: item2vec.ItemVectors) -> Scores:
    """Return for each film the sum over its genres of how often a film of them was seen."""
    features = Features.of(vectors.catalogue, ["genres"])
    has = (features.encode(vectors.catalogue) > 0).astype(np.float64)
    counts = vectors.vocabulary.counts
    n_films = has.T @ (counts > 0)
    means = (has.T @ counts) / np.maximum(n_films, 1)
    return np.asarray(has @ means, dtype=np.float32)


def score_hidden(films: Films, folds: int) -> item2vec.Evaluation:
    """Score vectors told by metadata against what needs no vectors."""
    parts = []
    for fold, (vectors, cases) in enumerate(hide(films, folds)):
        chance = np.random.default_rng(fold).random(len(vectors), dtype=np.float32)
        ways = {
            "vectors of metadata": AmongHidden(vectors),
            "their bias alone": AmongHidden(vectors, vectors.bias),
            "popularity of genres": AmongHidden(vectors, popularity_of_genres(vectors)),
            "random": AmongHidden(vectors, chance),
        }
        parts.append(item2vec.evaluate(ways, cases))
    return end_to_end(parts)


# -- telling it -------------------------------------------------------------------------------


def show(evaluation: item2vec.Evaluation) -> None:
    """Print each model's ndcg@10, and the first model's paired difference from every other."""
    first = evaluation.models[0]
    for name in evaluation.models:
        mean, low, high = evaluation.summary(name)["ndcg@10"]
        line = f"  {name:<22}{mean:.4f}  ({low:.4f} … {high:.4f})"
        if name != first:
            mean, low, high = evaluation.difference(first, name)["ndcg@10"]
            line += f"   {first} minus it: {mean:+.4f} ({low:+.4f} … {high:+.4f})"
        print(line)


def slice_names() -> list[str]:
    """Return what the slices are called."""
    ends = [f"-{end - 1}" if end - 1 > begin else "" for begin, end in itertools.pairwise(SEEN)]
    return [f"{begin}{end}" for begin, end in zip(SEEN, [*ends, "+"], strict=True)]


def show_slices(evaluation: item2vec.Evaluation) -> None:
    """Print how labels rank among films that were seen about as often."""
    print(f"  {'seen':<12}" + "".join(f"{name:>8}" for name in slice_names()) + "  times")
    for name in evaluation.models:
        summary = evaluation.summary(name)
        cells = [summary.get(f"rank {least}") for least in SEEN]
        print(f"  {name:<12}" + "".join(f"{c.mean:>8.3f}" if c else f"{'':>8}" for c in cells))


def draw(compared: item2vec.Evaluation, hidden: item2vec.Evaluation, picture: Path) -> None:
    """Draw ranks by how often a film was seen, and the scores among hidden films."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1.5, 1))
    for name, style in zip(("both", "embedding", "metadata"), ("o-", "s--", "^:"), strict=True):
        summary = compared.summary(name)
        known = [place for place, least in enumerate(SEEN) if f"rank {least}" in summary]
        means, lows, highs = np.array([summary[f"rank {SEEN[place]}"] for place in known]).T
        left.errorbar(known, means, [means - lows, highs - means], fmt=style, capsize=3, label=name)
    left.axhline(0.5, color="0.6", linewidth=1)
    left.text(0, 0.5, "chance", color="0.4", va="bottom")
    left.set_xticks(range(len(SEEN)), slice_names())
    left.set(xlabel="times a film was seen in training", ylabel="rank among films seen as often")
    left.legend(frameon=False)
    names = hidden.models[::-1]
    means, lows, highs = np.array([hidden.summary(name)["ndcg@10"] for name in names]).T
    right.barh(names, means, xerr=[means - lows, highs - means], color="C2", capsize=3)
    right.set(xlabel="ndcg@10", title="among films that nobody has seen")
    figure.savefig(picture, dpi=120)


@click.command()
@click.argument("folder", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--folds", type=click.IntRange(min=2), default=5, show_default=True)
@click.option(
    "--output", type=click.Path(path_type=Path), default=Path("course"), show_default=True
)
def main(folder: Path | None, folds: int, output: Path) -> None:
    """Ask a MovieLens FOLDER what metadata and embeddings know."""
    output.mkdir(parents=True, exist_ok=True)
    films = read(folder) if folder else invent(output)
    print(f"3 films → 7 others, {len(films.interactions)} users, each held out once; ndcg@10:")
    compared = compare(films, folds)
    show(compared)
    print("\nHow the 7 rank among films seen about as often (1: first, 0.5: by chance):")
    show_slices(compared)
    print(f"\nNow {HIDDEN:.0%} of the films are hidden from training, and ranked by ndcg@10 for")
    print(f"people of whom {SHOWN} other films are known; their vectors come of genres and year:")
    hidden = score_hidden(films, folds)
    show(hidden)
    picture = output / "metadata_or_embedding.png"
    draw(compared, hidden, picture)
    print(f"\nThe picture is in {picture}.")


if __name__ == "__main__":
    main()
