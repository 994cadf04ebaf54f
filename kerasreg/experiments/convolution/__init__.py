"""Convolution: fixed filters in two libraries, and the layers of a convolutional network."""
