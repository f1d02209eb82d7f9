"""The canary job at the partner's end: what was handed over is in the command's hands and nowhere else."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QGuiApplication

from tests.canary.search import Canary
from tests.canary.seen import every_text
from tests.canary.test_canary import EVERY_WAY, WAYS, vendors
from tests.cli.test_exchange import given_on, partner_of, sealed_for
from tests.core.sealing import KEY, SIGNERS, a_handover
from tests.gui.helpers import Maker
from tests.gui.test_report import opened
from tests.gui.test_sending import BANK, listening
from tests.gui.test_seven import SPARE, answer, give, number
from tests.gui.test_starting import a_start
from tests.providers.helpers import table
from wizard.core.handed_on import load, place
from wizard.core.handover import open_sealed, reply_bytes
from wizard.core.keys import as_set
from wizard.core.reply import Outcome, code, derived
from wizard.core.strict import encoded
from wizard.core.world import open_world
from wizard.gui.guide_sheets import NotAdminSheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.canary.keys import Planted
    from tests.canary.search import Search
    from tests.cli.helpers import Command
    from tests.gui.helpers import Customer

    Searching = Callable[[Iterable[Canary]], Search]

OURS = (
    Canary("private key", KEY["d"], (KEY["d"],)),
    Canary("reply", encoded(reply_bytes(a_handover().reply)), (encoded(reply_bytes(a_handover().reply)),)),
)


@EVERY_WAY
@pytest.mark.parametrize("echo", [False, True], ids=["honest", "echoing"])
def test_receiving(
    way: Planted,
    echo: bool,
    koble: Command,
    home: Path,
    tmp_path: Path,
    searching: Searching,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    slug, got = way.provider.slug, tmp_path / "got.json"
    text = sealed_for(slug, way.given).encode()
    ended = []
    with vendors(tmp_path, way, echo=echo) as (taking, file):
        for number, more in enumerate(((), ("--json",))):
            options = ("--endpoints", str(file), "--used", str(home / f"used{number}.sqlite"), *more)
            keys = ("--key-fd", given_on(as_set({KEY["kid"]: KEY})))
            partner = ("--partner-fd", given_on(partner_of(slug, way.given)))
            command = ("--deliver", f"tee {got}")
            ended.append(koble("receive", "-", *keys, *partner, *options, *command, given=text))
    assert {one.status for one in ended} <= ({0, 3, 5} if echo else {0}), ended
    assert echo or all(
        one.value in got.read_text("utf-8") for one in way.canaries if one.value in str(way.given["answers"])
    )
    said = {"stdout": "".join(one.out for one in ended), "stderr": "".join(one.err for one in ended)}
    search = searching((*way.canaries, *taking.sessions(), *OURS))
    flow = f"{way.label}, {'echoing' if echo else 'honest'}, receive"
    assert search.everywhere(flow, root=home, texts={**said, "records": caplog.text}) == []


HOW = ("text", "file", "upload")


@pytest.mark.parametrize(
    ("way", "how"),
    [(way, HOW[at % 3]) for at, way in enumerate(WAYS)],
    ids=lambda one: one if isinstance(one, str) else one.label,
)
def test_sending(
    way: Planted,
    how: str,
    qtbot: QtBot,
    home: Path,
    tmp_path: Path,
    searching: Searching,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The customer's end: what leaves the window is sealed, and what stays tells nothing, reply and all."""
    caplog.set_level(logging.DEBUG)
    home.mkdir(exist_ok=True)
    file, search = home / "sent", searching(way.canaries)
    with vendors(tmp_path, way) as (_, endpoints), listening() as (bank, address):
        preset = replace(BANK, upload=address)
        with open_world(memory=True, endpoints=endpoints, preset=preset) as world:
            maker = Maker(qtbot, lambda: nullcontext(world), world)
            customer = maker(preset=preset)
            window = customer.window
            window.sending.ask_file = lambda *_: str(file)
            answer(customer, way.provider.slug, way.given, number(way.given) or SPARE)
            QGuiApplication.clipboard().setText("something else")
            to_send(customer)
            search.everywhere(f"{way.label}, before sending", root=home, texts=every_text())
            window._sends().ways.choose(how)
            customer.click(window.next)
            if how != "upload":
                customer.wait(lambda: window._sends().state == "made")
                search.everywhere(f"{way.label}, {how}, made", root=home, texts=every_text())
                customer.click(window.next)
            customer.wait_page("done")
            sealed = QGuiApplication.clipboard().text() if how == "text" else ""
            sealed = file.read_text("utf-8") if how == "file" else sealed
            sealed = bank.got[0][2].decode() if how == "upload" else sealed
            what = open_sealed(sealed, {KEY["kid"]: KEY})
            customer.to_home()
            window._home().delivery.code.setText(code(derived(what.reply, what.id), what.id, Outcome()))
            customer.click(window._home().delivery.use)
            customer.wait(lambda: not world.store.vault.items)  # type: ignore[attr-defined]
            said = {
                **every_text(),
                "records": caplog.text,
                "sealed": sealed,
                "book": repr(world.store.book()),
            }
            ours = searching((*way.canaries, Canary("reply", what.reply.reveal(), (what.reply.reveal(),))))
            assert ours.everywhere(f"{way.label}, {how}", root=home, texts=said) == []
            maker.close()
    assert search.hits == []


