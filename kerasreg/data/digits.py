"""The small handwritten digits that come with scikit-learn: no download, no account."""

from kerasreg.data.labeled_images import split_around_test
from kerasreg.records import Split
from kerasreg.sampling import draw_rows
from kerasreg.seeds import derive_seed

NUM_TEST = 360


def load_digits_split(
    train_size: int | None = None, *, validation_fraction: float = 0.3, seed: int = 0
) -> Split:
    """Returns 1,797 real handwritten digits of 8x8 pixels, in 10 classes.

    The test part is always the same 360 images (20 %, stratified), whatever the seed and size, so that
    accuracies can be compared. No two of the 1,797 images are exactly equal.

    Args:
        train_size: How many images the train and the validation part hold together, at most 1,437, or
            `None` for all of them. For one seed the images of a smaller size are among those of a
            larger one.
        validation_fraction: Fraction of these that becomes the validation part, in (0, 1).
        seed: Seed of the draws, which are stratified.

    Returns:
        A `Split` named "digits": x of shape (n, 8, 8, 1), single precision, in [0, 1]; labels 0 to 9.

    Raises:
        InvalidInput: If an argument is outside its range, or too few images are left for every class.

    Reference:
        Kaynak, Methods of Combining Multiple Classifiers and Their Applications to Handwritten Digit
        Recognition, MSc thesis, 1995; the test set of UCI's Optical Recognition of Handwritten Digits.
    """
    from sklearn.datasets import load_digits

    digits = load_digits()
    test, development = draw_rows(
        digits.target, len(digits.target), NUM_TEST, seed=derive_seed(0, "digits", "test"), what="test part"
    )
    return split_around_test(
        "digits",
        digits.images,
        digits.target,
        development=development,
        test=test,
        train_size=train_size,
        validation_fraction=validation_fraction,
        seed=seed,
        scale=16,
    )
