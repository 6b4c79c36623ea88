"""iALS: matrix factorization of implicit feedback by alternating least squares.

Hu, Koren and Volinsky, "Collaborative Filtering for Implicit Feedback Datasets" (2008); with
tuned parameters it is a strong baseline (Rendle et al., "Revisiting the Performance of iALS on Item
Recommendation Benchmarks", 2022). The library `implicit` computes the factors.
"""

import warnings
from dataclasses import dataclass, field
from typing import Any, Literal

from item2vec._support.threads import blas_threads
from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import MissingExtraError, ParameterError
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.evaluation.validation import resolve_auto
from item2vec.models.recommender import ScoringRecommender
from item2vec.neighbors.exact import ExactNeighbors
from item2vec.parameters import Among, Between, Parameters, parameter
from item2vec.reading.conversion import HistoriesLike, as_histories
from item2vec.types import Progress, Rows, Scores, Vectors

ALPHAS = (1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0)
REGULARIZATIONS = (0.01, 0.1, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)


@dataclass(frozen=True, kw_only=True)
class IALS(Parameters):
    """iALS: products of user and item factors are fitted to interactions by weighted least squares.

    The target is 1, with weight `alpha`, for an item in the user's history, and 0, with weight 1,
    for any other item. The user factors of a new history are the least squares solution for the
    given item factors.
    """

    factors: int = parameter(
        64, "number of factors", at_least=1, at_most=10_000, search=Among((32, 64, 128, 256))
    )
    alpha: float | Literal["auto"] = parameter(
        "auto",
        "confidence weight of an interaction; auto: chosen on validation users",
        above=0,
        search=Between(1, 100, log=True),
    )
    regularization: float | Literal["auto"] = parameter(
        "auto",
        "L2 regularization of the factors; auto: chosen on validation users",
        at_least=0,
        search=Between(0.01, 1000, log=True),
    )
    iterations: int = parameter(
        15, "alternating updates of user and item factors", at_least=1, at_most=10_000
    )
    seed: int = parameter(0, "random seed", at_least=0, at_most=2**32 - 1)
    validation: SplitProtocol = field(default_factory=RandomProtocol)

    def fit(
        self, histories: HistoriesLike, *, progress: Progress | None = None
    ) -> "IALSRecommender":
        """Factorize the histories.

        Raises
        ------
        MissingExtraError
            If implicit is not installed.
        ParameterError
            If training diverges.
        """
        histories = as_histories(histories)
        resolved = resolve_auto(
            self,
            {"alpha": ALPHAS, "regularization": REGULARIZATIONS},
            histories,
            self.validation,
            progress=progress,
        )
        return _fit(resolved, histories)


@dataclass(frozen=True, eq=False)
class IALSRecommender(ScoringRecommender):
    """iALS with fitted item factors; the user factors are computed when a history is scored."""

    vocabulary: Vocabulary
    model: Any  # implicit.cpu.als.AlternatingLeastSquares
    parameters: IALS

    @property
    def item_factors(self) -> Vectors:
        """Factors of the items, float32 (n_items, factors)."""
        factors: Vectors = self.model.item_factors
        return factors

    def score_rows(self, histories: Histories) -> Scores:
        """Return the scores of all items for each history, float32 (m, n_items)."""
        self.check_scorable(histories)
        user_factors = self.model.recalculate_user(range(len(histories)), _csr(histories))
        scores: Scores = user_factors @ self.item_factors.T
        return scores

    def similar_rows(self, rows: Rows, k: int) -> Rows:
        """Return the `k` items whose factors are nearest to each of `rows`, int32 (m, k)."""
        return ExactNeighbors(self.item_factors).neighbors(rows, k)[0]


def _fit(trainer: IALS, histories: Histories) -> IALSRecommender:
    """Factorize the histories; no parameter of the trainer is "auto"."""
    with warnings.catch_warnings(), blas_threads(1):
        # implicit warns about BLAS threads, which would compete with its own threads.
        warnings.simplefilter("ignore", RuntimeWarning)
        model = _model(trainer)
        _fit_model(model, trainer, histories)
    return IALSRecommender(histories.vocabulary, model, trainer)


def _fit_model(model: Any, trainer: IALS, histories: Histories) -> None:
    from implicit.recommender_base import ModelFitError

    try:
        model.fit(_csr(histories), show_progress=False)
    except ModelFitError as error:  # NaN in the factors
        raise ParameterError(
            f"training diverged ({error}): lower alpha ({trainer.alpha}), or change the "
            f"regularization ({trainer.regularization})"
        ) from error


def _model(trainer: IALS) -> Any:
    """Return implicit's model with the parameters of the trainer."""
    try:
        from implicit.cpu.als import AlternatingLeastSquares
    except ImportError as error:
        raise MissingExtraError(
            "iALS needs the library implicit: pip install 'item2vec[baselines]'"
        ) from error
    return AlternatingLeastSquares(
        factors=trainer.factors,
        alpha=trainer.alpha,
        regularization=trainer.regularization,
        iterations=trainer.iterations,
        random_state=trainer.seed,
    )


def _csr(histories: Histories) -> Any:
    """Return the histories as a SciPy sparse matrix, since implicit rejects sparse arrays."""
    import scipy.sparse

    return scipy.sparse.csr_matrix(histories.to_csr())
