"""Koble: connect a Norwegian accounting system to a bank, step by step."""

__version__ = "0.1.0"
