"""Autoencoders against principal component analysis (PCA)."""
