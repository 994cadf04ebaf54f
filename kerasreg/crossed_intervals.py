"""Intervals that hold for new rows and new seeds together, of networks that are tested on the same rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, sqrt

import numpy as np

from kerasreg.checks import InvalidInput, check_fraction

# Of so many wrong rows it is taken for granted that all networks err on them: a few rows cannot show it.
# Tuned by simulation; with 0 an accuracy of 1 would have a point for an interval.
PSEUDO_ROWS = 0.15


@dataclass(frozen=True, kw_only=True)
class MeanSquares:
    """The two-way analysis of variance of a value for each seed and row, one value a cell.

    With a variance of seeds a, of rows b and of what is left e, over S seeds and N rows, `seeds` has the
    expected value N a + e, `rows` S b + e, and `residual` e.

    Args:
        seeds: Mean square between the seeds, with S - 1 degrees of freedom; 0 for one seed.
        rows: Mean square between the rows, with N - 1 degrees of freedom; 0 for one row.
        residual: Mean square of the interaction, with (S - 1)(N - 1) degrees of freedom; 0 for one seed.
        num_seeds: S.
        num_rows: N.

    Reference:
        Searle, Casella and McCulloch, Variance Components, Wiley, 1992, section 4.5.
    """

    seeds: float
    rows: float
    residual: float
    num_seeds: int
    num_rows: int

    @classmethod
    def of_values(cls, values: np.ndarray) -> "MeanSquares":
        """Computes them from values of shape (seeds, rows)."""
        num_seeds, num_rows = values.shape
        by_seed, by_row, mean = values.mean(axis=1), values.mean(axis=0), values.mean()
        left = values - by_seed[:, None] - by_row + mean
        return cls(
            seeds=float(num_rows * np.sum((by_seed - mean) ** 2) / max(1, num_seeds - 1)),
            rows=float(num_seeds * np.sum((by_row - mean) ** 2) / max(1, num_rows - 1)),
            residual=float(np.sum(left**2) / max(1, (num_seeds - 1) * (num_rows - 1))),
            num_seeds=num_seeds,
            num_rows=num_rows,
        )

    @classmethod
    def of_counts(cls, right_by_seed: Sequence[int], rows_by_seeds_right: Sequence[int]) -> "MeanSquares":
        """Computes them for rights and wrongs, from their counts alone.

        Args:
            right_by_seed: How many rows each network classified correctly, of length S.
            rows_by_seeds_right: How many rows 0, 1, … S of the networks classified correctly, S + 1 counts.

        Raises:
            InvalidInput: If the two do not count the same correct answers.
        """
        right, rows = np.asarray(right_by_seed, dtype=float), np.asarray(rows_by_seeds_right, dtype=float)
        num_seeds, num_rows, seeds = len(right), int(rows.sum()), np.arange(len(rows))
        if len(rows) != num_seeds + 1 or num_rows < 1 or rows @ seeds != right.sum():
            raise InvalidInput(
                "rows_by_seeds_right must count the rows that 0, 1, … of the networks classified correctly, "
                f"and so as many correct answers as right_by_seed; received {list(right_by_seed)!r} and "
                f"{list(rows_by_seeds_right)!r}."
            )
        total = right.sum()
        square_of_mean = total**2 / (num_seeds * num_rows)
        between_seeds = (right @ right) / num_rows - square_of_mean
        between_rows = (rows @ seeds**2) / num_seeds - square_of_mean
        left = max(0.0, total - square_of_mean - between_seeds - between_rows)
        return cls(
            seeds=max(0.0, between_seeds) / max(1, num_seeds - 1),
            rows=max(0.0, between_rows) / max(1, num_rows - 1),
            residual=left / max(1, (num_seeds - 1) * (num_rows - 1)),
            num_seeds=num_seeds,
            num_rows=num_rows,
        )


def accuracy_interval(
    right_by_seed: Sequence[int], rows_by_seeds_right: Sequence[int], *, confidence: float = 0.95
) -> tuple[float, float]:
    """Returns an interval for the accuracy of new networks on new rows.

    Every network is tested on the same rows, and what is hard for one is often hard for the others, so the
    accuracies over the seeds do not show the luck of the rows, nor the rows the luck of the seeds. The
    variance of the mean accuracy is therefore the sum of two: the seeds' (as in Student's interval) and that
    of the rows' shared difficulty. It is turned into an effective number of independent rows, and the
    interval is the mid-P interval of a binomial proportion for that number. It stays within [0, 1] and is
    never a point, also where every answer was correct.

    `benchmarks/interval_coverage.py` simulates it, for accuracies of 0.5 to 0.995, 30 to 10,000 rows, 3 to 20
    seeds, and rows from unrelated to nearly the same for all networks. In the runs so far it contained
    the true accuracy in 93 to 98 % of the tries where about a dozen or more rows are expected to be wrong
    and the networks have some difficulty in common. Of fewer wrong rows a count can only take a few
    values, and it cannot be seen whether the networks err on the same ones: there it is conservative, up to
    100 %. So it is of many networks without any difficulty in common, on few rows.

    Args:
        right_by_seed: How many rows each network classified correctly, one entry a seed, of length S.
        rows_by_seeds_right: How many rows 0, 1, … S of the networks classified correctly, of length S + 1.
            For a single network the interval holds for new rows alone.
        confidence: How often such intervals contain the true accuracy, in (0, 1).

    Returns:
        The ends of the interval, in [0, 1].

    Raises:
        InvalidInput: If the counts do not go together, or the confidence is no fraction.

    Reference:
        Korn and Graubard, Confidence Intervals for Proportions With Small Expected Number of Positive Counts
        Estimated From Survey Data, Survey Methodology 24, 1998 (the effective number of rows); Owen, The
        Pigeonhole Bootstrap, Annals of Applied Statistics 1, 2007 (variance of a mean over two crossed
        factors); Satterthwaite, An Approximate Distribution of Estimates of Variance Components, Biometrics
        2, 1946; Cochran, Sampling Techniques, 3rd edition, 1977, section 5.4 (weighted quantiles of t);
        Berry and Armitage, Mid-P Confidence Intervals: A Brief Review, The Statistician 44, 1995.

    Example:
    >>> [round(end, 3) for end in accuracy_interval([96, 97, 98], [1, 1, 4, 94])]
    [0.927, 0.991]
    >>> [round(end, 3) for end in accuracy_interval([360, 360, 360], [0, 0, 0, 360])]
    [0.992, 1.0]
    """
    check_fraction("confidence", confidence)
    squares = MeanSquares.of_counts(right_by_seed, rows_by_seeds_right)
    accuracy = float(np.mean(right_by_seed)) / squares.num_rows
    rows = _effective_rows(squares, accuracy, confidence)
    return mid_p_interval(accuracy * rows, rows, confidence=confidence)


def mid_p_interval(count: float, total: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Returns the mid-P interval of a binomial proportion; count and total need not be whole.

    Args:
        count: How many of the cases it was, 0 to `total`.
        total: How many cases there were, above 0.
        confidence: How often such intervals contain the true proportion, in (0, 1).

    Returns:
        The ends of the interval, in [0, 1].

    Reference:
        Berry and Armitage, Mid-P Confidence Intervals: A Brief Review, The Statistician 44, 1995.

    Example:
    >>> [round(end, 3) for end in mid_p_interval(30, 30)]
    [0.905, 1.0]
    """
    from scipy.optimize import brentq
    from scipy.special import betainc

    def at_least(share: float) -> float:
        """The probability of more than `count` and half that of `count`."""
        as_many = float(betainc(count, total - count + 1, share)) if count > 0 else 1.0
        more = float(betainc(count + 1, total - count, share)) if count < total else 0.0
        return (as_many + more) / 2

    tail = (1 - confidence) / 2
    low = brentq(lambda share: at_least(share) - tail, 0, 1, xtol=1e-12) if count > 0 else 0.0
    high = brentq(lambda share: at_least(share) - 1 + tail, 0, 1, xtol=1e-12) if count < total else 1.0
    return float(low), float(high)


