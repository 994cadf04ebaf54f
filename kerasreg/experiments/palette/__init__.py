"""Palette of the pictures that an autoencoder of one picture redraws."""
