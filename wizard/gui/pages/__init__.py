"""The pages: one widget each; they hold widgets and decide nothing."""
