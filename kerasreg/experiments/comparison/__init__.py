"""Differences of configurations, tested in pairs."""
