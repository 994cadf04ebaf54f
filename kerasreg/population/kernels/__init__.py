"""Tensor functions for all members at once: convolution, pooling, image augmentation and random numbers."""
