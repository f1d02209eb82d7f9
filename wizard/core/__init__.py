"""What Koble knows and does, without a window: imports no Qt and no provider."""
