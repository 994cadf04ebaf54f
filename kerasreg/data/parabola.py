"""The smallest regression problem with noise: a parabola."""

import numpy as np

from kerasreg.checks import check_number, check_whole_number
from kerasreg.records import Split
from kerasreg.seeds import derive_seed


def noisy_parabola(
    train_size: int = 10, *, test_size: int = 100, noise_std: float = 0.2, seed: int = 0
) -> Split:
    """Returns points of y = x**2 + noise, x uniform on [-1, 1], noise normal.

    The test part is large on purpose, to show what a network that fits ten points has learned. No model
    can have a mean squared error below the noise's own variance: the irreducible error is
    noise_std**2, 0.04 by default.

    For one seed the first points are the same for every `train_size`, and the test points for every
    `test_size`; `noise_std` scales one and the same noise.

    Args:
        train_size: Number of training points, at least 1.
        test_size: Number of test points, at least 1.
        noise_std: Standard deviation of the noise, in the units of y. At least 0.
        seed: Seed of the points and of the noise.

    Returns:
        A `Split` named "parabola" for regression: x of shape (n, 1), y of shape (n,), single precision;
        the validation part is empty.

    Raises:
        InvalidInput: If an argument is outside its range.

    Reference:
        Deremble & Tantet, Neural network regularization and deep learning, course notes (LMD/IPSL, Paris).
    """
    check_whole_number("train_size", train_size)
    check_whole_number("test_size", test_size)
    check_number("noise_std", noise_std)
    x_train = _distinct_points(train_size, derive_seed(seed, "parabola", "train"), taken=np.empty(0))
    x_test = _distinct_points(test_size, derive_seed(seed, "parabola", "test"), taken=x_train)
    arrays = {}
    first = 0
    for part, x in (("train", x_train), ("validation", x_train[:0]), ("test", x_test)):
        noise = np.random.default_rng(derive_seed(seed, "parabola", part, "noise")).normal(size=len(x))
        arrays[f"x_{part}"] = x.reshape(-1, 1)
        arrays[f"y_{part}"] = (x.astype(float) ** 2 + noise_std * noise).astype(np.float32)
        arrays[f"{part}_indices"] = np.arange(first, first + len(x))
        first += len(x)
    return Split(name="parabola", num_classes=None, **arrays)


def _distinct_points(size: int, seed: int, *, taken: np.ndarray) -> np.ndarray:
    """Draws points that differ from each other and from `taken`, as rows of a `Split` must.

    Single precision has few enough numbers in [-1, 1] that ten thousand draws meet now and then.
    """
    random = np.random.default_rng(seed)
    points = np.empty(0, dtype=np.float32)
    while len(points) < size:
        more = random.uniform(-1, 1, size - len(points)).astype(np.float32)
        points = np.concatenate([points, more])
        first = np.sort(np.unique(points, return_index=True)[1])
        points = points[first]
        points = points[~np.isin(points, taken)]
    return points
