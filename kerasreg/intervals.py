"""Intervals around measured means and accuracies."""

import math
from collections.abc import Sequence

import numpy as np

from kerasreg.checks import InvalidInput, check_fraction, check_number, check_whole_number


def mean_interval(
    scores: Sequence[float],
    *,
    confidence: float = 0.95,
    limits: tuple[float, float] = (-math.inf, math.inf),
) -> tuple[float, float | None, tuple[float, float] | None]:
    """Returns the mean of repeated scores, their standard deviation and Student's t interval.

    The interval is for the mean over all the repeats there could be (fresh seeds, say). It holds for
    independent repeats; the scores of folds share training rows and are not.

    Args:
        scores: One finite number for each repeat, at least one.
        confidence: How often such intervals contain the true mean, in (0, 1).
        limits: What a score can be at least and at most, (0, 1) for an accuracy: the true mean lies within,
            and so do the ends.

    Returns:
        The mean; the standard deviation with n - 1 in the denominator; the ends of the interval. The
        last two are `None` for a single score, which says nothing about the spread.

    Raises:
        InvalidInput: If there is no score, or one is not finite.

    Reference:
        Student, The Probable Error of a Mean, Biometrika 6, 1908.

    Example:
    >>> mean, sd, _ = mean_interval([0.96, 0.97, 0.98])
    >>> round(mean, 4), round(sd, 4)
    (0.97, 0.01)
    """
    from scipy.special import stdtrit

    check_fraction("confidence", confidence)
    values = np.asarray(scores, dtype=float)
    if values.ndim != 1 or len(values) == 0 or not np.isfinite(values).all():
        raise InvalidInput(f"scores must be one or more finite numbers; received {scores!r}.")
    mean = float(values.mean())
    if len(values) == 1:
        return mean, None, None
    sd = float(values.std(ddof=1))
    half = float(stdtrit(len(values) - 1, (1 + confidence) / 2)) * sd / math.sqrt(len(values))
    return mean, sd, (max(limits[0], mean - half), min(limits[1], mean + half))


def interval_or_nan(
    values: Sequence[float],
    *,
    confidence: float = 0.95,
    limits: tuple[float, float] = (-math.inf, math.inf),
) -> tuple[float, float, tuple[float, float]]:
    """Returns what `mean_interval` does, with NaN for what it cannot say of one value or of NaN.

    Args:
        values: Any numbers. One that is not finite makes everything NaN, as a mean over the others would be
            the mean of those that went well; leave out beforehand what is to be left out.
        confidence: How often such intervals contain the true mean, in (0, 1).
        limits: What a value can be at least and at most; the ends lie within.
    """
    nothing = (math.nan, math.nan)
    if not len(values) or not np.isfinite(values).all():
        return math.nan, math.nan, nothing
    mean, sd, ends = mean_interval(values, confidence=confidence, limits=limits)
    return (mean, math.nan, nothing) if ends is None else (mean, sd, ends)


def geometric_interval(values: np.ndarray) -> tuple[float, float, float]:
    """Returns the geometric mean of magnitudes and the ends of its 95 % interval.

    The interval is Student's t interval of the logarithms. It is a statement about ratios: "0.1 to 10" means
    anything from ten times smaller to ten times larger.

    Args:
        values: One number for each repeat. Those that are 0 or not finite have no logarithm to average and
            are left out.

    Returns:
        Three numbers, NaN where no value is left; the ends are NaN where only one is left.
    """
    magnitudes = np.abs(values)
    logarithms = np.log(magnitudes[np.isfinite(magnitudes) & (magnitudes > 0)])
    mean, _, (low, high) = interval_or_nan(logarithms)
    return float(np.exp(mean)), float(np.exp(low)), float(np.exp(high))


def to_digits(value: float, spread: float) -> str:
    """Returns a number with its sign, to two digits of its interval's half width.

    Args:
        value: The number, such as a mean difference or an end of its interval.
        spread: Width of the interval.

    Example:
    >>> to_digits(0.123456, 0.04)
    '+0.123'
    """
    if spread <= 0:
        return f"{value:+.3g}"
    decimals = max(0, 1 - math.floor(math.log10(spread / 2)))
    return f"{round(value, decimals) + 0.0:+.{decimals}f}"  # + 0.0 takes the sign off a zero


def limits_of(metric: str) -> tuple[float, float]:
    """Returns the range of a metric: [0, 1] for shares of rows, from 0 upward for every other error."""
    return (0.0, 1.0) if metric in ("accuracy", "error_rate") else (0.0, math.inf)


