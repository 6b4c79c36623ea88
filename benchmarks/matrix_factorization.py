"""Matrix factorization against scikit-surprise's SVD, tuned, and against biases alone.

    pip install scikit-surprise optuna    # for this benchmark only
    python benchmarks/matrix_factorization.py RATINGS [--seeds 5] [--trials 30]

For each seed a random tenth of the ratings is held out. SVD is tuned by `--trials` trials of optuna
on a tenth of the rest, then fitted on all the rest with the best parameters; item2vec has its
defaults. The target: a held-out RMSE within 1 % of SVD's, and below that of biases alone.
"""

import time
from collections.abc import Callable
from typing import Any

import click
import numpy as np

from item2vec.data.ratings import Ratings
from item2vec.reading.ratings import read_ratings
from item2vec.trainers.matrix_factorization.trainer import MatrixFactorization


def svd_rmse(training: Ratings, held_out: Ratings, parameters: dict[str, Any]) -> float:
    """Fit scikit-surprise's SVD and return its RMSE on the ratings held out."""
    import pandas as pd
    import surprise

    scale = float(training.values.min()), float(training.values.max())
    frame = pd.DataFrame(
        {"user": training.users, "item": training.items, "rating": training.values.astype(float)}
    )
    data = surprise.Dataset.load_from_df(frame, surprise.Reader(rating_scale=scale))
    model = surprise.SVD(random_state=0, **parameters).fit(data.build_full_trainset())
    pairs = zip(held_out.users.tolist(), held_out.items.tolist(), strict=True)
    predicted = [model.predict(user, item).est for user, item in pairs]
    return float(np.sqrt(np.mean((predicted - held_out.values) ** 2)))


def tuned(training: Ratings, trials: int, seed: int) -> dict[str, Any]:
    """Return the parameters of SVD that are best on a tenth of the training ratings."""
    import optuna

    fitted, validation = training.split(0.1, seed=seed)

    def objective(trial: optuna.Trial) -> float:
        parameters = {
            "n_factors": trial.suggest_categorical("n_factors", [16, 32, 64, 128]),
            "n_epochs": trial.suggest_int("n_epochs", 10, 120, log=True),
            "lr_all": trial.suggest_float("lr_all", 0.002, 0.03, log=True),
            "reg_all": trial.suggest_float("reg_all", 0.01, 0.2, log=True),
        }
        return svd_rmse(fitted, validation, parameters)

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(objective, n_trials=trials)
    return study.best_params


def timed(work: Callable[[], float]) -> tuple[float, float]:
    """Return the result of some work, and its seconds."""
    begun = time.perf_counter()
    return work(), time.perf_counter() - begun


def compare(ratings: Ratings, trials: int, seed: int) -> tuple[float, float]:
    """Print a line for one seed, and return the ratios ours / SVD and ours / biases alone."""
    training, held_out = ratings.split(0.1, seed=seed)
    best = tuned(training, trials, seed)
    ours, ours_seconds = timed(lambda: MatrixFactorization().fit(training).rmse(held_out))
    svd, svd_seconds = timed(lambda: svd_rmse(training, held_out, best))
    biases = MatrixFactorization(vector_size=0).fit(training).rmse(held_out)
    shown = ", ".join(f"{name} {value:.3g}" for name, value in best.items())
    print(
        f"{seed:>4}{ours:>9.4f}{biases:>9.4f}{svd:>9.4f}{ours / svd:>10.4f}"
        f"{ours_seconds:>7.1f}{svd_seconds:>7.1f}  {shown}",
        flush=True,
    )
    return ours / svd, ours / biases


@click.command()
@click.argument("path", metavar="RATINGS")
@click.option("--seeds", default=5, show_default=True)
@click.option("--trials", default=30, show_default=True)
def main(path: str, seeds: int, trials: int) -> None:
    """Print the RMSE of each method by seed, and the mean ratios."""
    ratings = read_ratings(path)
    print(f"{ratings}, a tenth held out")
    print("seed     ours   biases      SVD  ours/SVD    s ours, SVD  SVD's parameters")
    ratios = np.array([compare(ratings, trials, seed) for seed in range(seeds)])
    svd, biases = ratios.mean(axis=0)
    most_svd, most_biases = ratios.max(axis=0)
    print(f"ours / SVD: {svd:.4f}, at most {most_svd:.4f} (target: 1.01)")
    print(f"ours / biases alone: {biases:.4f}, at most {most_biases:.4f} (target: below 1)")


if __name__ == "__main__":
    main()
