"""Benchmarks: ratios from one run on one machine, to be read, not to pass or fail."""
