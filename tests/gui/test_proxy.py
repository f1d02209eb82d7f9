"""The system's proxy: asked in a process of its own, once a host, for a short time."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

import wizard
from wizard.core.proxy import NONE, PROXY_OF, Proxy
from wizard.core.world import open_world
from wizard.gui.proxy import SystemProxies, address_of, ask_qt, tell

HOST = "api.vendor.test"
PYTHON = (sys.executable, "-c")


class System:
    """A system whose script names a proxy, and counts how often it is asked."""

    def __init__(self, answer: str | None) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def __call__(self, host: str) -> str | None:
        self.asked.append(host)
        time.sleep(0.05)
        return self.answer


class Settings:
    """The plain settings of a system."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy

    def __call__(self, host: str) -> Proxy:
        return self.proxy


def test_a_scripts_proxy_is_told_from_one_of_the_settings() -> None:
    plain = Proxy(address="http://p.test:8080", source="system")
    for answer, static, found in (
        ("http://p.test:8080", plain, plain),
        ("http://u:w@p.test:8080", NONE, Proxy(address="http://u:w@p.test:8080", source="pac")),
        ("http://q.test:1", plain, Proxy(address="http://q.test:1", source="pac")),
        ("", plain, NONE),  # the script says to go around it
        (None, plain, plain),  # the system did not tell in time
        (None, NONE, NONE),
    ):
        assert SystemProxies(System(answer), Settings(static))(HOST) == found


def test_the_environment_goes_before_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    system = System("http://script.test:1")
    monkeypatch.setenv("HTTPS_PROXY", "http://set.test:8080")
    monkeypatch.setenv("NO_PROXY", "spared.test")
    proxies = SystemProxies(system)
    assert proxies(HOST) == Proxy(address="http://set.test:8080", source="environment")
    assert proxies("spared.test") == NONE
    assert system.asked == []


def test_those_who_ask_at_once_share_one_answer_and_it_is_kept() -> None:
    system = System("http://p.test:1")
    proxies, together = SystemProxies(system, lambda _: NONE), Barrier(8)

    def ask(_: int) -> Proxy:
        together.wait(5)
        return proxies(HOST)

    with ThreadPoolExecutor(8) as pool:
        assert len({one.address for one in pool.map(ask, range(8))}) == 1
    assert proxies(HOST).bare == "p.test:1"
    proxies("other.test")
    assert system.asked == [HOST, "other.test"]


def test_a_fault_of_ours_is_everybodys_and_nobody_waits_for_ever() -> None:
    def broken(_: str) -> str:
        raise ZeroDivisionError

    proxies = SystemProxies(broken, lambda _: NONE)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            proxies(HOST)


def test_a_system_that_never_answers_is_ended() -> None:
    began = time.monotonic()
    assert ask_qt(HOST, (*PYTHON, "import time; time.sleep(60)"), 0.3) is None
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("script", ["raise SystemExit(1)", "print('no JSON')", "print(1)", ""])
def test_a_system_that_says_nothing_of_use_is_not_heeded(script: str) -> None:
    assert ask_qt(HOST, (*PYTHON, script)) is None
    assert ask_qt(HOST, ("/nowhere/koble",)) is None


@pytest.mark.parametrize("module", ["main", "window"])
def test_the_program_tells_itself_what_qt_finds(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    root = str(Path(wizard.__file__).parent.parent)
    monkeypatch.setenv("PYTHONPATH", root)
    monkeypatch.setenv("http_proxy", "http://kari:w%40d@p.test:8080")  # where Qt looks on Linux
    script = f"import sys; from wizard.__main__ import {module}; sys.exit({module}())"
    assert ask_qt(HOST, (*PYTHON, script)) == "http://kari:w%40d@p.test:8080"
    monkeypatch.delenv("http_proxy")
    assert ask_qt(HOST) == ""


def test_what_qt_says_becomes_an_address(capfd: pytest.CaptureFixture[str]) -> None:
    assert address_of("HttpProxy", "p.test", 8080, "", "") == "http://p.test:8080"
    assert address_of("HttpCachingProxy", "::1", 1, "a b", "") == "http://a%20b@[::1]:1"
    assert address_of("Socks5Proxy", "p.test", 1080, "u", "p@w") == "socks5://u:p%40w@p.test:1080"
    assert address_of("NoProxy", "", 0, "", "") == address_of("FtpCachingProxy", "p", 21, "", "") == ""
    assert tell([HOST]) == 0
    assert capfd.readouterr().out == '""'


def test_the_world_takes_what_the_window_knows_of_proxies() -> None:
    proxies = SystemProxies(System(""), lambda _: NONE)
    with open_world(practice=True, proxies=proxies) as world:
        assert world.net.proxies is proxies
    with open_world(practice=True) as world:
        assert world.net.proxies is not proxies


def test_qts_network_is_not_loaded_before_it_is_needed() -> None:
    script = "import sys, wizard.gui.proxy, wizard.gui.app; assert 'PySide6.QtNetwork' not in sys.modules"
    environ = {**os.environ, "PYTHONPATH": str(Path(wizard.__file__).parent.parent)}
    subprocess.run([*PYTHON, script], check=True, env=environ)


def test_a_proxy_shows_no_password() -> None:
    proxy = Proxy(address="http://kari:ZZpass@p.test:8080", source="pac")
    assert "ZZ" not in repr(proxy) + proxy.bare
    assert PROXY_OF.startswith("--")
