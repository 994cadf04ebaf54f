"""Training with noise on the input against its Tikhonov penalty on the gradient."""
