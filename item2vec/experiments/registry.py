"""The names of trainers and baselines, and files of their parameters.

A new trainer or baseline adds a line here.
"""

from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from item2vec._support.atomic_files import check_replaceable, replaced
from item2vec._support.messages import shown
from item2vec._support.toml_file import read_toml
from item2vec.baselines.ease import EASE
from item2vec.baselines.gensim_defaults import GensimDefaults
from item2vec.baselines.ials import IALS
from item2vec.baselines.item_knn import ItemKNN
from item2vec.baselines.non_personalized import Popularity, Random
from item2vec.errors import DataError, MissingExtraError, ParameterError
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.parameters import Parameters
from item2vec.trainers.softmax.trainer import Softmax
from item2vec.trainers.word2vec.trainer import Word2Vec

# Trainers learn item vectors that can be stored.
TRAINERS: dict[str, type[Parameters]] = {
    "word2vec": Word2Vec,
    "softmax": Softmax,
}
# Trainers are compared with baselines.
BASELINES: dict[str, type[Parameters]] = {
    "popularity": Popularity,
    "item-knn": ItemKNN,
    "ease": EASE,
    "ials": IALS,
    "gensim-defaults": GensimDefaults,
    "random": Random,
}
RECOMMENDERS = TRAINERS | BASELINES

ORIGIN = "tuned"  # the table of a parameters file that records how its values were found


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
        Protocol of the validation users on which it chooses a parameter, if it chooses one.
    seed : int
        Added to its default seed unless `parameters` contain a seed.

    Raises
    ------
    ParameterError
        If there is no recommender or parameter of that name, or a value is out of range.
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


def read_parameters(
    path: str | Path, *, besides: Collection[str] = ()
) -> dict[str, dict[str, Any]]:
    """Read a parameters file: TOML with a table for each trainer or baseline.

    ::

        [word2vec]
        window = 5

    A table [tuned], which records how the values were found, is ignored here.

    Parameters
    ----------
    path : path
    besides : collection of str
        Names of other tables that the file may contain, which are ignored here.

    Raises
    ------
    DataError
        If the file can't be read.
    ParameterError
        If it names a recommender or a parameter that does not exist, or a value is out of range.
    """
    tables = read_toml(path)
    if not isinstance(tables.pop(ORIGIN, {}), dict):
        raise DataError(f"{path}: {ORIGIN} must be a table, [{ORIGIN}]: correct it there")
    tables = {name: values for name, values in tables.items() if name not in besides}
    for name, values in tables.items():
        if name not in RECOMMENDERS or not isinstance(values, dict):
            raise ParameterError(
                f"{path}: [{name}] is not a recommender: write a table [NAME] for any of "
                f"{', '.join(RECOMMENDERS)}"
            )
        try:
            make(name, values)  # a wrong value is reported now, not after an hour of training
        except ParameterError as error:
            raise ParameterError(f"{path}: [{name}]: {error}") from error
    return tables


def write_parameters(
    path: str | Path, parameters: Mapping[str, Mapping[str, Any]], origin: Mapping[str, Any]
) -> None:
    """Write a parameters file, with a table [tuned] that records how the values were found.

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
    """Raise DataError if `write_parameters` can't write there, or would overwrite another file."""
    check_replaceable(path, "a file that tuning wrote", _is_tuned)


def _is_tuned(path: Path) -> bool:
    try:
        origin = read_origin(path)
    except DataError:
        return False
    return isinstance(origin, dict) and bool(origin)


def read_origin(path: str | Path) -> dict[str, Any]:
    """Return the table [tuned] of a parameters file that `read_parameters` accepts, or {}."""
    origin: dict[str, Any] = read_toml(path).get(ORIGIN, {})
    return origin