def error_interval(mean: float, squares: MeanSquares, *, confidence: float = 0.95) -> tuple[float, float]:
    """Returns an interval for the mean error of new networks on new rows, such as a mean squared error.

    The variance of the mean is the same sum as in `accuracy_interval`. The interval is symmetric for the
    logarithm, so that it stays above 0, as errors do.

    Args:
        mean: The mean error over seeds and rows, at least 0.
        squares: The mean squares of the errors, one for each seed and row. For a single network the interval
            holds for new rows alone.
        confidence: How often such intervals are meant to contain the true mean, in (0, 1).

    Returns:
        The ends of the interval; of a mean of 0, which has no logarithm, 0 and 0.

    Reference:
        As in `accuracy_interval`; Olsson, Confidence Intervals for the Mean of a Log-Normal Distribution,
        Journal of Statistics Education 13, 2005.
    """
    check_fraction("confidence", confidence)
    if mean <= 0:
        return 0.0, 0.0
    half = _half_width_of_mean(squares, confidence)
    return mean * exp(-half / mean), mean * exp(half / mean)


def explained_interval(
    squares: np.ndarray, targets: np.ndarray, *, confidence: float = 0.95
) -> tuple[float, float] | None:
    """Returns an interval for the share of the targets' variance, R², that new networks explain of new rows.

    R² is 1 minus a ratio of two means over the same rows: of the squared errors, and of the targets' squared
    deviations. The ratio is linearized in both, which leaves one value for each seed and row; the rest
    is as for `error_interval`, so that R² stays below 1. Of several targets it is the mean of their own R².

    `benchmarks/interval_coverage.py` simulates it too.

    Args:
        squares: Squared errors of shape (seeds, rows, targets). For a single network the interval holds for
            new rows alone.
        targets: The true values, shape (rows, targets).
        confidence: How often such intervals are meant to contain the true R², in (0, 1).

    Returns:
        The ends of the interval, at most 1; `None` where a target does not vary.

    Reference:
        As in `accuracy_interval`; Cochran, Sampling Techniques, 3rd edition, 1977, section 6.3 (variance of
        a ratio).
    """
    deviations = (targets - targets.mean(axis=0)) ** 2
    variances = deviations.mean(axis=0)
    if not variances.all():
        return None
    unexplained = squares.mean(axis=(0, 1)) / variances
    linearized = np.mean((squares - unexplained * deviations) / variances, axis=2)
    ends = error_interval(float(unexplained.mean()), MeanSquares.of_values(linearized), confidence=confidence)
    return 1 - ends[1], 1 - ends[0]


