"""Collaborative filtering with latent factors: a sparse table of ratings is filled in.

    python pipelines/latent_factors.py FOLDER    # of MovieLens: ratings and movies
    python pipelines/latent_factors.py           # synthetic ratings with known factors

Every user and every film has a vector, random at first. The dot product of the two, plus biases,
predicts a rating, and gradient descent on the squared error updates both, until the error on
held-out ratings stops falling. Nothing defines the meaning of the dimensions.
"""

from pathlib import Path

import click
import numpy as np
import pandas as pd

import item2vec
from item2vec.cli import OneLine

SHOWN = 8  # users and films of the table
RATED = 20  # number of ratings that a recommended film must have
SCORED = 0.1  # share of the ratings held out for scoring


def read(folder: Path) -> tuple[item2vec.Ratings, dict[str, str]]:
    """Return the ratings of a MovieLens folder, and the title of each film."""
    catalogue = item2vec.read_catalogue(folder / "movies.csv")
    titles = dict(zip(catalogue.ids, catalogue.titles or catalogue.ids, strict=True))
    return item2vec.read_ratings(folder / "ratings.csv"), titles


def invent(seed: int = 0) -> tuple[item2vec.Ratings, dict[str, str]]:
    """Return synthetic half-star ratings from two factors, biases, and noise of 0.5."""
    rng = np.random.default_rng(seed)
    users, films = 300, 120
    table = 3.2 + rng.normal(0, 0.4, (users, 1)) + rng.normal(0, 0.5, films)
    table += 0.5 * rng.standard_normal((users, 2)) @ rng.standard_normal((2, films))
    user, film = np.nonzero(rng.random(table.shape) < 0.3)
    rated = table[user, film] + rng.normal(0, 0.5, len(user))
    stars = np.clip(np.round(2 * rated) / 2, 0.5, 5)
    frame = pd.DataFrame({"user": user, "item": film, "rating": stars})
    return item2vec.read_ratings(frame), {str(film): f"Film {film}" for film in range(films)}


def rmse_of_mean(training: item2vec.Ratings, scored: item2vec.Ratings) -> float:
    """Return the RMSE of predicting the mean of all ratings for everybody."""
    return float(np.sqrt(np.mean((scored.values - training.values.mean()) ** 2)))


def learn(
    training: item2vec.Ratings, scored: item2vec.Ratings, *, sigmoid: bool
) -> tuple[item2vec.RatingModel, dict[str, float]]:
    """Return the model with factors, and the RMSE of each way on the ratings held out."""
    model = item2vec.MatrixFactorization(sigmoid=sigmoid).fit(training)
    # With so few parameters a larger learning rate is stable, and converges sooner.
    alone = item2vec.MatrixFactorization(vector_size=0, learning_rate=0.01).fit(training)
    scores = {
        "mean of all ratings": rmse_of_mean(training, scored),
        "biases alone": alone.rmse(scored),
        f"biases and {model.vector_size} factors": model.rmse(scored),
    }
    return model, scores


def show_table(table: pd.DataFrame, titles: dict[str, str], scored: pd.DataFrame) -> None:
    """Print a table with a dot for a missing rating and a star for a held-out one."""
    short = [titles.get(film, film)[:11].strip() for film in table.columns]
    print(f"{'user':>6}" + "".join(f"{title:>13}" for title in short))
    rows = zip(table.index, table.to_numpy(), ~np.isnan(scored.to_numpy()), strict=True)
    for user, ratings, stars in rows:
        cells = [
            ". " if np.isnan(rating) else f"{rating:.1f}{'*' if star else ' '}"
            for rating, star in zip(ratings, stars, strict=True)
        ]
        print(f"{user:>6}" + "".join(f"{cell:>13}" for cell in cells).rstrip())


def show_user(model: item2vec.RatingModel, user: str, titles: dict[str, str]) -> None:
    """Print a user's highest ratings, and the highest predicted ratings of other films."""
    ratings = model.ratings
    own = np.flatnonzero(ratings.users == ratings.user_places[user])
    best = own[np.argsort(-ratings.values[own], kind="stable")[:5]]
    print(f"\nHighest ratings of user {user}:")
    rated = [ratings.item_ids[item] for item in ratings.items.tolist()]
    for place in best:
        print(f"  {ratings.values[place]:.1f}  {titles.get(rated[place], rated[place])}")
    print(f"Highest predicted ratings of films that they have not rated and {RATED} others have:")
    for film in model.recommend(user, k=5, min_count=RATED):
        print(f"  {film.score:.1f}  {titles.get(film.id, film.id)}")


