"""An assistive program, for the system's own Python: tells every event, and all that it can read.

It writes one line of JSON for each. A line on its standard input has it read every application's whole tree,
or do something with what has a role and a name, as somebody would who cannot see where that is.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from typing import Any

import gi  # type: ignore[import-not-found]

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # type: ignore[import-not-found]  # noqa: E402

EVENTS = (
    *("object:text-changed", "object:text-caret-moved", "object:text-selection-changed"),
    *("object:text-attributes-changed", "object:property-change", "object:state-changed"),
    *("object:children-changed", "object:visible-data-changed", "object:announcement"),
    *("object:active-descendant-changed", "object:selection-changed", "object:value-changed"),
    *("window", "focus", "document"),
)
READ = ("get_name", "get_description", "get_role_name", "get_accessible_id", "get_help_text")


def tell(**what: Any) -> None:
    """Write a line."""
    print(json.dumps(what, default=str), flush=True)


def hear(event: Any) -> None:
    """Tell an event, with what its source reads as at that moment."""
    tell(
        event=event.type, data=str(event.any_data), source=path_of(event.source), says=texts_of(event.source)
    )


def path_of(one: Any) -> str:
    """Return what tells an object from the others."""
    with suppress(Exception):
        return f"{one.get_process_id()}/{one.get_role_name()}/{one.get_name()}"
    return ""


def texts_of(one: Any) -> list[str]:
    """Return every text of an object; what cannot be asked is none."""
    found: list[Any] = []
    for name in READ:
        with suppress(Exception):
            found.append(getattr(one, name)())
    with suppress(Exception):
        found.append(Atspi.Text.get_text(one, 0, Atspi.Text.get_character_count(one)))
    with suppress(Exception):
        found.append(Atspi.Text.get_string_at_offset(one, 0, Atspi.TextGranularity.LINE).content)
    with suppress(Exception):
        found.append(Atspi.Text.get_attributes(one, 0))
    with suppress(Exception):
        found.append(Atspi.Value.get_text(one))
    with suppress(Exception):
        found.append(one.get_attributes())
    return [str(text) for text in found if text]


def read(one: Any) -> None:
    """Tell every text of an object and of all beneath it."""
    tell(read=path_of(one), says=texts_of(one))
    for at in range(one.get_child_count()):
        child = one.get_child_at_index(at)
        if child:
            read(child)


def obey(*_: Any) -> bool:
    """Do what the next line asks for: `read`, or `write` a text into the field of that name."""
    line = sys.stdin.readline()
    if not line:
        Atspi.event_quit()
        return False
    if line.startswith("{"):
        tell(did=act(**json.loads(line)))
    elif line.startswith("write "):
        tell(wrote=write(Atspi.get_desktop(0), line.rstrip("\n").removeprefix("write ")))
    else:
        desktop = Atspi.get_desktop(0)
        for at in range(desktop.get_child_count()):
            read(desktop.get_child_at_index(at))
        tell(done="read")
    return True


def act(do: str, role: str, name: str, text: str = "", *, anew: bool = False) -> bool:
    """Do something with the first thing of that role whose name begins so, if it is there and may be used.

    `anew` asks the window for everything, and not only for what it told by itself.
    """
    desktop = Atspi.get_desktop(0)
    if anew:
        desktop.clear_cache()
    found = find(desktop, role.split("|"), name)
    if found is None:
        return False
    if do == "press":
        return bool(Atspi.Action.do_action(found, 0))
    if do == "pick":
        return bool(Atspi.Selection.select_child(found.get_parent(), found.get_index_in_parent()))
    if do == "type":
        return bool(Atspi.EditableText.set_text_contents(found, text))
    return True


def find(one: Any, roles: list[str], name: str) -> Any:
    """Return the first thing beneath that can be seen and used, or None."""
    with suppress(Exception):
        states = one.get_state_set()
        usable = states.contains(Atspi.StateType.SHOWING) and states.contains(Atspi.StateType.ENABLED)
        if usable and one.get_role_name() in roles and one.get_name().startswith(name):
            return one
        for at in range(one.get_child_count()):
            child = one.get_child_at_index(at)
            found = find(child, roles, name) if child else None
            if found is not None:
                return found
    return None


def write(one: Any, text: str) -> bool:
    """Put a text into the first field for a password, as an assistive program may."""
    if one.get_role() == Atspi.Role.PASSWORD_TEXT:
        return bool(Atspi.EditableText.set_text_contents(one, text))
    children = (one.get_child_at_index(at) for at in range(one.get_child_count()))
    return any(write(child, text) for child in children if child)


def main() -> None:
    """Listen until the standard input ends."""
    Atspi.init()
    listener = Atspi.EventListener.new(hear)
    for name in EVENTS:
        listener.register(name)
    GLib.io_add_watch(sys.stdin.fileno(), GLib.IO_IN | GLib.IO_HUP, obey)
    tell(done="listening")
    Atspi.event_main()


if __name__ == "__main__":
    main()
