"""The model file: one file in the safetensors format, mapped into memory.

It contains the vectors, the item-item memory (weights between pairs of items) if there is one,
counts, item ids and catalogue columns as tensors, and one metadata entry of sorted JSON
(safetensors does not preserve the order of several entries). It is not a pickle, so loading it runs
no code. It contains no user ids, paths, host names or times, so the same training produces the same
bytes.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from item2vec._support.atomic_files import check_replaceable, replaced
from item2vec._support.checks import check_path
from item2vec._support.finite import check_finite, finding, is_finite
from item2vec._support.messages import MOST_QUOTED, shown
from item2vec._support.tensor_file import Tensors, checksum, header_of, write
from item2vec._support.tensor_file import mapped as _mapped
from item2vec._version import __version__
from item2vec.data.catalogue import Catalogue
from item2vec.data.history_sketch import HistorySketch
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError, Item2VecError, ParameterError
from item2vec.models.cold_items.feature_fit import FeatureFit
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.metadata import FEATURE_FIT
from item2vec.models.model_tensors import (
    memory_header,
    memory_of,
    memory_tensors,
    string_column,
    strings_of,
)

FORMAT = 1
KEY = "item2vec"
SKETCH = "sketch/values"
VECTORS = ("item_vectors", "context_vectors", "bias")
MOST_DIGITS = 300  # maximum number of digits of an integer that still fits into a float


def save(vectors: ItemVectors, path: str | os.PathLike[str]) -> None:
    """Write item vectors to a file; an existing file is replaced as a whole or not at all.

    Raises
    ------
    ParameterError
        If `vectors` are not item vectors, or `path` is not a path.
    DataError
        If the file can't be written, or the vectors contain NaN or infinity; an existing file is
        then unchanged.
    """
    if not isinstance(vectors, ItemVectors):
        raise ParameterError(
            f"save takes item vectors and then a path, not {shown(vectors)} first: write "
            "save(vectors, 'model.safetensors')"
        )
    path = check_path(path)
    _check_usable(vectors, path)
    try:
        _save(vectors, path)
    except UnicodeEncodeError as error:
        raise DataError(
            f"{path} can't be written: an item id or title contains half of a character "
            f"({error.object[error.start : error.end]!a}): repair the table that it comes from"
        ) from error
    except TypeError as error:
        raise DataError(f"{path} can't be written: metadata must be JSON: {error}") from error


def _save(vectors: ItemVectors, path: Path) -> None:
    tensors: dict[str, npt.NDArray[Any]] = {name: getattr(vectors, name) for name in VECTORS}
    tensors["counts"] = vectors.vocabulary.counts
    tensors |= string_column("ids", vectors.vocabulary.ids)
    if vectors.memory is not None:
        tensors |= memory_tensors(vectors.memory)
    if vectors.sketch is not None:
        tensors[SKETCH] = vectors.sketch.values
    for name, column in vectors.catalogue.columns.items():
        tensors |= string_column(f"catalogue/{name}", column)
    tensors = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    metadata = metadata_of(vectors)
    metadata.pop("checksum", None)
    versions = metadata.get("versions", {}) | {"item2vec": __version__, "numpy": np.__version__}
    header: dict[str, Any] = {
        "format": FORMAT,
        "power": vectors.power,
        "memory": memory_header(vectors.memory),
        "catalogue": list(vectors.catalogue.columns),
        "metadata": metadata | {"versions": versions},
    }
    if vectors.recency:  # omitted if 0, for files identical to those of earlier versions
        header["recency"] = vectors.recency
    if vectors.sketch is not None:
        header["sketch"] = vectors.sketch.to_dict()
    header["checksum"] = checksum(header, tensors)
    text = json.dumps(header, sort_keys=True, ensure_ascii=False)
    with replaced(path) as beside:
        write(beside, tensors, {KEY: text})


def metadata_of(vectors: ItemVectors) -> dict[str, Any]:
    """Return the metadata to store in a model file, sorted by name, with the checksum last."""
    fit = vectors.feature_fit
    entries = {**vectors.metadata, **(fit.to_metadata() if fit else {})}
    return {name: entries[name] for name in sorted(entries, key=lambda n: (n == "checksum", n))}


def _check_usable(vectors: ItemVectors, path: str | os.PathLike[str]) -> None:
    """Raise DataError if a number that would be saved is not finite."""
    for name, array in vectors.arrays().items():
        if not is_finite(array):
            raise DataError(
                f"{path} is not written: {finding(name, array, vectors.vocabulary.ids)}; train "
                "again with a lower learning rate"
            )


def check_output(path: str | os.PathLike[str]) -> None:
    """Raise DataError if a model can't be saved there, or would replace a file of another kind."""
    check_replaceable(path, "a model", _is_model)


