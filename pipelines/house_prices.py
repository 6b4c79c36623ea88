"""How do words become a house price? Through three dimensions whose meaning is learned.

    python pipelines/house_prices.py ADS.csv --text description --price price
    python pipelines/house_prices.py    # advertisements invented from a size and a location

The words of an advertisement are a sparse bag. An embedding layer sums their vectors of three
dimensions, a tanh follows, and a last layer predicts the price. Everything is trained end to end on
the error of the price alone; nothing defines the meaning of the three dimensions.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt
import pandas as pd

from item2vec.cli import OneLine
from item2vec.data import Histories, Vocabulary
from item2vec.errors import DataError, ParameterError
from item2vec.models import Bags
from item2vec.models.cold_items import as_number, fit_ridges, words
from item2vec.trainers import RowRMSprop

LATENT = 3
FEWEST_ADS = 3  # in which a word must occur
FEWEST, MOST = 50, 1e15  # smallest number of advertisements; a larger price is invalid
EPOCHS, PATIENCE, BATCH, RATE, L2 = 200, 10, 64, 0.01, 0.002
SCORED = 0.2  # share of the advertisements held out for scoring

Matrix = npt.NDArray[np.float32]

# Words for a size and for a location, from the lowest to the highest value.
SIZES = (
    "studio bedsit single compact cosy",
    "small one-bedroom starter balcony snug",
    "two-bedroom family practical semi-detached cellar",
    "three-bedroom spacious garage conservatory detached",
    "mansion estate five-bedroom stables ballroom",
)
LOCATIONS = (
    "motorway industrial flyover remote rundown",
    "outskirts commuter suburb bypass modest",
    "village quiet leafy school neighbourhood",
    "central lively cafe theatre tram",
    "seafront riverside prestigious cathedral panoramic",
)
FILLERS = (
    "lovely sunny call today viewing must-see renovated kitchen bathroom floor heating available"
)


@dataclass(frozen=True)
class Ads:
    """The words of advertisements and their prices; size and location if they are synthetic."""

    words: list[list[str]]
    prices: npt.NDArray[np.float64]
    truth: npt.NDArray[np.float64] | None = None  # (m, 2): size and location

    def __len__(self) -> int:
        return len(self.words)

    @property
    def logs(self) -> Matrix:
        """The logarithm of each price, float32 (m,)."""
        return np.log(self.prices).astype(np.float32)

    def take(self, places: npt.NDArray[np.int64]) -> "Ads":
        """Return the advertisements at these positions."""
        truth = None if self.truth is None else self.truth[places]
        return Ads([self.words[place] for place in places], self.prices[places], truth)

    def split(self, share: float, seed: int) -> tuple["Ads", "Ads"]:
        """Return two parts, the second one a random share."""
        order = np.random.default_rng(seed).permutation(len(self))
        n = round(share * len(order))
        return self.take(order[n:]), self.take(order[:n])

    def histories(self, vocabulary: Vocabulary) -> Histories:
        """Return the words that are in a vocabulary."""
        return Histories.from_lists(self.words, vocabulary=vocabulary).known()

    def bags(self, vocabulary: Vocabulary) -> Bags:
        """Return the words as an embedding bag, in which each of n words has weight 1 / sqrt(n)."""
        return to_bags(self.histories(vocabulary))


def to_bags(histories: Histories) -> Bags:
    """Return packed words as an embedding bag."""
    return Bags.of(histories.items, histories.offsets, power=0.5)


def invent(n: int = 4000, seed: int = 0) -> Ads:
    """Return synthetic advertisements, whose words depend on a size and a location from -1 to 1.

    The value of size depends on the location: a ballroom beside the motorway sells for little.
    """
    rng = np.random.default_rng(seed)
    truth = rng.uniform(-1, 1, (n, 2))
    size, location = truth.T
    logs = 12 + 0.6 * size + 0.4 * location + 0.6 * size * location + rng.normal(0, 0.1, n)
    lists = []
    for ad in range(n):
        chosen = [rng.choice(FILLERS.split(), 4, replace=False)]
        for value, kinds in ((size[ad], SIZES), (location[ad], LOCATIONS)):
            for _ in range(4):  # each word is close to the true value
                kind = np.clip(np.round(2 + 2 * value + rng.normal(0, 0.4)), 0, 4)
                chosen.append(rng.choice(kinds[int(kind)].split(), 1))
        lists.append(sorted(set(np.concatenate(chosen).tolist())))
    return Ads(lists, np.exp(logs), truth)


def read(path: Path, text: str, price: str) -> Ads:
    """Read a CSV file, and print how many rows are dropped for lack of a text or a price."""
    try:
        frame = pd.read_csv(path, dtype=str, na_filter=False, index_col=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is not a CSV file in UTF-8: {error}") from error
    for option, name in (("--text", text), ("--price", price)):
        if name not in frame.columns:
            raise ParameterError(
                f"{path} has no column {name!r}: it has {', '.join(frame.columns)}; name one with "
                f"{option}"
            )
    prices = np.array([to_price(value) for value in frame[price]])
    lists = [words(value, is_text=True) for value in frame[text]]
    kept = [place for place, found in enumerate(lists) if found and prices[place] > 0]
    print(f"{len(frame):,} advertisements, {len(frame) - len(kept):,} without a text or a price")
    if len(kept) < FEWEST:
        raise DataError(f"{len(kept)} advertisements are too few: at least {FEWEST} are needed")
    return Ads([lists[place] for place in kept], prices[kept])


def to_price(text: str) -> float:
    """Return the number in "$1,250.00", "1.250,00 EUR", "1 250" or "$1.2M".

    0 means that the text is not a price, for example if it has several numbers or a minus.
    """
    plain = as_number(text)
    if plain is not None and not re.fullmatch(r"\s*\d+[.,]\d{3}\s*", text):  # thousands, rather
        return plain if 0 < plain < MOST else 0.0
    found = re.findall(r"(-?)\s*[^\d\s-]{0,3}\s*(\d(?:[\d.,'\s]*\d)?)\s*([A-Za-z]*)", text)
    if len(found) != 1 or found[0][0]:
        return 0.0
    digits, after = re.sub(r"['\s]", "", found[0][1]), found[0][2].casefold()
    cents = re.search(r"[.,](\d{1,2})$", digits)  # three digits would be thousands
    whole = digits[: cents.start()] if cents else digits
    number = float(re.sub(r"[.,]", "", whole) + (f".{cents[1]}" if cents else ""))
    number *= {"k": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6, "millions": 1e6}.get(after, 1)
    return number if number < MOST else 0.0


def vocabulary_of(ads: Ads) -> Vocabulary:
    """Return the words that occur in several advertisements.

    Raises
    ------
    DataError
        If there is none.
    """
    vocabulary = Histories.from_lists(ads.words, min_count=FEWEST_ADS).vocabulary
    if len(vocabulary) == 0:
        raise DataError(f"no word occurs in {FEWEST_ADS} advertisements: nothing can be learned")
    return vocabulary


class Network:
    """A network from a bag of words through 3 dimensions to the logarithm of a price.

    With z the sum of the vectors of n words / sqrt(n), plus an offset, h = tanh(z), and the price
    is a linear function of h. Without the tanh the network is a linear function of the words, which
    needs only one direction: no other direction has a gradient.
    """

    def __init__(self, vocabulary: Vocabulary, *, has_tanh: bool = True, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.vocabulary, self.has_tanh = vocabulary, has_tanh
        n_words = len(vocabulary)
        self.words = 0.1 * rng.standard_normal((n_words, LATENT), dtype=np.float32)
        self.offset = np.zeros((1, LATENT), dtype=np.float32)
        self.last = 0.3 * rng.standard_normal((1, LATENT), dtype=np.float32)
        self.mean = np.zeros((1, 1), dtype=np.float32)
        parameters = (self.words, self.offset, self.last, self.mean)
        self.optimizers = [RowRMSprop(parameter) for parameter in parameters]

    def of(self, ads: Ads) -> Matrix:
        """Return the three numbers of each advertisement, float32 (m, 3)."""
        return self.latent(ads.bags(self.vocabulary))

    def latent(self, bags: Bags) -> Matrix:
        """Return h, float32 (m, 3)."""
        z = bags.sums(self.words) + self.offset
        return np.tanh(z) if self.has_tanh else z

    def predict(self, bags: Bags) -> Matrix:
        """Return the logarithm of each price, float32 (m,)."""
        return (self.latent(bags) @ self.last.T + self.mean)[:, 0]

    def gradients(self, bags: Bags, logs: Matrix) -> tuple[npt.NDArray[np.int32], list[Matrix]]:
        """Return the words of a batch, and the gradients of half the squared error.

        With e = h @ last.T + mean - log(price): d loss / d z = e * last * (1 - h²), and
        d loss / d last = e.T @ h.
        """
        h = self.latent(bags)
        error = h @ self.last.T + self.mean - logs[:, None]  # (m, 1)
        grad_z = error * self.last  # (m, 3)
        if self.has_tanh:
            grad_z *= 1 - h**2
        rows, grad_words = bags.gradient(grad_z)
        grad_offset = grad_z.sum(axis=0, keepdims=True)  # (1, 3)
        return rows, [grad_words, grad_offset, error.T @ h, error.sum(axis=0, keepdims=True)]

    def step(self, bags: Bags, logs: Matrix, rate: float) -> None:
        """Take a step of gradient descent."""
        rows, gradients = self.gradients(bags, logs)
        gradients[0] += L2 * len(bags) * self.words[rows]
        one = np.zeros(1, dtype=np.int32)
        places = (rows, one, one, one)
        for optimizer, at, gradient in zip(self.optimizers, places, gradients, strict=True):
            optimizer.count_step()
            optimizer.update(at, gradient, rate)

    def fit(self, ads: Ads, seed: int = 0) -> "Network":
        """Train until the error on a held-out tenth of the advertisements stops falling."""
        training, held_out = ads.split(0.1, seed)
        self.mean += training.logs.mean()
        packed = training.histories(self.vocabulary)
        held_out_bags = held_out.bags(self.vocabulary)
        rng = np.random.default_rng(seed)
        best, since = np.inf, 0
        kept = [optimizer.parameters.copy() for optimizer in self.optimizers]
        for _ in range(EPOCHS):
            order = rng.permutation(len(training))
            bags, logs = to_bags(packed.take(order)), training.logs[order]
            for start in range(0, len(bags), BATCH):
                self.step(bags.slice(start, start + BATCH), logs[start : start + BATCH], RATE)
            error = rmse(self.predict(held_out_bags), held_out)
            if error < best:
                best, since = error, 0
                kept = [optimizer.parameters.copy() for optimizer in self.optimizers]
            elif (since := since + 1) == PATIENCE:
                break
        for optimizer, parameters in zip(self.optimizers, kept, strict=True):
            optimizer.parameters[:] = parameters
        return self


def rmse(predicted: Matrix, ads: Ads) -> float:
    """Return the root mean squared error of the logarithm of the price."""
    return float(np.sqrt(np.mean((predicted - ads.logs) ** 2)))


def axes_of(
    latent: Matrix, logs: Matrix
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the principal axes, one in each row, (3, 3), and the share of variance along each.

    Prices rise along each axis.
    """
    centered = latent.astype(np.float64) - latent.mean(axis=0)
    _, lengths, axes = np.linalg.svd(centered, full_matrices=False)
    rising = (centered @ axes.T).T @ (logs - logs.mean()) >= 0
    return np.where(rising[:, None], axes, -axes), lengths**2 / np.square(lengths).sum()


