"""Test error with and without data augmentation, at several numbers of training rows."""
