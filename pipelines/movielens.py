"""The main job from end to end: read, split, train, index, evaluate, look up.

    python pipelines/movielens.py FOLDER    # of MovieLens: ratings and movies
    python pipelines/movielens.py           # downloads ml-latest-small, or uses synthetic data

Results go to a folder of their own: the model, its Annoy index, and the scores as JSON.
"""

import json
import os
import shutil
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

import item2vec
from item2vec.data import movielens, synthetic
from item2vec.experiments import compare_named
from item2vec.neighbors import write_index
from item2vec.reports import differences_table, scores_table, to_json

NAMES = ("word2vec", "popularity", "item-knn", "ease", "gensim-defaults")
DATASET = "ml-latest-small"
console = Console(highlight=False)


@click.command()
@click.argument("folder", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--output", type=click.Path(path_type=Path), default=Path("demo"), show_default=True)
@click.option("--held-out", default=0.2, show_default=True, help="Share of users to score on.")
@click.option("--epochs", default="auto", show_default=True, help="Passes over the histories.")
def main(folder: Path | None, output: Path, held_out: float, epochs: str) -> None:
    """Run the main job on a MovieLens FOLDER."""
    output.mkdir(parents=True, exist_ok=True)
    interactions_file, items_file = find_files(folder) if folder else get_files(output)

    step("1. Read the interactions, in time order for each user")
    interactions = item2vec.read_interactions(interactions_file)
    catalogue = item2vec.read_catalogue(items_file)
    for line in interactions.report.lines() if interactions.report else []:
        remark(line)

    step(f"2. Hold out {held_out:.0%} of the users before anything is counted")
    training, others = item2vec.split_users(interactions, held_out=held_out)
    console.print(f"   {len(training):,} training users, {len(others):,} held-out users")

    step("3. Learn a vector for every film from the films in the same histories")
    trainer = item2vec.Word2Vec(epochs="auto" if epochs == "auto" else int(epochs))
    result = item2vec.train(training, trainer, items=catalogue, on_remark=remark)
    model = output / "movies.safetensors"
    item2vec.save(result.model, model)
    vectors = item2vec.load(model, verify=True)
    console.print(f"   {len(vectors):,} vectors of {vectors.vector_size} dimensions: {model}")

    step("4. Build an index for fast look-ups")
    checksum = vectors.metadata["checksum"]
    index = item2vec.build_index(vectors.item_vectors, recall=0.95)
    write_index(index, model, model=checksum)
    if index.recall:
        console.print(
            f"   The index finds {index.recall.measured:.1%} of the exact 10 nearest films"
        )

    step("5. Evaluate: do 3 films of a held-out user predict 7 others?")
    scores = evaluate(training, others, trainer, catalogue, output)
    film = look_up(vectors, index)
    console.print(f"\nThe model is in {model}, the scores in {scores}. Look further:")
    console.print(f'   {command()} similar {model} "{film}"', soft_wrap=True)


def evaluate(
    training: item2vec.Interactions,
    others: item2vec.Interactions,
    trainer: item2vec.Word2Vec,
    catalogue: item2vec.Catalogue,
    output: Path,
) -> Path:
    """Print how the trainer and the baselines score, and return the file of the scores."""
    protocol = item2vec.RandomProtocol(inputs=3, labels=7)
    evaluation = compare_named(
        NAMES,
        [(training, others)],
        protocol,
        parameters={"word2vec": {"epochs": trainer.epochs}},
        catalogue=catalogue,
    )
    console.print(scores_table(evaluation, protocol))
    console.print(differences_table(evaluation))
    scores = output / "scores.json"
    scores.write_text(json.dumps(to_json(evaluation, protocol), indent=2))
    return scores


def look_up(
    vectors: item2vec.ItemVectors, index: item2vec.AnnoyNeighbors | item2vec.HnswNeighbors
) -> str:
    """Print similar films and recommendations for the most popular film, and return its name."""
    film = vectors.title(0) or vectors.vocabulary.ids[0]
    step(f"6. Which films are most similar to {film!r}, the most popular one?")
    near = vectors.most_similar(film, k=5, index=index)
    show("cosine", [(n.cosine, n.title or n.id) for n in near])

    watched = [film, *(n.title or n.id for n in near[:2])]
    step(f"7. Recommend films to a user who watched {', '.join(map(repr, watched))}")
    show("score", [(r.score, r.title or r.id) for r in vectors.recommend(watched, k=5)])
    return film


def find_files(folder: Path) -> tuple[Path, Path]:
    """Return the files of interactions and items in a MovieLens folder."""
    for interactions, items in (("ratings.csv", "movies.csv"), ("ratings.dat", "movies.dat")):
        if (folder / interactions).exists() and (folder / items).exists():
            return folder / interactions, folder / items
    raise click.UsageError(
        f"{folder} has no ratings.csv with movies.csv: is it a MovieLens folder?"
    )


def get_files(output: Path) -> tuple[Path, Path]:
    """Download MovieLens, or write synthetic data if the network does not answer in seconds."""
    try:
        return find_files(movielens.download(DATASET, output, timeout=5))
    except item2vec.DataError as error:
        console.print(f"[yellow]{error}[/]", soft_wrap=True)
        console.print("[bold yellow]So this runs on synthetic histories of invented films.[/]")
        return synthetic.invent().write(output, force=True)


def command() -> str:
    """Return how the command is called here: by its path unless its environment is active."""
    own = Path(sys.executable).with_name("item2vec")
    return "item2vec" if shutil.which("item2vec") or not own.exists() else os.path.relpath(own)


def step(text: str) -> None:
    """Print the heading of a step."""
    console.print(f"\n[bold]{text}[/]", soft_wrap=True)


def remark(text: str) -> None:
    """Print a remark, indented."""
    for line in text.splitlines():
        console.print(f"   {line}", soft_wrap=True)


def show(value: str, rows: list[tuple[float, str]]) -> None:
    """Print items, each with a number."""
    table = Table(value, "film", show_header=True)
    for number, title in rows:
        table.add_row(f"{number:.3f}", title)
    console.print(table)


if __name__ == "__main__":
    main()
