"""Dropout, DropConnect, input noise and label smoothing against none."""
