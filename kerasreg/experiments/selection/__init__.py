"""Optimism of the score by which a candidate is chosen."""
