"""Collaborative filtering by latent factors: a table of ratings with holes is filled in.

    python pipelines/latent_factors.py FOLDER    # of MovieLens: ratings and movies
    python pipelines/latent_factors.py           # ratings invented from factors that are known

Every user and every film gets a few numbers, random at first. A rating is predicted by the dot
product of the two, and what it was teaches both by a gradient step: until ratings that were held
out are predicted no better. Nobody says what the numbers mean.
"""

from pathlib import Path

import click
import numpy as np
import pandas as pd

import item2vec
from item2vec.cli.errors import OneLine

SHOWN = 8  # users and films of the table
RATED = 20  # ratings that a film needs to be recommended
SCORED = 0.1  # share of the ratings that nothing learns from


def read(folder: Path) -> tuple[item2vec.Ratings, dict[str, str]]:
    """Return the ratings of a MovieLens folder, and the title of each film."""
    catalogue = item2vec.read_catalogue(folder / "movies.csv")
    titles = dict(zip(catalogue.ids, catalogue.titles or catalogue.ids, strict=True))
    return item2vec.read_ratings(folder / "ratings.csv"), titles


def invent(seed: int = 0) -> tuple[item2vec.Ratings, dict[str, str]]:
    """Return half-star ratings that come of two factors, biases, and a noise of 0.5."""
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
    """Return the RMSE of predicting the same for everybody: the mean of all ratings."""
    return float(np.sqrt(np.mean((scored.values - training.values.mean()) ** 2)))


def learn(
    training: item2vec.Ratings, scored: item2vec.Ratings, *, sigmoid: bool
) -> tuple[item2vec.RatingModel, dict[str, float]]:
    """Return the model with factors, and the RMSE of each way on the ratings held out."""
    model = item2vec.MatrixFactorization(sigmoid=sigmoid).fit(training)
    # So few parameters can take larger steps, and are where they belong sooner.
    alone = item2vec.MatrixFactorization(vector_size=0, learning_rate=0.01).fit(training)
    scores = {
        "the mean for everybody": rmse_of_mean(training, scored),
        "biases alone": alone.rmse(scored),
        f"biases and {model.vector_size} factors": model.rmse(scored),
    }
    return model, scores


def show_table(table: pd.DataFrame, titles: dict[str, str], scored: pd.DataFrame) -> None:
    """Print a cross-tab: a dot where nobody has rated, a star where a rating was held out."""
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
    """Print what a user likes most of what they saw, and of what they did not see."""
    ratings = model.ratings
    own = np.flatnonzero(ratings.users == ratings.user_places[user])
    best = own[np.argsort(-ratings.values[own], kind="stable")[:5]]
    print(f"\nUser {user} gave most to:")
    rated = [ratings.item_ids[item] for item in ratings.items.tolist()]
    for place in best:
        print(f"  {ratings.values[place]:.1f}  {titles.get(rated[place], rated[place])}")
    print(f"and would give most, of what they have not seen and {RATED} others have, to:")
    for film in model.recommend(user, k=5, min_count=RATED):
        print(f"  {film.score:.1f}  {titles.get(film.id, film.id)}")


def show_biases(model: item2vec.RatingModel, titles: dict[str, str]) -> None:
    """Print the films with the largest and smallest biases: good or bad, whoever watches."""
    order, ids = np.argsort(model.item_biases), model.ratings.item_ids
    for what, films in (("best", order[::-1][:3]), ("worst", order[:3])):
        named = "; ".join(
            f"{titles.get(ids[film], ids[film])} {model.item_biases[film]:+.2f}" for film in films
        )
        print(f"{what} whoever watches: {named}")


def draw(
    holes: pd.DataFrame,
    filled: pd.DataFrame,
    model: item2vec.RatingModel,
    scores: dict[str, float],
    picture: Path,
) -> None:
    """Draw the table with holes and without, and the RMSE as the epochs go by."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 3.8), layout="constrained")
    left, middle, right = figure.subplots(1, 3, width_ratios=(1, 1, 1.3))
    for axes, table, title in ((left, holes, "what was rated"), (middle, filled, "filled in")):
        image = axes.imshow(table.to_numpy(), vmin=model.low, vmax=model.high, cmap="viridis")
        axes.set(title=title, xlabel="films", ylabel="users", xticks=[], yticks=[])
    figure.colorbar(image, ax=(left, middle), label="rating", shrink=0.8)
    epochs = np.arange(1, 1 + len(model.validation_rmse))
    right.plot(epochs, model.validation_rmse, "o-", label="a tenth held out, after each epoch")
    right.axvline(1 + np.argmin(model.validation_rmse), color="0.6", linestyle=":", label="kept")
    for (name, score), style in zip(scores.items(), ("-", "--", "-."), strict=True):
        right.axhline(score, color="C1", linestyle=style, linewidth=1, label=f"scored: {name}")
    right.set(xlabel="epoch", ylabel="RMSE", title="until it stops falling")
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
    output.mkdir(parents=True, exist_ok=True)  # what is wrong with it is told first
    ratings, titles = read(folder) if folder else invent()
    share = len(ratings) / (len(ratings.user_ids) * len(ratings.item_ids))
    print(f"{ratings}: {share:.1%} of the table.")
    print("The best filled corner of it; a dot is a hole:\n")
    corner = ratings.cross_tab(SHOWN, SHOWN)
    users, films = list(corner.index), list(corner.columns)
    training, scored = ratings.split(SCORED, seed=0)
    held_out = scored.cross_tab(len(ratings.user_ids), len(ratings.item_ids))
    held_out = held_out.reindex(index=users, columns=films)
    show_table(corner, titles, held_out)
    print("\n* a rating that nothing learns from.")

    model, scores = learn(training, scored, sigmoid=sigmoid)
    epochs = int(np.argmin(model.validation_rmse)) + 1
    print(f"\n{epochs} passes over the ratings; after that, ratings held out were predicted worse.")
    print(f"RMSE on {len(scored):,} ratings that nothing learned from:")
    for name, score in scores.items():
        print(f"  {score:.4f}  {name}")

    print("\nThe same corner, everything predicted:\n")
    show_table(model.filled_in(users, films), titles, held_out)
    # What a person has not seen is told by all that they have rated.
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
