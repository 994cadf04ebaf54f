"""Training too long, and the rules of early stopping that prevent it."""
