"""Networks with every regularizer at hand: plain values in, a compiled Keras model out."""

from kerasreg.builders.autoencoder import build_autoencoder
from kerasreg.builders.cnn import ConvolutionBlock, build_cnn
from kerasreg.builders.mlp import build_mlp
from kerasreg.builders.presets import cnn_preset

__all__ = ["ConvolutionBlock", "build_autoencoder", "build_cnn", "build_mlp", "cnn_preset"]
