"""Which buttons there are, and what the window is called: both follow from where the customer is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.core import flow
from wizard.gui.maker import HOME
from wizard.gui.widgets.parts import Button

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from wizard.core.texts import Texts
    from wizard.gui.frame import Buttons
    from wizard.gui.pages.page import Page
    from wizard.gui.window import Window


def buttons_of(window: Window) -> Buttons:
    """Return the words of Back, Next and Cancel, whether each is there, and whether it may be pressed."""
    page, walk, running = window.page, window.walk, window.is_running()
    complete = window.page_complete()
    if page == HOME:
        return ("back", False, False), ("new", True, complete), ("close", True, True)
    if page == flow.SEND:
        return window.sending.buttons()
    if page == "done":
        return ("home", True, True), ("new", True, True), ("close", True, True)
    if page == "test":
        primary = "home" if walk.renews and not walk.unseen else "store"
        primary = "next" if window.choosing() else primary
        leads_home = primary == "home"
        cancel = "stop" if running and not window.storing else "cancel"
        back = flow.before(page, walk) is not None
        return (
            ("back", back, not window.storing),
            (primary, not window.failed(), (complete or leads_home) and not running),
            (cancel, True, not window.storing),
        )
    primary = "next" if page != "key" else "save" if window.assisted() else "test"
    return ("back", page != flow.FIRST, True), (primary, True, complete), ("cancel", True, True)


def title_of(texts: Texts, page: Page) -> str:
    """Return the page's heading and the program's name."""
    heading = page.title.text()
    name = texts.say("window.title")
    return f"{heading} – {name}" if heading else name


def leading(page: QWidget, other_than: Button | None = None) -> Button | None:
    """Return the button by which a page says itself what to do next: then none beneath it is filled."""
    shown = (one for one in page.findChildren(Button) if one.is_next() and one.isVisibleTo(page))
    return next((one for one in shown if one is not other_than), None)
