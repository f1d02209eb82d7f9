"""Where Koble starts: with a command the command line, without one the window."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import TYPE_CHECKING

from wizard import cli
from wizard.core import hooks
from wizard.core.display import has_display
from wizard.core.dumps import forbid
from wizard.core.proxy import PROXY_OF

if TYPE_CHECKING:
    import argparse
    from types import FrameType


HOLDING = ("connect", "check", "partner", "call", "forget")
"""The commands that hold secrets, if only to drop them; the window sees to its memory once it is painted."""


def main() -> int:
    """Run `koble`; return the exit status."""
    hooks.install()
    arguments = _opened(sys.argv[1:])
    if arguments[:1] == [PROXY_OF]:
        return _tell_proxy(arguments[1:])
    if _has_command(arguments):
        if cli.command_in(arguments) in HOLDING:
            forbid()
        _end_as_ctrl_c_does()
        return cli.main(arguments)
    return cli.guarded(arguments, _window)


def window() -> int:
    """Run `koble-wizard`: the window, whatever the arguments."""
    hooks.install()
    if sys.argv[1:2] == [PROXY_OF]:  # an installed program can only start itself
        return _tell_proxy(sys.argv[2:])
    return cli.guarded(_opened(sys.argv[1:]), _window)


def _opened(arguments: list[str]) -> list[str]:
    """Return the arguments; a double click on a start file gives its name and nothing else."""
    alone = len(arguments) == 1 and arguments[0].endswith(".koble-start")
    return ["--start", *arguments] if alone else arguments


def _tell_proxy(hosts: list[str]) -> int:
    """Answer the window, which asks for the system's proxy in a process that it can end (`gui.proxy`)."""
    from wizard.gui.proxy import tell

    return tell(hosts)


def _window(options: argparse.Namespace) -> int:
    cli.see_practice(options)
    if not has_display(os.environ, sys.platform):
        _end_as_ctrl_c_does()
        return cli.without_display(options)
    gc.disable()  # until the window has warmed up: all that is made before is needed to the end
    from wizard.gui.app import Opening, run

    return run(
        Opening(
            language=options.language or "",
            preset=options.preset or "",
            start=options.start or "",
            practice=bool(options.practice),
            test_environments=bool(options.test_environments),
            theme=options.theme,
            at=options.at,
            fault=options.fault,
        )
    )


def _has_command(arguments: list[str]) -> bool:
    return cli.command_in(arguments) is not None


def _end_as_ctrl_c_does() -> None:
    """Let SIGTERM and the like cancel a command; in the window's event loop no Python handler runs."""
    for number in cli.ENDING:
        signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
