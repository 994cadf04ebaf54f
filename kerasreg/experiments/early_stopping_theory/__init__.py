"""Early stopping against a squared weight penalty (ridge)."""
