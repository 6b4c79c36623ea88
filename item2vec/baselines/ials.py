"""iALS: matrix factorisation of implicit feedback by alternating least squares.

Hu, Koren and Volinsky, "Collaborative Filtering for Implicit Feedback Datasets" (2008); tuned, it
is a strong baseline (Rendle et al., "Revisiting the Performance of iALS", 2022). The library
`implicit` does the work.
"""

import warnings
from dataclasses import dataclass, field
from typing import Any, Literal

from item2vec._support.progress import Progress
from item2vec._support.threads import blas_threads
from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import MissingExtraError, ParameterError
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.evaluation.validation import settled
from item2vec.models.recommender import ScoringRecommender
from item2vec.neighbors.exact import ExactNeighbors
from item2vec.parameters import Among, Between, Parameters, parameter
from item2vec.reading.conversion import HistoriesLike, as_histories
from item2vec.types import Rows, Scores, Vectors

ALPHAS = (1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0)
REGULARIZATIONS = (0.01, 0.1, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)


@dataclass(frozen=True, kw_only=True)
class IALS(Parameters):
    """Factors of users and items whose products are 1 for what was watched, else 0, by weight.

    What was watched weighs `alpha`, all else 1. A held-out history's user factor is the least
    squares solution given the item factors.
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
        "L2 regularisation of the factors; auto: chosen on validation users",
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
        """Factorise the histories.

        Raises
        ------
        MissingExtraError
            If implicit is not installed.
        ParameterError
            If training diverged.
        """
        histories = as_histories(histories)
        if "auto" in (self.alpha, self.regularization):
            choices = {"alpha": ALPHAS, "regularization": REGULARIZATIONS}
            best = settled(self, choices, histories, self.validation, progress=progress)
            return best.fit(histories)
        model = self._model()
        with warnings.catch_warnings(), blas_threads(1):
            # It warns of BLAS threads, which it would have to share the cores with.
            warnings.simplefilter("ignore", RuntimeWarning)
            self._fit(model, histories)
        return IALSRecommender(histories.vocabulary, model, self)

    def _fit(self, model: Any, histories: Histories) -> None:
        from implicit.recommender_base import ModelFitError

        try:
            model.fit(_csr(histories), show_progress=False)
        except ModelFitError as error:  # NaN in the factors
            raise ParameterError(
                f"training diverged ({error}): lower alpha, which is {self.alpha}, or take another "
                f"regularization than {self.regularization}"
            ) from error

    def _model(self) -> Any:
        try:
            from implicit.cpu.als import AlternatingLeastSquares
        except ImportError as error:
            raise MissingExtraError(
                "iALS needs the library implicit: pip install 'item2vec[baselines]'"
            ) from error
        with warnings.catch_warnings(), blas_threads(1):
            warnings.simplefilter("ignore", RuntimeWarning)
            return AlternatingLeastSquares(
                factors=self.factors,
                alpha=self.alpha,
                regularization=self.regularization,
                iterations=self.iterations,
                random_state=self.seed,
            )


@dataclass(frozen=True, eq=False)
class IALSRecommender(ScoringRecommender):
    """Item factors, and what folds histories in."""

    vocabulary: Vocabulary
    model: Any  # implicit.cpu.als.AlternatingLeastSquares
    parameters: IALS

    @property
    def item_factors(self) -> Vectors:
        """The vectors of the items, float32 (n_items, factors)."""
        factors: Vectors = self.model.item_factors
        return factors

    def score_rows(self, histories: Histories) -> Scores:
        """Return the scores of all items for each history, float32 (m, n_items)."""
        self.check_scorable(histories)
        folded = self.model.recalculate_user(range(len(histories)), _csr(histories))
        scores: Scores = folded @ self.item_factors.T
        return scores

    def similar_rows(self, rows: Rows, k: int) -> Rows:
        """Return the `k` items whose factors are nearest to each of `rows`, int32 (m, k)."""
        return ExactNeighbors(self.item_factors).neighbors(rows, k)[0]


def _csr(histories: Histories) -> Any:
    """Return the histories as the kind of sparse matrix that implicit takes."""
    import scipy.sparse

    return scipy.sparse.csr_matrix(histories.to_csr())
