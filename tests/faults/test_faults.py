"""Every planted fault, over real sockets and through the whole walk, ends in one code and plain words."""

from __future__ import annotations

import gc
import logging
import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import anyio
import pytest
import trustme

from tests.canary.search import Canary, Search
from tests.core.helpers import NOW
from tests.faults.ground import INSPECTOR, OURS, Ground
from tests.faults.page import PAGE, page
from tests.faults.table import FAULTS, PEER, Fault
from tests.providers.helpers import trace
from wizard.core import errors, log, paths
from wizard.core.connect import Order, examine
from wizard.core.for_it import for_it
from wizard.core.preset import Preset
from wizard.core.provider import STAGES, Environment, Finding
from wizard.core.registry import built_in
from wizard.core.secret import Secret
from wizard.core.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.ground import Planted

FIKEN = built_in().providers["fiken"]
RAW = re.compile(
    r"[A-Z]\w*(Error|Exception|Timeout)\b|[Ee]rrno|\[SSL|_ssl|httpx|h11|socksio|Traceback|b'|0x|ZZ|…|\{|\}"
)
KEY = Canary("fiken.token", f"73195.{PEER.decode()}+/&", (PEER.decode(),))
LEAKY = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA(organization_name=OURS)


@pytest.fixture(scope="module")
def inspector() -> trustme.CA:
    return trustme.CA(organization_name=INSPECTOR)


@pytest.fixture
def ground(
    authority: trustme.CA, inspector: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Ground]:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    made = Ground(folder=tmp_path, authority=authority, inspector=inspector)
    with made.stack:
        yield made


def walk(planted: Planted, limit: float, told: list[Finding]) -> errors.WizardError:
    environment = Environment(name="production", endpoints={"api": planted.address})
    order = Order(
        provider=replace(FIKEN, environments=(environment,)),
        environment=environment,
        answers={"token": Secret(KEY.value)},
        partner={},
    )
    with pytest.raises(errors.WizardError) as caught:
        anyio.run(lambda: examine(order, net=planted.net, tell=told.append, now=lambda: NOW, limit=limit))
    return caught.value.with_traceback(None)


@pytest.mark.parametrize(
    "fault", [pytest.param(one, id=one.name, marks=[LEAKY] if one.leaks else []) for one in FAULTS]
)
def test_a_fault_ends_in_one_code_and_plain_words(
    fault: Fault,
    ground: Ground,
    request: pytest.FixtureRequest,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    log.start(paths.logs())
    told: list[Finding] = []
    planted, began = fault.plant(ground), time.monotonic()
    error = walk(planted, fault.limit, told)
    assert time.monotonic() - began < min(fault.limit, 3) + 1
    assert (error.code, error.stage, error.whose) == (fault.code, fault.stage, fault.whose), error.facts
    assert {name: error.facts.get(name, "absent") for name in fault.facts} == dict(fault.facts)
    assert error.facts.get("reason") == fault.facts.get("reason")
    assert [(one.stage, one.facts) for one in told if one.state == "failed"] == [
        (fault.stage, {"code": fault.code})
    ]
    network = [STAGES.index(one.stage) for one in told if one.check == "network"]
    assert network == sorted(network)
    beyond = [one.stage for one in told if one.check == "network" and one.state == "passed"]
    assert fault.stage not in beyond
    assert words(error) == []
    assert "ZZ" not in repr(error.facts)
    search, home = Search([KEY]), ground.folder / "home"
    texts = {"facts": repr((vars(error), told)), "chain": trace(error), "records": caplog.text}
    texts |= {"words": repr(said(error)), "output": "".join(capfd.readouterr())}
    assert search.everywhere(fault.name, root=home, texts=texts) == []
    request.node.user_properties.append(("canary", search.comparisons))
    del error
    gc.collect()  # what was left open is told of here, not in another test


def words(error: errors.WizardError) -> list[str]:
    """Return what would be said of an error, in any language, that is no plain sentence."""
    return [one for one in said(error) if RAW.search(one) or not one.strip()]


def said(error: errors.WizardError) -> list[str]:
    """Return all that would be said of an error, in any language."""
    said: list[str] = []
    for language in LANGUAGES:
        texts = Texts(language=language, preset=Preset(partner="Fjordbanken"))
        told = texts.explain(error, FIKEN)
        said += [told.what, told.why, told.next, told.action, texts.say(f"whose.{error.whose}", FIKEN)]
        said.append(for_it(error, texts, FIKEN))
    return said


def test_there_are_enough_faults_and_each_has_a_name_of_its_own() -> None:
    assert len(FAULTS) >= 40
    assert len({one.name for one in FAULTS}) == len({one.planted for one in FAULTS}) == len(FAULTS)
    reached = {one.code for one in errors.every_error() if issubclass(one, errors.ReachError)}
    assert reached - {"not_sent"} <= {one.code for one in FAULTS}, "sending has tests of its own"


@pytest.mark.no_cover
def test_the_page_about_it_is_what_the_table_says() -> None:
    assert PAGE.read_text("utf-8") == page(), "python -m tests.faults > docs/diagnosis.md"
    assert "…" not in page()