def difference_interval(
    squares: MeanSquares, mean: float, *, confidence: float = 0.95
) -> tuple[float, float]:
    """Returns an interval for the mean difference of two predictions' errors, for new networks and new rows.

    The two are compared in pairs, seed by seed and row by row. The variance of the mean is the same sum as in
    `accuracy_interval`; the interval is symmetric, since a difference has either sign.

    Args:
        squares: The mean squares of the differences, one for each seed and row. For a single network the
            interval holds for new rows alone.
        mean: The mean difference over seeds and rows.
        confidence: How often such intervals are meant to contain the true mean, in (0, 1).

    Returns:
        The ends of the interval.

    Reference:
        As in `accuracy_interval`.
    """
    check_fraction("confidence", confidence)
    half = _half_width_of_mean(squares, confidence)
    return mean - half, mean + half


def _effective_rows(squares: MeanSquares, accuracy: float, confidence: float) -> float:
    """Returns of how many independent rows a binomial proportion is known as well as this accuracy.

    The degrees of freedom are part of it: for few seeds it is less, as the interval has to be wider.
    """
    from scipy.special import ndtri

    num_seeds, num_rows = squares.num_seeds, squares.num_rows
    of_cell = accuracy * (1 - accuracy)  # the variance of one answer
    of_rows = max(0.0, squares.rows - squares.residual) / num_seeds
    common = min(1.0, (num_rows * of_rows + PSEUDO_ROWS) / (num_rows * of_cell + PSEUDO_ROWS))
    cells = num_seeds * num_rows
    seeds = squares.seeds / cells / of_cell if of_cell > 0 else 0.0
    half = _half_width(squares, seeds, common / num_rows, (1 - common) / cells, confidence)
    return (float(ndtri((1 + confidence) / 2)) / half) ** 2


def _half_width_of_mean(squares: MeanSquares, confidence: float) -> float:
    """Returns half the width of a t interval for the mean over all seeds and rows."""
    cells = squares.num_seeds * squares.num_rows
    shared = max(0.0, squares.rows - squares.residual) / cells
    return _half_width(squares, squares.seeds / cells, shared, squares.residual / cells, confidence)


def _half_width(
    squares: MeanSquares, seeds: float, shared: float, residual: float, confidence: float
) -> float:
    """Returns half the width of a t interval with the variances `seeds` and `shared` of a mean.

    It is between those by the two usual quantiles, both of which are exact where one of the variances is 0:
    Cochran's weighted one, a little too large elsewhere, and Satterthwaite's, for few seeds too small.
    The half width is at least a standard error by the residual: seeds can agree by luck.
    """
    from scipy.special import stdtrit

    upper, of_rows = (1 + confidence) / 2, max(1, squares.num_rows - 1)
    rows_quantile = float(stdtrit(of_rows, upper)) ** 2
    if squares.num_seeds == 1:
        return sqrt(rows_quantile * shared)
    of_seeds = squares.num_seeds - 1
    seeds_quantile = float(stdtrit(of_seeds, upper)) ** 2
    seeds = max(seeds, residual / seeds_quantile)
    both = seeds + shared
    if both == 0:
        return 0.0
    cochran = seeds_quantile * seeds + rows_quantile * shared
    freedom = both**2 / (seeds**2 / of_seeds + shared**2 / of_rows)
    satterthwaite = float(stdtrit(freedom, upper)) ** 2 * both
    return sqrt((cochran + satterthwaite) / 2)
