"""The canary job at the partner's end: what was handed over is in the command's hands and nowhere else."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from tests.canary.search import Canary
from tests.canary.test_canary import EVERY_WAY, vendors
from tests.cli.test_exchange import given_on, partner_of, sealed_for
from tests.core.sealing import KEY, a_handover
from wizard.core.handover import reply_bytes
from wizard.core.keys import as_set
from wizard.core.strict import encoded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tests.canary.keys import Planted
    from tests.canary.search import Search
    from tests.cli.helpers import Command

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
