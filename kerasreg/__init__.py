"""The laboratory of neural-network regularization for Keras."""

__version__ = "0.1.0"
