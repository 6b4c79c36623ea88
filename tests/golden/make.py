"""Make the golden files of one version: ``python tests/golden/make.py FOLDER``.

They are written once, by the version that the folder is named after, and never changed: every later
version must read them and give the answers in ``answers.json``. All of them come from the synthetic
sample. A version that writes new kinds of files adds them here before its release.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path

import item2vec
from item2vec.data.synthetic import invent
from item2vec.evaluation.splitting.users import split_users
from item2vec.evaluation.validation import draw_cases
from item2vec.experiments.registry import write_parameters
from item2vec.experiments.tuning.search import search
from item2vec.experiments.tuning.task import Task, to_parameters
from item2vec.models.item_vectors import ItemVectors
from item2vec.neighbors import indexes
from item2vec.neighbors.indexes import AnyIndex

K = 8  # items in each stored answer
NEW_ITEMS = [("new 1", "A New Comedy (2001)", "Comedy"), ("new 2", "A New Horror (2002)", "Horror")]


def main(folder: Path) -> None:
    """Write models, indexes, a state, a parameters file, a study, and the models' answers."""
    folder.mkdir(parents=True)
    sample = invent(n_users=150, n_items=60)
    histories = item2vec.Histories.from_lists(sample.lists(), min_count=5)
    films = item2vec.Catalogue(
        [film.item_id for film in sample.films],
        {
            "title": [film.title for film in sample.films],
            "genres": [film.genres for film in sample.films],
        },
    )
    trainer = item2vec.Word2Vec(vector_size=8, workers=1, epochs=20, memory=0)
    word2vec = trainer.fit(histories)
    network = item2vec.Softmax(vector_size=8, workers=1, epochs=4, memory=0).fit(histories)
    remembering = item2vec.Softmax(vector_size=8, workers=1, epochs=4, memory=20).fit(histories)
    models = {
        "word2vec": word2vec,
        "word2vec-catalogue": replace(word2vec, catalogue=films),
        "word2vec-memory": replace(trainer, memory=20).fit(histories),
        "softmax": network,
        "softmax-memory": remembering,
        "softmax-memory-catalogue": replace(remembering, catalogue=films),
    }
    for name in ("word2vec", "softmax-memory"):
        models[f"{name}-cold-items"] = with_cold_items(models[f"{name}-catalogue"])
    answers: dict[str, dict[str, object]] = {}
    for name, vectors in models.items():
        item2vec.save(vectors, folder / f"{name}.safetensors")
        answers[name] = answers_of(vectors)
    answers["word2vec"]["index"] = write_index(folder / "word2vec.safetensors", "annoy")
    answers["softmax"]["index"] = write_index(folder / "softmax.safetensors", "hnsw")
    item2vec.save_state(trainer.train(histories, epochs=2), folder / "word2vec.state")
    write_search(folder, histories)
    text = json.dumps(answers, sort_keys=True)
    (folder / "answers.json").write_text(text + "\n", encoding="utf-8")


def with_cold_items(vectors: ItemVectors) -> ItemVectors:
    """Add items that are in no history, with vectors predicted from their genres."""
    ids, titles, genres = zip(*NEW_ITEMS, strict=True)
    new = item2vec.Catalogue(ids, {"title": titles, "genres": genres})
    return vectors.with_cold_items(new, features=["genres"])


def answers_of(vectors: ItemVectors) -> dict[str, object]:
    """Return the recommendations and the neighbors that every later version must give."""
    ids = list(vectors)
    histories = [ids[:1], ids[3:6], ids[10:30], ids[-3:]]
    item_ids = [*ids[:5], *ids[-5:]]
    return {
        "recommend": [
            {"history": history, "found": [[r.id, r.score] for r in vectors.recommend(history, K)]}
            for history in histories
        ],
        "similar": neighbors_of(vectors, item_ids),
    }


def neighbors_of(
    vectors: ItemVectors, item_ids: list[str], index: AnyIndex | None = None
) -> dict[str, list[list[object]]]:
    """Return the nearest items of these items, with their cosines."""
    return {
        item_id: [[n.id, n.cosine] for n in vectors.most_similar(item_id, K, index=index)]
        for item_id in item_ids
    }


def write_index(model: Path, kind: str) -> dict[str, list[list[object]]]:
    """Write an index of this kind beside a model, and return the neighbors that it finds."""
    vectors = item2vec.load(model, verify=True)
    index = (
        item2vec.AnnoyNeighbors.build(vectors.item_vectors, trees=10)
        if kind == "annoy"
        else item2vec.HnswNeighbors.build(vectors.item_vectors)
    )
    indexes.write_index(index, model, model=vectors.metadata["checksum"])
    return neighbors_of(vectors, list(vectors)[:10], index)


def write_search(folder: Path, histories: item2vec.Histories) -> None:
    """Write a study of three trials, and the parameters file of its best one."""
    fitted, held_out = split_users(histories, held_out=0.2)
    protocol = item2vec.RandomProtocol()
    task = Task("item-knn", fitted, draw_cases(held_out, protocol, 0), protocol)
    study = folder / "parameters.toml.study"
    trials = search(task, study, trials=3)
    best = max(trials, key=lambda trial: trial.score or 0.0)
    origin = {"metric": task.metric, "held_out": 0.2, "seed": 0, "item-knn": {"trials": 3}}
    word2vec = {"vector_size": 16, "window": 4, "epochs": "auto", "alpha": 0.03}
    parameters = {"item-knn": to_parameters(task, best), "word2vec": word2vec}
    write_parameters(folder / "parameters.toml", parameters, origin)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
