"""Random changes of pictures: drawn anew at each training step, or once and for all."""

from kerasreg.augmentation.colors import (
    RandomChannelPermutation,
    RandomNoise,
    RandomPalette,
    change_palette,
    mix_channels,
    orders_from,
)
from kerasreg.augmentation.geometry import RandomElastic, RandomSlant, sample_bilinearly, smoothing_matrix
from kerasreg.augmentation.layers import augmentation_layers
from kerasreg.augmentation.preview import preview_augmentations
from kerasreg.augmentation.strategies import Strategy, augmented, augmented_split
from kerasreg.augmentation.strengths import Augmentation, check_picture

__all__ = [
    "Augmentation",
    "RandomChannelPermutation",
    "RandomElastic",
    "RandomNoise",
    "RandomPalette",
    "RandomSlant",
    "Strategy",
    "augmentation_layers",
    "augmented",
    "augmented_split",
    "change_palette",
    "check_picture",
    "mix_channels",
    "orders_from",
    "preview_augmentations",
    "sample_bilinearly",
    "smoothing_matrix",
]
