"""Each provider's quality file says what is done, and what is said to be done is looked at."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from wizard.core.practice import practice_of
from wizard.core.registry import built_in
from wizard.core.texts import folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.core.provider import Check, Provider

PROVIDERS = built_in().providers


def _images(provider: Provider) -> list[str]:
    return [step.image for step in provider.every_step if step.image]


def _ways(provider: Provider) -> list[Provider]:
    return [provider.by(one.name) for one in provider.methods] or [provider]


def _checks(provider: Provider) -> list[Check]:
    return [check for one in _ways(provider) for check in one.checks]


RULES: dict[str, Callable[[Provider], bool]] = {
    "guide": lambda p: len(p.every_step) >= 3 and all(one.step for one in p.every_field),
    "drawings": lambda p: (
        bool(_images(p)) and all((folder(p.package) / "images" / i).is_file() for i in _images(p))
    ),
    "both_languages": lambda p: all(
        (folder(p.package) / f"texts.{one}.toml").is_file() for one in ("nb", "en")
    ),
    "practice": lambda p: bool(practice_of(p).good),
    "refusals": lambda p: len(practice_of(p).refusals) >= 5,
    "offline_shape": lambda p: all(one.inspect or one.pattern.pattern != "[!-~]+" for one in p.every_field),
    "organisation_number": lambda p: any(check.stage == "company" for check in _checks(p)),
    "several_companies": lambda p: any(check.per_company for check in _checks(p)),
    "partner_keys": lambda p: bool(p.partner_keys),
    "test_environment": lambda p: any(one.test for one in p.environments),
    "close_session": lambda p: p.leave is not None,
    "browser_sign_in": lambda _: False,
    "rights": lambda p: bool(p.every_right),
    "assisted": lambda p: bool(p.partner_keys) or any(not one.checks for one in _ways(p)),
    "seen_live": lambda _: False,
}


def _quality(slug: str) -> dict[str, object]:
    file = folder(PROVIDERS[slug].package) / "quality.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("slug", sorted(PROVIDERS))
def test_every_rule_is_answered_and_none_is_invented(slug: str) -> None:
    rules = _quality(slug)["rules"]
    assert isinstance(rules, dict)
    assert rules.keys() == RULES.keys()


@pytest.mark.parametrize("slug", sorted(PROVIDERS))
@pytest.mark.parametrize("rule", sorted(RULES))
def test_what_is_said_of_a_rule_is_so(slug: str, rule: str) -> None:
    rules = _quality(slug)["rules"]
    assert isinstance(rules, dict)
    said = rules[rule]
    if said == "done":
        assert RULES[rule](PROVIDERS[slug])
    else:
        assert said["status"] in {"todo", "exempt"}
        assert len(said["reason"]) > 20
        assert not RULES[rule](PROVIDERS[slug])


@pytest.mark.parametrize("slug", sorted(PROVIDERS))
def test_the_facts_were_looked_at_on_a_day_that_has_been(slug: str) -> None:
    verified = _quality(slug)["verified_on"]
    assert isinstance(verified, date)
    assert date(2026, 1, 1) < verified <= date.today() + timedelta(days=1)  # noqa: DTZ011  # any zone's today
