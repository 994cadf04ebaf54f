"""Keras models read as members: layers, optimizer, loss and metrics, with checks that all are supported."""
