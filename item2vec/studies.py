"""The study file, a journal of optuna's: every trial is kept as it ends, to be gone on with."""

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from item2vec.errors import DataError, MissingExtraError
from item2vec.wording import setting

if TYPE_CHECKING:
    import optuna

WARMUP = 3  # a trial may be given up after so many looks, if it is below the median of the others
STARTUP = 8  # trials at random, before the search learns from them
KEY = "item2vec"  # of what a study tells of itself


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
    _check_file(path)
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
        except (ValueError, KeyError, TypeError, AssertionError) as error:
            raise DataError(f"{path} is a damaged study: remove it to begin anew") from error
        _check_subject(study, path, about)
        # Seeded by what was done: a search that is gone on with does not repeat itself.
        study.sampler = optuna.samplers.TPESampler(
            seed=seed + len(study.trials), multivariate=True, n_startup_trials=STARTUP
        )
    return study


def _check_subject(study: "optuna.Study", path: Path, about: Mapping[str, Any]) -> None:
    """Raise DataError if a study is about something else; write into a new one what it is about."""
    begun = study.user_attrs.get(KEY)
    if begun is None:
        study.set_user_attr(KEY, dict(about))
    elif begun != about:
        different = [name for name, value in about.items() if begun.get(name) != value]
        raise DataError(
            f"{path} holds a search with other {' and '.join(different)}: name another file "
            f"with {setting('study')}, or remove it to begin anew"
        )


def _check_file(path: Path) -> None:
    """Raise DataError if a file is there that is no study: its lines would be added to."""
    if not path.exists() or path.stat().st_size == 0:
        return
    try:
        with path.open(encoding="utf-8") as file:
            is_study = "op_code" in json.loads(file.readline())
    except (OSError, ValueError, TypeError):
        is_study = False
    if not is_study:
        raise DataError(f"{path} is no study of optuna's and would be spoilt: name another file")


def _to_trial(trial: "optuna.trial.FrozenTrial") -> Trial:
    score = trial.value if trial.values else None
    seconds = trial.duration.total_seconds() if trial.duration else 0.0
    return Trial(trial.number, trial.params, score, seconds)


def trials_of(study: "optuna.Study") -> list[Trial]:
    """Return the trials that ended by themselves, in the order in which they were made."""
    from optuna.trial import TrialState

    ended = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))
    return [_to_trial(trial) for trial in ended]