def resampled_interval(
    scores: Sequence[float],
    *,
    num_train: int,
    num_validation: int,
    confidence: float = 0.95,
    limits: tuple[float, float] = (-math.inf, math.inf),
) -> tuple[float, float, tuple[float, float]]:
    """Returns the mean of the scores of folds or repeated splits, and the corrected resampled t interval.

    The scores of folds share training rows, so that Student's interval is too narrow. Here the variance of
    the mean is s² (1 / n + num_validation / num_train) in the place of s² / n. For paired differences
    of two configurations on the same splits it is the corrected resampled t-test.

    Args:
        scores: One finite number for each split, at least two.
        num_train: Number of training rows of each split.
        num_validation: Number of scored rows of each split.
        confidence: How often such intervals are meant to contain the true mean, in (0, 1).
        limits: What a score can be at least and at most, (0, 1) for an accuracy; the ends lie within.

    Returns:
        The mean; the standard deviation with n - 1 in the denominator; the ends of the interval.

    Raises:
        InvalidInput: If there are fewer than two scores, one is not finite, or a number of rows is below 1.

    Reference:
        Nadeau and Bengio, Inference for the Generalization Error, Machine Learning 52, 2003, section 4.1.

    Example:
    >>> mean, _, (low, high) = resampled_interval([0.96, 0.97, 0.98], num_train=90, num_validation=10)
    >>> round(mean, 4), round(low, 4), round(high, 4)
    (0.97, 0.9413, 0.9987)
    """
    from scipy.special import stdtrit

    check_fraction("confidence", confidence)
    check_whole_number("num_train", num_train)
    check_whole_number("num_validation", num_validation)
    mean, sd, _ = mean_interval(scores)
    if sd is None:
        raise InvalidInput("An interval for resampled scores needs at least two of them; received one.")
    count = len(scores)
    error = sd * math.sqrt(1 / count + num_validation / num_train)
    half = float(stdtrit(count - 1, (1 + confidence) / 2)) * error
    return mean, sd, (max(limits[0], mean - half), min(limits[1], mean + half))


def wilson_interval(mean_accuracy: float, num_rows: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Returns Wilson's score interval for an accuracy measured on a finite number of rows.

    It says how much of an accuracy is the luck of which rows were in the test part. Unlike the normal
    interval it never leaves [0, 1] and is of use at an accuracy of 1.

    Args:
        mean_accuracy: Fraction of rows classified correctly, in [0, 1].
        num_rows: How many rows it was measured on, at least 1.
        confidence: How often such intervals contain the true accuracy, in (0, 1).

    Returns:
        The ends of the interval, in [0, 1].

    Raises:
        InvalidInput: If an argument is outside its range.

    Reference:
        Wilson, Probable Inference, the Law of Succession, and Statistical Inference, JASA 22, 1927.

    Example:
    >>> [round(end, 4) for end in wilson_interval(1.0, 360)]
    [0.9894, 1.0]
    """
    from scipy.special import ndtri

    check_fraction("confidence", confidence)
    check_whole_number("num_rows", num_rows)
    p = check_number("mean_accuracy", mean_accuracy)
    if p > 1:
        raise InvalidInput(
            f"mean_accuracy must be a fraction of at most 1; received {mean_accuracy!r}. "
            "Divide a percentage by 100."
        )
    z = float(ndtri((1 + confidence) / 2))
    center = (p + z**2 / (2 * num_rows)) / (1 + z**2 / num_rows)
    half = z * math.sqrt(p * (1 - p) / num_rows + (z / (2 * num_rows)) ** 2) / (1 + z**2 / num_rows)
    return max(0.0, center - half), min(1.0, center + half)


def exact_interval(count: int, total: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Returns Clopper and Pearson's exact interval for a share of few cases.

    Of few it never leaves out the true share more often than it says, as Wilson's does: with 4 of 4,
    whose lower end is 0.40 here, nothing is shown of the majority.

    Args:
        count: In how many cases it was so, 0 to `total`.
        total: How many cases there were, at least 1.
        confidence: How often such intervals contain the true share at least, in (0, 1).

    Returns:
        The ends of the interval, in [0, 1].

    Raises:
        InvalidInput: If an argument is outside its range.

    Reference:
        Clopper and Pearson, The Use of Confidence or Fiducial Limits Illustrated in the Case of the Binomial,
        Biometrika 26, 1934.

    Example:
    >>> [round(end, 2) for end in exact_interval(4, 4)]
    [0.4, 1.0]
    """
    from scipy.special import betaincinv

    check_fraction("confidence", confidence)
    check_whole_number("total", total)
    check_whole_number("count", count, minimum=0)
    if count > total:
        raise InvalidInput(f"count must be at most total; received {count} and {total}.")
    tail = (1 - confidence) / 2
    low = float(betaincinv(count, total - count + 1, tail)) if count else 0.0
    high = float(betaincinv(count + 1, total - count, 1 - tail)) if count < total else 1.0
    return low, high