def show_biases(model: item2vec.RatingModel, titles: dict[str, str]) -> None:
    """Print the films with the largest and smallest biases: rated high or low by everybody."""
    order, ids = np.argsort(model.item_biases), model.ratings.item_ids
    for what, films in (("largest", order[::-1][:3]), ("smallest", order[:3])):
        named = "; ".join(
            f"{titles.get(ids[film], ids[film])} {model.item_biases[film]:+.2f}" for film in films
        )
        print(f"{what} biases: {named}")


def draw(
    holes: pd.DataFrame,
    filled: pd.DataFrame,
    model: item2vec.RatingModel,
    scores: dict[str, float],
    picture: Path,
) -> None:
    """Plot the sparse and the filled-in table, and the RMSE after each epoch."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 3.8), layout="constrained")
    left, middle, right = figure.subplots(1, 3, width_ratios=(1, 1, 1.3))
    for axes, table, title in ((left, holes, "ratings"), (middle, filled, "filled in")):
        image = axes.imshow(table.to_numpy(), vmin=model.low, vmax=model.high, cmap="viridis")
        axes.set(title=title, xlabel="films", ylabel="users", xticks=[], yticks=[])
    figure.colorbar(image, ax=(left, middle), label="rating", shrink=0.8)
    epochs = np.arange(1, 1 + len(model.validation_rmse))
    right.plot(epochs, model.validation_rmse, "o-", label="validation ratings (a tenth)")
    right.axvline(
        1 + np.argmin(model.validation_rmse), color="0.6", linestyle=":", label="best epoch"
    )
    for (name, score), style in zip(scores.items(), ("-", "--", "-."), strict=True):
        right.axhline(
            score, color="C1", linestyle=style, linewidth=1, label=f"test ratings: {name}"
        )
    right.set(xlabel="epoch", ylabel="RMSE", title="training")
    right.legend(frameon=False, fontsize=7)
    figure.savefig(picture, dpi=120)


@click.command(cls=OneLine)
@click.argument(
    "folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option("--sigmoid", is_flag=True, help="Squash predictions into the range of ratings.")
@click.option(
    "--output", type=click.Path(path_type=Path), default=Path("course"), show_default=True
)
def main(folder: Path | None, sigmoid: bool, output: Path) -> None:
    """Fill in the ratings of a MovieLens FOLDER."""
    output.mkdir(
        parents=True, exist_ok=True
    )  # a wrong path is reported before anything is computed
    ratings, titles = read(folder) if folder else invent()
    share = len(ratings) / (len(ratings.user_ids) * len(ratings.item_ids))
    print(f"{ratings}: {share:.1%} of the table.")
    print("Its densest corner; a dot is a missing rating:\n")
    corner = ratings.cross_tab(SHOWN, SHOWN)
    users, films = list(corner.index), list(corner.columns)
    training, scored = ratings.split(SCORED, seed=0)
    held_out = scored.cross_tab(len(ratings.user_ids), len(ratings.item_ids))
    held_out = held_out.reindex(index=users, columns=films)
    show_table(corner, titles, held_out)
    print("\n* a held-out rating.")

    model, scores = learn(training, scored, sigmoid=sigmoid)
    epochs = int(np.argmin(model.validation_rmse)) + 1
    print(f"\nThe RMSE of validation ratings is lowest after {epochs} epochs.")
    print(f"RMSE on {len(scored):,} held-out ratings:")
    for name, score in scores.items():
        print(f"  {score:.4f}  {name}")

    print("\nThe same corner, with all ratings predicted:\n")
    show_table(model.filled_in(users, films), titles, held_out)
    # Recommendations use all ratings.
    whole = item2vec.MatrixFactorization(epochs=epochs, sigmoid=sigmoid).fit(ratings)
    show_user(whole, users[0], titles)
    print()
    show_biases(whole, titles)

    picture = output / "latent_factors.png"
    wide = ratings.cross_tab(40, 40)
    draw(wide, model.filled_in(list(wide.index), list(wide.columns)), model, scores, picture)
    print(f"\nThe picture is in {picture}.")


if __name__ == "__main__":
    main()
