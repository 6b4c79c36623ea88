"""Messages quote at most 200 characters of a value, in one line."""

import numpy as np
import pytest

import item2vec
from item2vec._support.messages import MOST_QUOTED
from item2vec.data.catalogue import Catalogue
from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import Item2VecError
from item2vec.evaluation.metrics import parse_metric
from item2vec.experiments import registry
from item2vec.models.cold_items.features import Features

LONG = "x\ny" * 5000
TITLED = Catalogue(("1", LONG, "3"), {"title": ("Up", LONG, LONG)})

ASKS = {
    "unknown id": lambda vectors: vectors.find(LONG),
    "unknown title": lambda vectors: vectors.find(LONG, title_only=True),
    "number for an id": lambda vectors: vectors.find([1] * 5000),
    "text for a history": lambda vectors: vectors.recommend(LONG),
    "ambiguous title": lambda vectors: TITLED.find(LONG, title_only=True),
    "nearest titles": lambda vectors: TITLED.find(LONG[:-1]),
    "id in a vocabulary": lambda vectors: vectors.vocabulary.row(LONG),
    "ids of a vocabulary": lambda vectors: Vocabulary([[1] * 5000], [1]),
    "ids of a catalogue": lambda vectors: Catalogue(([1] * 5000,), {}),
    "column of a catalogue": lambda vectors: Catalogue(("1",), {LONG: ()}),
    "items of histories": lambda vectors: Histories.from_lists([[[1] * 5000]]),
    "histories": lambda vectors: Histories.from_lists([LONG]),
    "fit on text": lambda vectors: item2vec.Word2Vec().fit(LONG),
    "repeated": lambda vectors: _interactions(LONG),
    "value of a parameter": lambda vectors: item2vec.Word2Vec(window=LONG),
    "range of a parameter": lambda vectors: item2vec.Word2Vec(window=10**4000),
    "range beyond what is written": lambda vectors: item2vec.Word2Vec(window=10**5000),
    "array for a parameter": lambda vectors: item2vec.Word2Vec(epochs=np.arange(5000)),
    "name of a parameter": lambda vectors: item2vec.Word2Vec.from_mapping({LONG: 1}),
    "recommender": lambda vectors: registry.make(LONG),
    "metric": lambda vectors: parse_metric(LONG),
    "feature": lambda vectors: Features.of(TITLED, [LONG]),
    "metadata": lambda vectors: _with_metadata(vectors, {"min_count": LONG}),
    "catalogue of others": lambda vectors: vectors.with_catalogue(Catalogue((LONG,), {})),
}


def _interactions(repeated):
    one = np.array([0], np.int32), np.array([0, 1], np.int64)
    return item2vec.Interactions(*one, ("a",), ("u",)).to_histories(repeated=repeated)


def _with_metadata(vectors, metadata):
    arrays = vectors.item_vectors, vectors.context_vectors, vectors.bias
    return item2vec.ItemVectors(vectors.vocabulary, *arrays, power=1.0, metadata=metadata)


@pytest.mark.parametrize("what", ASKS)
def test_a_message_quotes_no_more_of_a_value_than_a_person_reads(small_vectors, what):
    with pytest.raises(Item2VecError) as caught:
        ASKS[what](small_vectors)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 5 * MOST_QUOTED
