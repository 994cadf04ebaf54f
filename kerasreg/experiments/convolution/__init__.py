"""Convolution that one can see: filters, ships counted by them, and what a trained network's filters are."""
