"""Vanishing gradients: chains of single neurons, and deep networks."""