@pytest.mark.parametrize(
    "way", [one for one in WAYS if one.provider.slug in {"fiken", "xledger"}], ids=lambda one: one.label
)
def test_a_start_file_and_handing_on(
    way: Planted,
    qtbot: QtBot,
    home: Path,
    tmp_path: Path,
    searching: Searching,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A key is pasted where the start file belongs, then where it belongs, and the guide is sent on."""
    caplog.set_level(logging.DEBUG)
    search, slug = searching(way.canaries), way.provider.slug
    start = a_start(system=slug, expect=number(way.given) or SPARE)
    with (
        vendors(tmp_path, way) as (_, file),
        open_world(memory=True, endpoints=file, preset=BANK) as world,
    ):
        maker = Maker(qtbot, lambda: nullcontext(world), world)
        customer = maker(preset=BANK)
        window = customer.window
        window.starting.signers, window.starting.unsigned = lambda: SIGNERS, False
        for one in way.canaries:
            window.starting.open_text(one.value)
            customer.wait(lambda: window.starting.sheet is not None)
            assert window.starting.sheet
            window.starting.sheet.reject()
        search.everywhere(f"{way.label}, pasted as a start file", root=home, texts=every_text())
        window.starting.open_text(start)
        customer.wait_page("key")
        type_in(customer, way)
        QGuiApplication.clipboard().setText("something else")
        customer.click(window._key().aids.not_admin)
        sheet = opened(customer, NotAdminSheet)
        window.guide_help.ask_file = lambda _sheet, _title, name: str(home / name)
        for button in (sheet.save, sheet.copy_body, sheet.have_sent):
            customer.click(button)
        assert (home / f"{slug}.koble-start").read_text("utf-8") == start
        assert load(place()), "it is noted, and searched"
        search.everywhere(f"{way.label}, handed on", root=home, texts=every_text())
        to_send(customer)
        said = {**every_text(), "records": caplog.text, "book": repr(world.store.book())}
        assert search.everywhere(f"{way.label}, stored", root=home, texts=said) == []
        maker.close()


def type_in(customer: Customer, way: Planted) -> None:
    """Give every answer on the page that the start file led to."""
    page, answers = customer.window._key(), dict(table(way.given, "answers"))
    method = str(answers.pop("method", ""))
    if method and page.methods.isVisible():
        customer.choose_method(method)
    if page.have.isVisible():
        customer.click(page.have)
    for name, value in answers.items():
        if name in page.fields:
            give(customer, name, str(value))


def to_send(customer: Customer) -> None:
    """Go on to the page that sends, by way of a test where there is one."""
    window = customer.window
    customer.click(window.next)
    customer.wait(
        lambda: (
            window.page == "send"
            or (window.page == "test" and window._testing().state in {"passed", "failed", "choosing"})
        )
    )
    if window.page == "test":
        window._testing().confirm.tick(True)
        customer.click(window.next)
        customer.wait_page("send")
