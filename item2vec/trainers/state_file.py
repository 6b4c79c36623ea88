"""The state file: a `TrainerState` in the safetensors format, written atomically.

Arrays are tensors, and the rest is one metadata entry of sorted JSON. There is no pickle, so
reading a file never runs code from it. It holds no user id, path, host name or clock time.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from item2vec._support.atomic_files import replaced
from item2vec._support.checks import check_path
from item2vec._support.finite import check_finite, finding, is_finite
from item2vec._support.messages import brief, shown
from item2vec._support.tensor_file import Tensors, checksum, header_of, mapped, write
from item2vec._version import __version__
from item2vec.errors import DataError, Item2VecError, ParameterError
from item2vec.trainers.state import VECTORS, TrainerState, restore_generator

FORMAT = 1
KEY = "item2vec-state"
OPTIMIZER = "optimizer/"  # prefix of the names of tensors
VALUES = tuple(
    field.name for field in fields(TrainerState) if field.name not in {*VECTORS, "optimizer"}
)
TEXTS, NUMBERS = ("trainer", "vocabulary", "histories"), ("epoch", "epochs", "steps")
MAPPINGS = ("parameters", "generator")


def save_state(state: TrainerState, path: str | os.PathLike[str]) -> None:
    """Write a state to a file, which is replaced completely or not at all.

    Raises
    ------
    ParameterError
        If `state` is not a state, or `path` not a path.
    DataError
        If the file can't be written, or the state contains NaN or infinity; an existing file is
        then left as it was.
    """
    if not isinstance(state, TrainerState):
        raise ParameterError(
            f"the first argument of save_state must be a TrainerState, not {shown(state)}: write "
            "save_state(state, 'state.safetensors')"
        )
    path = check_path(path)
    tensors = _tensors(state)
    for name, array in tensors.items():
        if not is_finite(array):
            raise DataError(
                f"{path} was not written: {finding(name, array)}; train again, with a lower "
                "learning rate"
            )
    header: dict[str, Any] = {name: getattr(state, name) for name in VALUES}
    header |= {"format": FORMAT, "versions": {"item2vec": __version__, "numpy": np.__version__}}
    header["checksum"] = checksum(header, tensors)
    text = json.dumps(header, sort_keys=True, ensure_ascii=False)
    with replaced(path) as beside:
        write(beside, tensors, {KEY: text})


def load_state(path: str | os.PathLike[str]) -> TrainerState:
    """Read a state from a file, after checking all of it.

    Raises
    ------
    ParameterError
        If `path` is not a path.
    DataError
        If the file is not a state file, is damaged, or has a newer format.
    """
    path = check_path(path)
    try:
        return _read(path)
    except FileNotFoundError as error:
        raise DataError(
            f"{path} does not exist: give the path of a state that was saved with save_state"
        ) from error
    except OSError as error:
        raise DataError(
            f"{path} can't be read ({error.strerror or error}): check the path and its permissions"
        ) from error
    except (LookupError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise _damaged(path, error) from error
    except Item2VecError as error:
        raise _damaged(path, error) from error


def _read(path: Path) -> TrainerState:
    with path.open("rb") as file:
        metadata, tensors = mapped(file)
    header = json.loads(header_of(metadata, KEY))
    _check_header(header)
    tensors = {name: np.array(array) for name, array in tensors.items()}
    if checksum(header, tensors) != header["checksum"]:
        raise DataError("its checksum does not match")
    state = _state(header, tensors)
    check_finite(tensors)
    try:
        restore_generator(state.generator)
    except (LookupError, TypeError, ValueError) as error:
        raise DataError(f"its random number generator has no known state: {error}") from error
    return state


def _damaged(path: Path, error: Exception) -> DataError:
    return DataError(
        f"{path} is not a complete state of a trainer ({brief(str(error))}): copy it again, or "
        "train without it"
    )


def _tensors(state: TrainerState) -> dict[str, Any]:
    squares = {OPTIMIZER + name: array for name, array in state.optimizer.items()}
    tensors = {**state.arrays(), **squares}
    return {name: np.ascontiguousarray(array) for name, array in tensors.items()}


def _check_header(header: Any) -> None:
    """Raise DataError unless the header has every entry, each of its type."""
    if not isinstance(header, dict) or type(header.get("format")) is not int:
        raise DataError("its header has no format")
    if header["format"] != FORMAT:
        raise DataError(
            f"it has format {shown(header['format'])}, and this version of item2vec reads format "
            f"{FORMAT}"
        )
    kinds: dict[str, type] = dict.fromkeys((*TEXTS, "checksum"), str)
    kinds |= dict.fromkeys(NUMBERS, int) | dict.fromkeys(MAPPINGS, dict)
    for name, kind in kinds.items():
        if type(header.get(name)) is not kind:
            raise DataError(
                f"{name} must be of type {kind.__name__}, not {shown(header.get(name))}"
            )


def _state(header: Mapping[str, Any], tensors: Tensors) -> TrainerState:
    """Return the state in a file; raise DataError if its arrays do not fit."""
    values: dict[str, Any] = {name: header[name] for name in VALUES}
    values["optimizer"] = {
        name.removeprefix(OPTIMIZER): array
        for name, array in tensors.items()
        if name.startswith(OPTIMIZER)
    }
    for name in VECTORS:
        if name not in tensors or tensors[name].ndim != (1 if name == "bias" else 2):
            raise DataError(f"its tensor {name} is missing or has a wrong shape")
        values[name] = tensors[name]
    if set(values["optimizer"]) not in (set(), set(VECTORS)):
        raise DataError(
            f"its optimizer has mean squares for {shown(sorted(values['optimizer']))}, which "
            "must be all of the arrays or none"
        )
    return TrainerState(**values)
