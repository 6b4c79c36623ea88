"""The study file, a journal of optuna's: every trial is kept as it ends, to be gone on with."""

import json
import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from item2vec._support.atomic_files import check_place
from item2vec._support.messages import setting
from item2vec.errors import DataError, MissingExtraError
from item2vec.models.metadata import is_number

if TYPE_CHECKING:
    import optuna

WARMUP = 3  # a trial may be given up after so many looks, if it is below the median of the others
STARTUP = 8  # trials at random, before the search learns from them
KEY = "item2vec"  # of what a study tells of itself
# What a journal of other contents makes optuna raise when it is replayed.
_DAMAGE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, AssertionError,
           RecursionError)  # fmt: skip
MIXTURE = "item2vec memory"  # what a study holds of the memory that its first trial selected
AGAIN = "item2vec again"  # begins the names of what a study holds of trials scored again
LONGEST_LINE = 1 << 16  # bytes of a study's first line, which names it
LARGEST = 1 << 28  # bytes of a study, which optuna reads whole: some 100,000 trials


@dataclass(frozen=True)
class Trial:
    """One choice of parameters, and what validation users said of it.

    Parameters
    ----------
    number : int
        From 0.
    parameters : mapping
    score : float or None
        None where the trial was given up early.
    seconds : float
        How long it took.
    """

    number: int
    parameters: Mapping[str, Any]
    score: float | None
    seconds: float = 0.0


def open_study(path: Path, name: str, about: Mapping[str, Any], *, seed: int = 0) -> "optuna.Study":
    """Open a study, or begin it.

    Parameters
    ----------
    path : path
        A file may hold several studies.
    name : str
        Of the study in the file.
    about : mapping
        What its trials must be about, as JSON takes it.
    seed : int
        Of the search.

    Raises
    ------
    MissingExtraError
        If optuna is not installed.
    DataError
        If the study is about something else, or the file is no study.
    """
    try:
        import optuna
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock
    except ImportError as error:
        raise MissingExtraError(
            "tuning needs the library optuna: pip install 'item2vec[tune]'"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    check_study(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            backend = JournalFileBackend(str(path), lock_obj=JournalFileOpenLock(str(path)))
            study = optuna.create_study(
                storage=JournalStorage(backend),
                study_name=name,
                direction="maximize",
                pruner=optuna.pruners.MedianPruner(n_startup_trials=2, n_warmup_steps=WARMUP),
                load_if_exists=True,
            )
            _check_trials(study)
        except _DAMAGE as error:
            raise DataError(f"{path} is a damaged study: remove it to begin anew") from error
        _check_subject(study, path, about)
        # Seeded by what was done: a search that is gone on with does not repeat itself.
        study.sampler = optuna.samplers.TPESampler(
            seed=seed + len(study.trials), multivariate=True, n_startup_trials=STARTUP
        )
    return study


@contextmanager
def without_warnings() -> Iterator[None]:
    """Silence warnings, for optuna warns of what it calls experimental."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def write_scores(
    study: "optuna.Study",
    split: int,
    trial: Trial | None,
    parameters: Mapping[str, Any],
    scores: Sequence[float],
) -> None:
    """Keep the scores of a trial, or of the defaults, on a further split.

    Parameters
    ----------
    study : optuna.Study
    split : int
        Number of the split, from 0.
    trial : Trial or None
        None for the defaults.
    parameters : mapping
        All parameters of the trainer that was scored.
    scores : sequence of float
        One for each user.
    """
    kept = {"parameters": dict(parameters), "scores": [round(score, 6) for score in scores]}
    study.set_user_attr(_scores_name(split, trial), kept)


def read_scores(
    study: "optuna.Study", split: int, trial: Trial | None
) -> tuple[dict[str, Any], list[float]] | None:
    """Return parameters and scores as `write_scores` kept them; None if there are none."""
    kept = study.user_attrs.get(_scores_name(split, trial))
    parameters, scores = (
        (kept.get("parameters"), kept.get("scores")) if isinstance(kept, dict) else (None, None)
    )
    if not isinstance(parameters, dict) or not isinstance(scores, list):
        return None
    if not all(isinstance(score, int | float) and math.isfinite(score) for score in scores):
        return None
    return parameters, scores


def write_mixture(
    study: "optuna.Study", crossover: float, mixing_weight: float, bias_weight: float
) -> None:
    """Keep how the first trial mixes an item-item memory and the bias with its vectors."""
    study.set_user_attr(MIXTURE, [crossover, mixing_weight, bias_weight])


def read_mixture(study: "optuna.Study") -> tuple[float, float, float] | None:
    """Return what `write_mixture` kept; None if there is none."""
    kept = study.user_attrs.get(MIXTURE)
    if not isinstance(kept, list) or len(kept) != 3 or not all(map(is_number, kept)):
        return None
    return float(kept[0]), float(kept[1]), float(kept[2])


def _scores_name(split: int, trial: Trial | None) -> str:
    return f"{AGAIN} {split} {'defaults' if trial is None else trial.number}"


def _check_trials(study: "optuna.Study") -> None:
    """Raise one of _DAMAGE if a trial, which a file may hold from anywhere, has odd values."""
    for trial in study.get_trials(deepcopy=False):
        for value in trial.values or ():
            if not math.isfinite(value):
                raise ValueError(f"trial {trial.number} has the score {value}")
        for name, value in trial.params.items():
            if not isinstance(value, int | float | str):
                raise TypeError(f"trial {trial.number} has {name} {value!r}")


def _check_subject(study: "optuna.Study", path: Path, about: Mapping[str, Any]) -> None:
    """Raise DataError if a study is about something else; write into a new one what it is about."""
    begun = study.user_attrs.get(KEY)
    if begun is None:
        study.set_user_attr(KEY, dict(about))
    elif not isinstance(begun, dict):
        raise DataError(f"{path} is a damaged study: remove it to begin anew")
    elif begun != about:
        different = [name for name, value in about.items() if begun.get(name) != value]
        raise DataError(
            f"{path} holds a search with other {' and '.join(different)}: name another file "
            f"with {setting('study')}, or remove it to begin anew"
        )


def check_study(path: Path) -> None:
    """Raise DataError if a study can't be kept there, or a file that is there is no study.

    A device, a pipe and a folder are none. No more is read than a line of a bounded length, and the
    file has a bounded size.
    """
    check_place(path)
    if not path.exists():
        return
    if not path.is_file():
        raise DataError(f"{path} is no regular file and can't hold a study: name another file")
    if path.stat().st_size > LARGEST:
        raise DataError(
            f"{path} has more than {LARGEST >> 20:,} MB, too much for a study: name another file"
        )
    try:
        with path.open("rb") as file:
            head = file.readline(LONGEST_LINE)
        first = json.loads(head) if head else {"op_code": 0}
    except (OSError, ValueError, RecursionError):
        first = None
    if not isinstance(first, dict) or "op_code" not in first:
        raise DataError(f"{path} is no study of optuna's and would be spoilt: name another file")


def lock_of(path: Path) -> Path:
    """Return the file that optuna makes while it writes to a study, and removes."""
    return path.with_name(f"{path.name}.lock")


def _to_trial(trial: "optuna.trial.FrozenTrial") -> Trial:
    score = trial.value if trial.values else None
    seconds = trial.duration.total_seconds() if trial.duration else 0.0
    return Trial(trial.number, trial.params, score, seconds)


def trials_of(study: "optuna.Study") -> list[Trial]:
    """Return the trials that ended by themselves, in the order in which they were made."""
    from optuna.trial import TrialState

    ended = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))
    return [_to_trial(trial) for trial in ended]
