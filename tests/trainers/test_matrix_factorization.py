"""Matrix factorization: its gradient, what it recovers, and users and items without ratings."""

import numpy as np
import pandas as pd
import pytest

from item2vec.data.ratings import Ratings
from item2vec.errors import DataError, ParameterError, UnknownItemError
from item2vec.reading.ratings import read_ratings
from item2vec.trainers.matrix_factorization.trainer import MatrixFactorization, best_epoch
from item2vec.trainers.matrix_factorization.training_run import RunSettings, TrainingRun


def made(n_users=60, n_items=40, share=0.5, rank=2, noise=0.0, seed=0, offset=3.0, scale=1.0):
    """Return ratings that are a sum of biases and a product of factors, and the whole table."""
    rng = np.random.default_rng(seed)
    table = offset + 0.5 * rng.standard_normal((n_users, 1)) + 0.5 * rng.standard_normal(n_items)
    table = table + scale * rng.standard_normal((n_users, rank)) @ rng.standard_normal(
        (rank, n_items)
    )
    places = rng.choice(table.size, size=round(share * table.size), replace=False)
    users, items = (places // n_items).astype(np.int32), (places % n_items).astype(np.int32)
    values = table[users, items] + noise * rng.standard_normal(len(places))
    ids = tuple(map(str, range(n_users))), tuple(map(str, range(n_items)))
    return Ratings(users, items, values.astype(np.float32), *ids), table


@pytest.mark.parametrize("sigmoid", [False, True])
def test_the_gradient_is_that_of_finite_differences(sigmoid):
    ratings, _ = made(6, 5, rank=1)
    settings = RunSettings(vector_size=3, learning_rate=0.1, l2=0.3, bias_l2=0.2, sigmoid=sigmoid)
    run = TrainingRun(settings, ratings, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    for side in (run.users, run.items):  # float64, in which differences are precise
        side.vectors = rng.standard_normal(side.vectors.shape)
        side.biases = rng.standard_normal(side.biases.shape)

    def loss():
        users, items = ratings.users, ratings.items
        p, q = run.users.vectors[users], run.items.vectors[items]
        b, c = run.users.biases[users, 0], run.items.biases[items, 0]
        z = run.mean + b + c + (p * q).sum(axis=1)
        if sigmoid:
            z = run.low + (run.high - run.low) / (1 + np.exp(-z))
        squares = 0.3 * (p**2 + q**2).sum(axis=1) + 0.2 * (b**2 + c**2)
        return ((z - run.values) ** 2 + squares).sum() / 2

    gradients = run.gradients(np.arange(len(ratings)))
    for side, found in zip((run.users, run.items), gradients, strict=True):
        for name in ("vectors", "biases"):
            parameters = getattr(side, name)
            whole = np.zeros_like(parameters)
            np.add.at(whole, side.rows, getattr(found, name))
            for place in np.ndindex(parameters.shape):
                before = parameters[place]
                parameters[place] = before + 1e-5
                above = loss()
                parameters[place] = before - 1e-5
                numeric = (above - loss()) / 2e-5
                parameters[place] = before
                assert whole[place] == pytest.approx(numeric, rel=1e-3, abs=1e-3)


def test_biases_alone_are_those_of_ridge_regression():
    ratings, _ = made(30, 20, rank=1, noise=0.1)
    n_users, n_items = 30, 20
    rows = np.zeros((len(ratings), n_users + n_items))
    rows[np.arange(len(ratings)), ratings.users] = 1
    rows[np.arange(len(ratings)), n_users + ratings.items] = 1
    weights = np.diag(0.02 * rows.sum(axis=0))  # the penalty counts for every rating
    mean = ratings.values.mean()
    exact = np.linalg.solve(rows.T @ rows + weights, rows.T @ (ratings.values - mean))
    model = MatrixFactorization(vector_size=0, epochs=2000, learning_rate=0.005).fit(ratings)
    np.testing.assert_allclose(model.user_biases, exact[:n_users], atol=0.03)
    np.testing.assert_allclose(model.item_biases, exact[n_users:], atol=0.03)
    assert model.vector_size == 0


def test_a_table_of_low_rank_is_recovered():
    ratings, table = made(120, 80, share=0.4)
    known = np.zeros(table.shape, dtype=bool)
    known[ratings.users, ratings.items] = True
    trainer = MatrixFactorization(vector_size=4, l2=0.003, learning_rate=0.01, epochs=150)
    model = trainer.fit(ratings)
    filled = model.filled_in(ratings.user_ids, ratings.item_ids).to_numpy()
    inside = (table > model.low) & (table < model.high) & ~known
    errors = (filled - table)[inside]
    assert np.sqrt((errors**2).mean()) < 0.2 * table[inside].std()
    alone = MatrixFactorization(vector_size=0).fit(ratings).filled_in(*model_ids(model)).to_numpy()
    assert np.abs(errors).mean() < 0.3 * np.abs((alone - table)[inside]).mean()


def model_ids(model):
    return model.ratings.user_ids, model.ratings.item_ids


def test_training_stops_when_the_validation_error_stops_falling():
    ratings, _ = made(80, 60, share=0.3, noise=1.0)
    trainer = MatrixFactorization(vector_size=16, l2=0.0, learning_rate=0.02, patience=4)
    model = trainer.fit(ratings)
    scores = model.validation_rmse
    assert len(scores) == best_epoch(scores) + 4
    training, held_out = ratings.split(0.1, seed=0)
    best = MatrixFactorization(
        vector_size=16, l2=0.0, learning_rate=0.02, epochs=best_epoch(scores)
    )
    assert best.fit(training).rmse(held_out) == pytest.approx(min(scores), rel=1e-5)


def test_the_same_seed_gives_the_same_model_and_progress_ends_at_its_end():
    ratings, _ = made(20, 20)
    calls = []
    first = MatrixFactorization(vector_size=3).fit(ratings, progress=lambda *n: calls.append(n))
    again = MatrixFactorization(vector_size=3).fit(ratings)
    other = MatrixFactorization(vector_size=3, seed=1).fit(ratings)
    np.testing.assert_array_equal(first.item_vectors, again.item_vectors)
    assert not np.array_equal(first.item_vectors, other.item_vectors)
    assert calls[-1][0] == calls[-1][1]
    assert [done for done, _ in calls] == list(range(1, len(calls) + 1))


def test_predictions_are_the_formula_within_the_range_of_the_ratings():
    ratings, _ = made(20, 10)
    model = MatrixFactorization(vector_size=3, epochs=5).fit(ratings)
    users, items = ["3", "3", "19"], ["7", "0", "7"]
    places = np.array([3, 3, 19]), np.array([7, 0, 7])
    expected = (
        model.mean
        + model.user_biases[places[0]]
        + model.item_biases[places[1]]
        + (model.user_vectors[places[0]] * model.item_vectors[places[1]]).sum(axis=1)
    )
    low, high = ratings.values.min(), ratings.values.max()
    np.testing.assert_allclose(model.predict(users, items), expected.clip(low, high), rtol=1e-5)
    filled = model.filled_in(["19", "3"], ["7"])
    assert filled.loc["19", "7"] == pytest.approx(model.predict(["19"], ["7"])[0], rel=1e-6)
    assert model.item_factors().loc["7"].to_numpy() == pytest.approx(model.item_vectors[7])
    assert (model.low, model.high) == (low, high)


def test_a_sigmoid_keeps_predictions_strictly_inside_its_wider_range():
    ratings, _ = made(30, 20, scale=2.0)
    model = MatrixFactorization(vector_size=3, epochs=30, learning_rate=0.05, sigmoid=True).fit(
        ratings
    )
    low, high = float(ratings.values.min()), float(ratings.values.max())
    assert model.low == pytest.approx(low - 0.1 * (high - low))
    assert model.high == pytest.approx(high + 0.1 * (high - low))
    table = model.filled_in(ratings.user_ids, ratings.item_ids).to_numpy()
    assert model.low < table.min()
    assert table.max() < model.high


def test_recommendations_are_the_best_items_that_a_user_has_not_rated():
    ratings, _ = made(20, 15, share=0.6)
    model = MatrixFactorization(vector_size=3, epochs=30, learning_rate=0.02).fit(ratings)
    rated = set(ratings.items[ratings.users == 4].tolist())
    found = model.recommend("4", k=15)
    assert {int(each.id) for each in found} == set(range(15)) - rated
    predicted = model.predict(["4"] * len(found), [each.id for each in found])
    np.testing.assert_allclose([each.score for each in found], predicted, rtol=1e-5)
    assert sorted(predicted, reverse=True) == pytest.approx(predicted)
    counts = np.bincount(ratings.items, minlength=15)
    often = int(np.median(counts))
    frequent = [each.id for each in model.recommend("4", k=15, min_count=often)]
    assert frequent == [each.id for each in found if counts[int(each.id)] >= often]
    assert len(frequent) < len(found)


def test_an_item_without_ratings_is_predicted_by_the_bias_of_the_user():
    frame = pd.DataFrame({"user": list("aabb"), "item": list("xyxy"), "rating": [5, 3, 4, 2]})
    whole = read_ratings(frame)
    model = MatrixFactorization(vector_size=2, epochs=200, learning_rate=0.01).fit(
        whole.take(np.flatnonzero(whole.items == 0))
    )
    a, b = model.predict(["a", "b"], ["y", "y"])
    assert a == pytest.approx(model.mean + model.user_biases[0])
    assert a > b
    assert not model.item_vectors[1].any()


def test_a_constant_rating_is_predicted():
    frame = pd.DataFrame({"user": list("aabb"), "item": list("xyxy"), "rating": [4] * 4})
    for sigmoid in (False, True):
        model = MatrixFactorization(epochs=3, sigmoid=sigmoid).fit(read_ratings(frame))
        assert model.predict(["a"], ["y"])[0] == pytest.approx(4, abs=0.05)


def test_wrong_arguments_are_refused():
    ratings, _ = made(20, 10)
    model = MatrixFactorization(vector_size=2, epochs=2).fit(ratings)
    with pytest.raises(UnknownItemError, match="item '99' is not among the ratings"):
        model.predict(["1"], ["99"])
    with pytest.raises(ParameterError, match="user 'Ann'"):
        model.recommend("Ann")
    with pytest.raises(ParameterError, match="2 users and 1 items"):
        model.predict(["1", "2"], ["1"])
    with pytest.raises(ParameterError, match=r"write \['12'\]"):
        model.predict("12", "34")
    with pytest.raises(ParameterError, match="write '1', not 1"):
        model.predict([1], ["1"])
    with pytest.raises(ParameterError, match="write '1', not 1"):
        model.filled_in(["1"], [1])
    for k in (0, -1):
        with pytest.raises(ParameterError, match="k must be at least 1"):
            model.recommend("1", k=k)
    with pytest.raises(DataError, match="no ratings to compare"):
        model.rmse(ratings.take(np.arange(0)))
    with pytest.raises(DataError, match="other users or items"):
        model.rmse(made(21, 10)[0])
    with pytest.raises(DataError, match="no ratings"):
        MatrixFactorization().fit(ratings.take(np.arange(0)))
    with pytest.raises(DataError, match="DataFrame: use read_ratings"):
        MatrixFactorization().fit(pd.DataFrame())
    with pytest.raises(DataError, match="or set epochs"):
        MatrixFactorization().fit(ratings.take(np.arange(3)))
    with pytest.raises(ParameterError, match="vector_size"):
        MatrixFactorization(vector_size=-1)


def test_the_scale_of_ratings_does_not_matter():
    ratings, _ = made(60, 40, noise=0.3)
    trainer = MatrixFactorization(vector_size=4, epochs=60, learning_rate=0.01)
    whole = trainer.fit(ratings)
    for factor, shift in ((100.0, 0.0), (0.01, 50.0)):
        values = (factor * ratings.values + shift).astype(np.float32)
        other = Ratings(ratings.users, ratings.items, values, ratings.user_ids, ratings.item_ids)
        found = trainer.fit(other).predict_rows(ratings.users, ratings.items)
        expected = factor * whole.predict_rows(ratings.users, ratings.items) + shift
        np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-3 * factor)


def test_the_largest_learning_rate_keeps_numbers_finite():
    ratings, _ = made(20, 10)
    model = MatrixFactorization(learning_rate=1, l2=0, bias_l2=0, epochs=300).fit(ratings)
    assert np.isfinite(model.item_vectors).all()
    assert np.isfinite(model.filled_in(*model_ids(model)).to_numpy()).all()
