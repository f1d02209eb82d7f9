"""The practice vendors in a process of their own, until its input ends: `python -m benchmarks.vendor`."""

from __future__ import annotations

import json
import sys

from wizard.core.practice import Playground, endpoints_toml, practice_of
from wizard.core.registry import built_in

DELAY = 0.05
"""How long each answer takes, in seconds."""


def main() -> None:
    """Serve; print the endpoints file and good answers as one line of JSON."""
    providers = built_in().providers
    good = {slug: dict(practice_of(provider).good) for slug, provider in providers.items()}
    with Playground(providers, delay=DELAY).open() as playground:
        print(json.dumps({"endpoints": endpoints_toml(playground.endpoints), "good": good}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
