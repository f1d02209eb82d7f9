"""All seven systems: a customer's walk in the window, `koble receive` in another account, the reply typed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.helpers import Command, good, secrets_in
from tests.cli.test_exchange import given_on, partner_of
from tests.core.sealing import KEY
from tests.gui.helpers import PRESET, without_partner_keys
from tests.gui.test_sending import copied, home, the_only
from tests.gui.test_seven import PROVIDERS, SPARE, answer, number
from tests.providers.helpers import asks
from wizard.core.keys import as_set, public
from wizard.core.practice import endpoints_toml

if TYPE_CHECKING:
    from pathlib import Path

    from tests.gui.helpers import Customer, Maker
    from wizard.core.world import World

BANK = replace(PRESET, seal_keys=(public(KEY),))


@pytest.fixture
def receive(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, world: World
) -> Any:
    """Return what receives a text in the bank's account: a home of its own, its keys on descriptors."""
    koble = Command(capfdbinary, monkeypatch)
    endpoints = tmp_path / "endpoints.toml"
    assert world.endpoints
    ours = {place: rows for place, rows in world.endpoints.items() if place[0] in PROVIDERS}
    endpoints.write_text(endpoints_toml(ours), "utf-8")

    def received(text: str, slug: str, command: str) -> Any:
        for name in ("HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
            monkeypatch.setenv(name, str(tmp_path / "bank"))
        keys = ("--key-fd", given_on(as_set({KEY["kid"]: KEY})))
        partner = ("--partner-fd", given_on(partner_of(slug, good(slug))))
        options = ("--endpoints", str(endpoints), "--deliver", command, "--json")
        return koble("receive", "-", *keys, *partner, *options, given=text.encode())

    return received


def to_send(customer: Customer, slug: str) -> None:
    answer(customer, slug, good(slug), number(good(slug)) or SPARE)
    window = customer.window
    customer.click(window.next)
    ends = {"passed", "failed", "choosing"}
    customer.wait(
        lambda: window.page == "send" or (window.page == "test" and window._testing().state in ends)
    )
    if window.page == "test":
        assert window._testing().state == "passed", customer.message()
        customer.click(window.next)
        customer.wait_page("send")


@pytest.mark.parametrize("slug", sorted(PROVIDERS))
def test_from_the_window_to_the_bank_and_back(
    slug: str, make: Maker, world: World, receive: Any, tmp_path: Path
) -> None:
    alone = replace(without_partner_keys(world), preset=BANK)
    customer = make(preset=BANK, world=alone)
    to_send(customer, slug)
    text = copied(customer)
    customer.click(customer.window.next)
    customer.wait_page("done")
    ended = receive(text, slug, f"tee {tmp_path / 'got.json'}")
    assert ended.status == 0, ended.last
    row = json.loads((tmp_path / "got.json").read_text("utf-8"))["connections"][0]
    assert row["received"]["tested"] == (
        "passed" if asks(PROVIDERS[slug], good(slug)) else "not_possible_here"
    )
    said = ended.out + ended.err
    assert not [one for one in secrets_in(good(slug)) if one in said or one in text]
    (reply,) = [one for one in ended.events if one["event"] == "reply"]
    customer.to_home()
    home(customer).code.setText(str(reply["code"]).lower())
    customer.click(home(customer).use)
    customer.wait(lambda: the_only(customer).delivered == "confirmed")
    customer.wait(lambda: not alone.store.vault.items)  # type: ignore[attr-defined]
    again = receive(text, slug, "cat")
    assert (again.status, again.last["code"]) == (2, "handover_used")
