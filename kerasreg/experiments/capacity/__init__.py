"""Capacity against training-set size."""