def explained(latent: Matrix, truth: npt.NDArray[np.float64]) -> float:
    """Return R² of a linear regression of the true values on the three dimensions."""
    ones = np.column_stack([latent, np.ones(len(latent))])
    residual = truth - ones @ np.linalg.lstsq(ones, truth, rcond=None)[0]
    return float(1 - residual.var() / truth.var())


def ends(network: Network, axis: npt.NDArray[np.float64], k: int = 4) -> tuple[str, str]:
    """Return the words with the smallest and the largest coordinates along an axis."""
    along = network.words @ axis
    order = np.argsort(along)
    ids = network.vocabulary.ids
    low, high = order[:k], order[::-1][:k]
    return ", ".join(ids[row] for row in low), ", ".join(ids[row] for row in high)


def draw(network: Network, ads: Ads, picture: Path) -> None:
    """Plot the advertisements along the principal axes, colored by price."""
    from matplotlib.figure import Figure

    latent = network.of(ads)
    axes, shares = axes_of(latent, ads.logs)
    x, y, z = ((latent - latent.mean(axis=0)) @ axes.T).T
    figure = Figure(figsize=(11, 5.2), layout="constrained")
    room = figure.add_subplot(1, 2, 1, projection="3d")
    points = room.scatter(x, y, z, c=ads.prices, norm="log", cmap="viridis", s=6)
    figure.colorbar(points, ax=room, label="price", shrink=0.6, location="left")
    flat = figure.add_subplot(1, 2, 2)
    flat.scatter(x, y, c=ads.prices, norm="log", cmap="viridis", s=8)
    far = 1.1 * np.abs([x, y, z]).max(axis=1)
    for place, axis in enumerate(axes):
        for side, ends_words in zip((-1, 1), ends(network, axis, k=2), strict=True):
            at = np.eye(3)[place] * far * side
            room.text(*at, ends_words.replace(", ", "\n"), fontsize=7, ha="center")
    (left, right), (below, above) = (ends(network, axis) for axis in axes[:2])
    flat.set_xlabel(f"← {left}      {right} →\n1st axis, {shares[0]:.0%}", fontsize=8)
    flat.yaxis.tick_right()
    flat.yaxis.set_label_position("right")
    flat.set_ylabel(f"← {below}      {above} →\n2nd axis, {shares[1]:.0%}", fontsize=8)
    room.set(xlabel=f"1st, {shares[0]:.0%}", ylabel=f"2nd, {shares[1]:.0%}")
    room.set_zlabel(f"3rd, {shares[2]:.0%}")
    figure.suptitle(f"{len(ads):,} held-out advertisements")
    figure.savefig(picture, dpi=120)