def _is_model(path: Path) -> bool:
    try:
        _open(path)
    except DataError:
        return False
    return True


def load(path: str | os.PathLike[str], *, verify: bool = False) -> ItemVectors:
    """Open a model file; its arrays are mapped into memory, not read.

    Parameters
    ----------
    path : path
    verify : bool
        Read the whole file first, compare its checksum, and check that every number is finite.

    Raises
    ------
    ParameterError
        If `path` is not a path.
    DataError
        If the file is not a model file, is damaged, or has a newer format.
    """
    path = check_path(path)
    header, tensors = _open(path)
    if verify and checksum(header, tensors) != header.get("checksum"):
        raise DataError(f"{path} is damaged: its checksum does not match; train or copy it again")
    try:
        vectors = _vectors(header, tensors)
    except (
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        OverflowError,
        RecursionError,
        ValueError,  # also DataError and UnicodeDecodeError
        Item2VecError,
    ) as error:
        raise DataError(
            f"{path} is not a whole item2vec model ({_brief(error)}): train or copy it again"
        ) from error
    if verify:
        try:
            check_finite(vectors.arrays(), vectors.vocabulary.ids)
        except DataError as error:
            raise DataError(f"{path}: {error}") from error
    return vectors


def _brief(error: Exception) -> str:
    """Return the message of an error, shortened, since a damaged file may make it long."""
    text = str(error)
    return text if len(text) <= MOST_QUOTED else f"{text[: MOST_QUOTED - 3]}..."


def _vectors(header: Mapping[str, Any], tensors: Tensors) -> ItemVectors:
    """Return the item vectors in a file; if it is damaged, various exceptions may be raised."""
    names = header["catalogue"]
    if not isinstance(names, list):
        raise DataError(f"catalogue must be a list of columns, not {shown(names)}")
    if not isinstance(header["metadata"], dict):
        raise DataError(f"metadata must be a mapping, not {shown(header['metadata'])}")
    if not isinstance(header["checksum"], str):
        raise DataError(f"the checksum must be text, not {shown(header['checksum'])}")
    counts = tensors["counts"]
    if counts.dtype != np.int64:
        raise DataError(f"counts must be int64, not {counts.dtype}")
    ids = strings_of(tensors, "ids")
    columns = {name: strings_of(tensors, f"catalogue/{name}") for name in names}
    metadata = header["metadata"] | {"checksum": header["checksum"]}
    return ItemVectors(
        vocabulary=Vocabulary(ids, counts),
        **{name: tensors[name] for name in VECTORS},
        power=header["power"],
        memory=memory_of(header.get("memory", False), tensors),
        catalogue=Catalogue(ids, columns),
        sketch=HistorySketch(tensors[SKETCH], **header["sketch"]) if "sketch" in header else None,
        recency=header.get("recency", 0.0),
        metadata={name: metadata[name] for name in metadata if name not in FEATURE_FIT},
        feature_fit=FeatureFit.from_metadata(metadata),
    )


def _open(path: Path) -> tuple[dict[str, Any], Tensors]:
    """Return the header and the tensors of a model file, mapped."""
    if path.is_dir():
        raise DataError(f"{path} can't be read: it is a folder; name the model file in it")
    if path.exists() and not path.is_file():
        raise DataError(f"{path} can't be read: it is not a regular file; name a model file")
    try:
        # The file is opened once, so replacing it from here on has no effect.
        with path.open("rb") as file:
            metadata, tensors = _mapped(file)
        return _current(path, _parsed(header_of(metadata, KEY))), tensors
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist: train a model with `item2vec train`") from error
    except OSError as error:
        raise DataError(
            f"{path} can't be read: {error.strerror or error}: name a file that you may read"
        ) from error
    except Item2VecError:
        raise
    except (KeyError, ValueError, OverflowError, RecursionError) as error:
        raise DataError(
            f"{path} is not an item2vec model ({_brief(error)}): create one with `item2vec train`"
        ) from error


def _parsed(text: str) -> Any:
    """Parse the header of a model; raise ValueError if it could not be written again."""

    def whole(digits: str) -> int:
        if len(digits) > MOST_DIGITS:
            raise ValueError(f"its metadata contain a number of {len(digits)} digits")
        return int(digits)

    header = json.loads(text, parse_int=whole)
    json.dumps(header, ensure_ascii=False).encode()  # fails for half of a character
    return header


def _current(path: Path, header: Any) -> dict[str, Any]:
    """Return `header`; raise DataError unless this version reads its format."""
    version = header.get("format") if isinstance(header, dict) else None
    if type(version) is not int or not 1 <= version <= FORMAT:
        raise DataError(
            f"{path} is of model format {shown(version)}; this version of item2vec reads formats "
            f"up to {FORMAT}: upgrade item2vec, or train again"
        )
    return dict(header)
