"""Where the numbers come in: loaders return a `Split`, `splits` divides one anew, pictures are read.

Importing this room loads neither Keras nor TensorFlow.
"""

from kerasreg.data.digits import load_digits_split
from kerasreg.data.images import read_picture
from kerasreg.data.mnist import load_mnist_subset
from kerasreg.data.npz import load_npz
from kerasreg.data.own_pictures import own_picture, photograph, sea_truth
from kerasreg.data.parabola import noisy_parabola
from kerasreg.data.picture_splits import patches_split, pictures_split, pixels_split
from kerasreg.data.splits import (
    chronological,
    hold_out,
    k_fold,
    monte_carlo,
    nested_subsets,
    repeated_k_fold,
)

__all__ = [
    "chronological",
    "hold_out",
    "k_fold",
    "load_digits_split",
    "load_mnist_subset",
    "load_npz",
    "monte_carlo",
    "nested_subsets",
    "noisy_parabola",
    "own_picture",
    "patches_split",
    "photograph",
    "pictures_split",
    "pixels_split",
    "read_picture",
    "repeated_k_fold",
    "sea_truth",
]