def show_errors(network: Network, training: Ads, scored: Ads) -> dict[str, float]:
    """Print the error of each method on held-out advertisements."""
    words_of = training.histories(network.vocabulary).to_csr()
    ridge = fit_ridges(words_of, {"logs": training.logs[:, None]})["logs"]
    ways = {
        "the median price": np.full_like(scored.logs, np.median(training.logs)),
        "ridge regression on the words": ridge.predict(
            scored.histories(network.vocabulary).to_csr()
        )[:, 0],
        "three dimensions and a tanh": network.predict(scored.bags(network.vocabulary)),
    }
    print(f"On {len(scored):,} held-out advertisements:")
    for name, predicted in ways.items():
        off = np.median(np.abs(np.exp(predicted - scored.logs) - 1))
        print(f"  RMSE of log price {rmse(predicted, scored):.3f}, median error {off:4.0%}: {name}")
    return {name: rmse(predicted, scored) for name, predicted in ways.items()}


@click.command(cls=OneLine)
@click.argument(
    "ads_file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--text", default="description", show_default=True, help="Column of the words.")
@click.option("--price", default="price", show_default=True, help="Column of the prices.")
@click.option(
    "--output", type=click.Path(path_type=Path), default=Path("course"), show_default=True
)
def main(ads_file: Path | None, text: str, price: str, output: Path) -> None:
    """Learn prices from the words of the advertisements in ADS_FILE, a CSV."""
    output.mkdir(
        parents=True, exist_ok=True
    )  # a wrong path is reported before anything is computed
    ads = read(ads_file, text, price) if ads_file else invent()
    training, scored = ads.split(SCORED, seed=0)
    vocabulary = vocabulary_of(training)
    print(f"{len(training):,} advertisements of {len(vocabulary):,} different words to learn from.")
    network = Network(vocabulary).fit(training)
    show_errors(network, training, scored)

    latent = network.of(scored)
    axes, shares = axes_of(latent, scored.logs)
    print("\nPrincipal axes of the three dimensions, with their share of the variance:")
    for axis, share in zip(axes, shares, strict=True):
        low, high = ends(network, axis)
        print(f"  {share:4.0%}  {low}  ←→  {high}")
    straight = Network(vocabulary, has_tanh=False).fit(training)
    without = axes_of(straight.of(scored), scored.logs)[1]
    error = rmse(straight.predict(scored.bags(vocabulary)), scored)
    print(
        f"Without the tanh the shares are {', '.join(f'{share:.1%}' for share in without)}, and "
        f"the RMSE is {error:.3f}."
    )
    if scored.truth is not None:
        for name, column in zip(("size", "location"), scored.truth.T, strict=True):
            print(
                f"A linear regression on the three dimensions predicts the true {name} with R² = "
                f"{explained(latent, column):.2f}; without the tanh "
                f"{explained(straight.of(scored), column):.2f}."
            )

    picture = output / "house_prices.png"
    draw(network, scored, picture)
    print(f"\nThe picture is in {picture}.")


if __name__ == "__main__":
    main()
