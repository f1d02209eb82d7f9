"""Where things lie: resources that come with the program, and the customer's own files."""

from __future__ import annotations

import sys
from pathlib import Path

_PACKAGE = Path(__file__).parent.parent


def resources() -> Path:
    """Return the folder of icons and presets: a checkout's own, so that an edit shows at once."""
    return _beside("resources")


def translations() -> Path:
    """Return the folder of the shell's sentences."""
    return _beside("translations")


def data() -> Path:
    """Return the folder for the ledger; on Windows the local one, which does not roam."""
    from platformdirs import user_data_path  # costs 15 ms that most commands need not pay

    return user_data_path("Koble", appauthor=False)


def logs() -> Path:
    """Return the folder for log files."""
    from platformdirs import user_log_path  # as above

    return user_log_path("Koble", appauthor=False)


def policy(platform: str = sys.platform) -> Path:
    """Return where the machine's policy lies; no environment variable moves it."""
    if platform == "win32":
        from platformdirs import site_config_path  # as above

        return site_config_path("Koble", appauthor=False) / "policy.toml"
    folders = {"darwin": "/Library/Application Support/Koble"}
    return Path(folders.get(platform, "/etc/koble")) / "policy.toml"


def is_checkout() -> bool:
    """Tell whether this is a checkout: neither frozen nor installed, with `dev.py` beside the package."""
    above = _PACKAGE.parent
    if getattr(sys, "frozen", False) or above.name in {"site-packages", "dist-packages"}:
        return False
    return (above / "pyproject.toml").is_file() and (above / "dev.py").is_file()


def _beside(name: str) -> Path:
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name
