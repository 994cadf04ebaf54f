"""Cross-validation, and how well such estimates meet the true error."""
