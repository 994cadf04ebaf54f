"""Near-duplicates in both the training and the validation part."""
