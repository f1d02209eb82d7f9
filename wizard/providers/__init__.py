"""The accounting systems, one folder each; the registry finds them by looking here."""
