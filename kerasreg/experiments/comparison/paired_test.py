"""T-test for paired differences, with the correction for splits that share rows."""

import math
from collections.abc import Sequence

from kerasreg.checks import check_fraction, check_number

MAX_SPLITS = 1_000_000


def t_test(mean: float, sd: float, count: int, *, ratio: float = 0.0, against: float = 0.0) -> float:
    """Returns the two-sided p-value of a mean of paired differences.

    The variance of the mean is sd² (1 / count + ratio). A ratio of 0 gives the paired t-test; the scored
    rows of a split divided by its training rows give the corrected resampled t-test.

    Args:
        mean: Mean of the differences.
        sd: Standard deviation of the differences with n - 1 in the denominator, above 0.
        count: Number of differences, at least 2.
        ratio: Scored rows over training rows if the splits share rows, 0 if they do not.
        against: Mean under the null hypothesis.

    Reference:
        Nadeau and Bengio, Inference for the Generalization Error, Machine Learning 52, 2003, section 4.1.

    Example:
    >>> round(t_test(0.02, 0.02, 10), 4), round(t_test(0.02, 0.02, 10, ratio=3 / 7), 4)
    (0.0115, 0.2023)
    """
    from scipy.special import stdtr

    error = sd * math.sqrt(1 / count + ratio)
    return min(1.0, 2 * float(stdtr(count - 1, -abs(mean - against) / error)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Returns p-values adjusted for multiple tests with Holm's method, in the order given.

    Where differences are called shown if their adjusted p-value is below alpha, the probability of even one
    false call is below alpha, however the tests depend on each other.

    Args:
        p_values: One for each test, in [0, 1]; NaN counts as a test that shows nothing, and stays NaN.

    Reference:
        Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of Statistics
        6, 1979.

    Example:
    >>> holm([0.01, 0.04, 0.02])
    [0.03, 0.04, 0.04]
    """
    count = len(p_values)
    adjusted = [math.nan] * count
    largest = 0.0
    tested = [index for index in range(count) if not math.isnan(p_values[index])]
    for rank, index in enumerate(sorted(tested, key=lambda index: p_values[index])):
        largest = max(largest, min(1.0, (count - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def power_of_test(
    difference: float, sd: float, count: int, *, ratio: float = 0.0, alpha: float = 0.05
) -> float:
    """Returns the probability that the test shows a true difference.

    Args:
        difference: True mean of the differences.
        sd: Standard deviation of the differences, above 0.
        count: Number of differences, at least 2.
        ratio: Scored rows over training rows if the splits share rows, 0 if they do not.
        alpha: Probability of showing a difference where there is none, in (0, 1).

    Reference:
        Cohen, Statistical Power Analysis for the Behavioral Sciences, 2nd edition, 1988, chapter 2. The
        test statistic follows the noncentral t distribution; with a ratio it does so if two splits have the
        correlation that the correction assumes, ratio / (1 + ratio).

    Example:
    >>> round(power_of_test(0.5, 1.0, 34), 2)
    0.81
    """
    from scipy.special import nctdtr, stdtrit

    shift = abs(difference) / (sd * math.sqrt(1 / count + ratio))
    critical = float(stdtrit(count - 1, 1 - alpha / 2))
    shown = 1 - _or_zero(nctdtr(count - 1, shift, critical))
    shown_the_wrong_way = _or_zero(nctdtr(count - 1, shift, -critical))
    return min(1.0, shown + shown_the_wrong_way)


def _or_zero(probability: float) -> float:
    """Returns 0 for NaN, which SciPy returns for some probabilities far below 1e-6."""
    return 0.0 if math.isnan(probability) else float(probability)


def splits_needed(
    difference: float, sd: float, *, ratio: float = 0.0, alpha: float = 0.05, power: float = 0.8
) -> int | None:
    """Returns the number of splits with which the test shows a true difference with a given power.

    Args:
        difference: True mean of the differences.
        sd: Standard deviation of the differences, at least 0.
        ratio: Scored rows over training rows if the splits share rows, 0 if they do not.
        alpha: Probability of showing a difference where there is none, in (0, 1).
        power: Probability of showing the true difference, in (0, 1).

    Returns:
        Smallest such number, at least 2; `None` if not even a million are enough. For splits that share
        rows there is a limit: more splits do not make more data.

    Raises:
        InvalidInput: If an argument is outside its range.

    Example:
    >>> splits_needed(0.5, 1.0)
    34
    >>> print(splits_needed(0.5, 1.0, ratio=3 / 7))
    None
    """
    check_fraction("alpha", alpha)
    check_fraction("power", power)
    check_number("sd", sd)
    check_number("ratio", ratio)
    check_number("difference", difference, minimum=-math.inf)
    if difference == 0:
        return None
    if sd == 0:
        return 2

    def enough(count: int) -> bool:
        return power_of_test(difference, sd, count, ratio=ratio, alpha=alpha) >= power

    low, high = 1, 2
    while not enough(high):
        if high >= MAX_SPLITS:
            return None
        low, high = high, min(2 * high, MAX_SPLITS)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
