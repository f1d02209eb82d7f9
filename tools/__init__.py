"""Tools for developers that need the environment: `dev.py` starts them."""
