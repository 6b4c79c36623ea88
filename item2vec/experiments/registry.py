"""The names by which trainers and baselines are asked for. A new one adds a line here."""

import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from item2vec._support.atomic_files import check_replaceable, replaced
from item2vec._support.messages import shown
from item2vec.baselines.ease import EASE
from item2vec.baselines.gensim_defaults import GensimDefaults
from item2vec.baselines.ials import IALS
from item2vec.baselines.item_knn import ItemKNN
from item2vec.baselines.non_personalized import Popularity, Random
from item2vec.errors import DataError, MissingExtraError, ParameterError
from item2vec.evaluation.held_out_users import SplitProtocol
from item2vec.parameters import Parameters
from item2vec.trainers.softmax.trainer import Softmax
from item2vec.trainers.word2vec.trainer import Word2Vec

# What learns item vectors that can be stored ...
TRAINERS: dict[str, type[Parameters]] = {
    "word2vec": Word2Vec,
    "softmax": Softmax,
}
# ... and what they are held against.
BASELINES: dict[str, type[Parameters]] = {
    "popularity": Popularity,
    "item-knn": ItemKNN,
    "ease": EASE,
    "ials": IALS,
    "gensim-defaults": GensimDefaults,
    "random": Random,
}
RECOMMENDERS = TRAINERS | BASELINES

LARGEST = 1 << 20  # bytes of a parameters file
ORIGIN = "tuned"  # the table of a parameters file that tells where its values come from


def make(
    name: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    validation: SplitProtocol | None = None,
    seed: int = 0,
) -> Any:
    """Make the trainer or baseline of this name.

    Parameters
    ----------
    name : str
        One of `RECOMMENDERS`.
    parameters : mapping, optional
        Its parameters by name.
    validation : SplitProtocol, optional
        How it splits the validation users that it chooses a parameter on, if it does.
    seed : int
        Added to its own default seed where `parameters` name none, so that 0 leaves it as it is.

    Raises
    ------
    ParameterError
        If there is no such name or parameter, or a value is outside its range.
    """
    if name not in RECOMMENDERS:
        raise ParameterError(
            f"there is no recommender {shown(name)}: choose from {', '.join(RECOMMENDERS)}"
        )
    made: Any = RECOMMENDERS[name].from_mapping(parameters or {})
    changed: dict[str, Any] = {}
    for field in fields(RECOMMENDERS[name]):
        if field.name == "validation" and validation:
            changed["validation"] = validation
        if field.name == "seed" and seed and "seed" not in (parameters or {}):
            changed["seed"] = made.seed + seed
    return replace(made, **changed)


def read_parameters(path: str | Path) -> dict[str, dict[str, Any]]:
    """Read a parameters file: TOML with a table for each trainer or baseline.

    ::

        [word2vec]
        window = 5

    A table [tuned] tells how they were found, and is passed over here.

    Raises
    ------
    DataError
        If it can't be read.
    ParameterError
        If it names what does not exist.
    """
    tables = _read_toml(path)
    if not isinstance(tables.pop(ORIGIN, {}), dict):
        raise DataError(f"{path}: {ORIGIN} must be a table, [{ORIGIN}]: mend it there")
    for name, values in tables.items():
        if name not in RECOMMENDERS or not isinstance(values, dict):
            raise ParameterError(
                f"{path}: [{name}] is no recommender: write a table [NAME] for any of "
                f"{', '.join(RECOMMENDERS)}"
            )
        try:
            make(name, values)  # a wrong value is told now, not after an hour
        except ParameterError as error:
            raise ParameterError(f"{path}: [{name}]: {error}") from error
    return tables


def _read_toml(path: str | Path) -> dict[str, Any]:
    """Read a TOML file of bounded size; raise DataError if it can't be read or is none."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise DataError(f"{path} can't be read: {error.strerror}: name a TOML file") from error
    if len(content) > LARGEST:
        raise DataError(f"{path} has more than {LARGEST:,} bytes: name a file of parameters")
    try:
        return tomllib.loads(content.decode())
    except RecursionError as error:
        raise DataError(f"{path} is nested too deeply: name a file of parameters") from error
    except ValueError as error:  # no UTF-8, no TOML, or a number that is too long
        raise DataError(f"{path} is not TOML: {error}: mend it there") from error


def write_parameters(
    path: str | Path, parameters: Mapping[str, Mapping[str, Any]], origin: Mapping[str, Any]
) -> None:
    """Write a parameters file, with a table [tuned] that tells how the values were found.

    Raises
    ------
    MissingExtraError
        If tomli-w is not installed.
    DataError
        If the file can't be written.
    """
    try:
        import tomli_w
    except ImportError as error:
        raise MissingExtraError(
            "writing parameters needs the library tomli-w: pip install 'item2vec[tune]'"
        ) from error
    text = tomli_w.dumps({**parameters, ORIGIN: origin})
    with replaced(path) as beside:
        beside.write_text(text, encoding="utf-8")


def check_output(path: str | Path) -> None:
    """Raise DataError if `write_parameters` can't write there, or something would be lost by it."""
    check_replaceable(path, "file that tuning wrote", _is_tuned)


def _is_tuned(path: Path) -> bool:
    try:
        origin = read_origin(path)
    except DataError:
        return False
    return isinstance(origin, dict) and bool(origin)


def read_origin(path: str | Path) -> dict[str, Any]:
    """Return the table [tuned] of a parameters file that `read_parameters` has taken, or {}."""
    origin: dict[str, Any] = _read_toml(path).get(ORIGIN, {})
    return origin
