"""A system that there is not."""
