"""The study file: optuna's journal of all trials, from which a search can be resumed."""

import json
import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from item2vec._support.atomic_files import check_place
from item2vec._support.messages import setting
from item2vec.errors import DataError, MissingExtraError
from item2vec.models.metadata import is_number

if TYPE_CHECKING:
    import optuna

WARMUP = 3  # scores of a trial after which it is stopped if it is below the median of the others
STARTUP = 8  # random trials before the sampler uses their scores
KEY = "item2vec"  # attribute of a study that describes its task
# The errors that optuna raises when it replays a damaged journal.
_DAMAGE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, AssertionError,
           RecursionError)  # fmt: skip
MIXTURE = "item2vec memory"  # attribute of a study: the memory that its first trial selected
AGAIN = "item2vec again"  # prefix of the attributes with scores on further splits
LONGEST_LINE = 1 << 16  # bytes of a study's first line, which names it
LARGEST = 1 << 28  # bytes of a study, which optuna reads whole: some 100,000 trials


@dataclass(frozen=True)
class Trial:
    """One choice of parameters, and its score on validation users.

    Parameters
    ----------
    number : int
        Counted from 0.
    parameters : mapping
    score : float or None
        None if the trial was stopped early.
    seconds : float
        Duration of the trial.
    """

    number: int
    parameters: Mapping[str, Any]
    score: float | None
    seconds: float = 0.0


def open_study(path: Path, name: str, about: Mapping[str, Any], *, seed: int = 0) -> "optuna.Study":
    """Open a study, or create it.

    Parameters
    ----------
    path : path
        A file may hold several studies.
    name : str
        Name of the study in the file.
    about : mapping
        Description of its task, as JSON; a study of another task is refused.
    seed : int
        Seed of the search.

    Raises
    ------
    MissingExtraError
        If optuna is not installed.
    DataError
        If the study belongs to another task, or the file is not a study.
    """
    check_study(path)
    library = _quiet_optuna()
    with without_warnings():
        try:
            study = library.create_study(
                storage=_journal(path),
                study_name=name,
                direction="maximize",
                pruner=library.pruners.MedianPruner(n_startup_trials=2, n_warmup_steps=WARMUP),
                load_if_exists=True,
            )
            _check_trials(study)
        except _DAMAGE as error:
            raise DataError(f"{path} is a damaged study: remove it to start again") from error
        _check_subject(study, path, about)
        # The number of trials enters the seed, so that a resumed search does not repeat itself.
        study.sampler = library.samplers.TPESampler(
            seed=seed + len(study.trials), multivariate=True, n_startup_trials=STARTUP
        )
    return cast("optuna.Study", study)


def _quiet_optuna() -> Any:
    """Return the library optuna, which then logs errors only; raise if it is not installed."""
    try:
        import optuna
    except ImportError as error:
        raise MissingExtraError(
            "tuning needs the library optuna: pip install 'item2vec[tune]'"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


def _journal(path: Path) -> Any:
    """Return the storage of the studies in a file."""
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    return JournalStorage(JournalFileBackend(str(path), lock_obj=JournalFileOpenLock(str(path))))


@contextmanager
def without_warnings() -> Iterator[None]:
    """Silence warnings: optuna warns about its experimental features."""
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
    """Store the scores of a trial, or of the defaults, on a further split.

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
        One for each user of the split.
    """
    kept = {"parameters": dict(parameters), "scores": [round(score, 6) for score in scores]}
    study.set_user_attr(_scores_name(split, trial), kept)


def read_scores(
    study: "optuna.Study", split: int, trial: Trial | None
) -> tuple[dict[str, Any], list[float]] | None:
    """Return parameters and scores as `write_scores` stored them; None if there are none."""
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
    """Store how the first trial mixes an item-item memory and the bias with its vectors."""
    study.set_user_attr(MIXTURE, [crossover, mixing_weight, bias_weight])


def read_mixture(study: "optuna.Study") -> tuple[float, float, float] | None:
    """Return what `write_mixture` stored; None if there is nothing."""
    kept = study.user_attrs.get(MIXTURE)
    if not isinstance(kept, list) or len(kept) != 3 or not all(map(is_number, kept)):
        return None
    return float(kept[0]), float(kept[1]), float(kept[2])


def _scores_name(split: int, trial: Trial | None) -> str:
    return f"{AGAIN} {split} {'defaults' if trial is None else trial.number}"


def _check_trials(study: "optuna.Study") -> None:
    """Raise one of _DAMAGE if the score of a trial is not a finite number."""
    for trial in study.get_trials(deepcopy=False):
        for value in trial.values or ():
            if not math.isfinite(value):
                raise ValueError(f"trial {trial.number} has the score {value}")
        for name, value in trial.params.items():
            if not isinstance(value, int | float | str):
                raise TypeError(f"trial {trial.number} has {name} {value!r}")


def _check_subject(study: "optuna.Study", path: Path, about: Mapping[str, Any]) -> None:
    """Raise DataError if a study belongs to another task; describe the task in a new study."""
    begun = study.user_attrs.get(KEY)
    if begun is None:
        study.set_user_attr(KEY, dict(about))
    elif not isinstance(begun, dict):
        raise DataError(f"{path} is a damaged study: remove it to start again")
    elif begun != about:
        different = [name for name, value in about.items() if begun.get(name) != value]
        raise DataError(
            f"{path} contains a search with other {' and '.join(different)}: name another file "
            f"with {setting('study')}, or remove it to start again"
        )


def check_study(path: Path) -> None:
    """Raise DataError if a study can't be stored there, or the file there is not a study.

    A device, a pipe or a folder is not a study. Only the first line is read, up to a limit, and the
    size of the file is limited.
    """
    check_place(path)
    if not path.exists():
        return
    if not path.is_file():
        raise DataError(f"{path} is not a regular file and can't store a study: name another file")
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
        raise DataError(
            f"{path} is not an optuna study and would be overwritten: name another file"
        )


def lock_of(path: Path) -> Path:
    """Return the file that optuna creates while it writes to a study."""
    return path.with_name(f"{path.name}.lock")


def _to_trial(trial: "optuna.trial.FrozenTrial") -> Trial:
    score = trial.value if trial.values else None
    seconds = trial.duration.total_seconds() if trial.duration else 0.0
    return Trial(trial.number, trial.params, score, seconds)


def trials_of(study: "optuna.Study") -> list[Trial]:
    """Return the trials that were completed or stopped early, in order."""
    from optuna.trial import TrialState

    ended = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))
    return [_to_trial(trial) for trial in ended]
