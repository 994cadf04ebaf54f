"""What the package's speed is measured with; each module is run with `python -m benchmarks.<name>`."""
