"""Fiken's imitation: four companies, one of them for tests and one without access from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.core.practice import Asked, Practice, Reply, Vendor

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN = "73195.pRacticeKeyForFiken_8rT2"  # a practice key; it opens nothing
COMPANIES: tuple[dict[str, object], ...] = (
    {
        "name": "Fjordheim Regnskap AS",
        "slug": "fjordheim-regnskap-as",
        "organizationNumber": "313000028",
        "vatType": "bi-monthly",
        "hasApiAccess": True,
        "testCompany": False,
    },
    {
        "name": "Nordlys Kaffebrenneri AS",
        "slug": "nordlys-kaffebrenneri-as",
        "organizationNumber": "313000036",
        "hasApiAccess": True,
        "testCompany": False,
    },
    {
        "name": "Skogstien Barnehage SA",
        "slug": "skogstien-barnehage-sa",
        "organizationNumber": "313000044",
        "hasApiAccess": False,
        "testCompany": False,
    },
    {
        "name": "Prøvebedriften AS",
        "slug": "fiken-demo-provebedriften-as",
        "organizationNumber": "313000052",
        "hasApiAccess": True,
        "testCompany": True,
    },
)
_REFUSALS: Mapping[str, tuple[str, str, Reply]] = {
    "key_refused": ("key_refused", "/user", Reply(status=401, json={"error": "invalid_token"})),
    "rights_missing": ("rights_missing", "/companies", Reply(status=403, json={"message": "Forbidden"})),
    "module_missing": (
        "module_missing",
        "/companies",
        Reply(status=402, json={"message": "API module not activated"}),
    ),
    "no_company": ("no_company", "/companies", Reply(json=[])),
    "one_without_access": (
        "module_missing",
        "/companies",
        Reply(json=[{**COMPANIES[0], "hasApiAccess": False}]),
    ),
    "401_with_a_good_key": (
        "unexpected_answer",
        "/companies",
        Reply(status=401, json={"message": "Company credit note counter not initialized"}),
    ),
}


def vendor(refuse: str) -> Vendor:
    """Return Fiken with one switch on, or none."""
    _, refused_path, refusal = _REFUSALS.get(refuse, ("", "", Reply()))

    def answer(asked: Asked) -> Reply:
        if refuse == "rights_unknown" and asked.path == "/companies":
            return Reply(json=[{**COMPANIES[0], "hasApiAccess": None}])
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply(status=401, json={"error": "invalid_token"})
        if asked.path == refused_path:
            return refusal
        if asked.path == "/user":
            return Reply(json={"name": "Kari Nordmann", "email": "kari@example.test"})
        return _companies(asked) if asked.path == "/companies" else Reply(status=404, json={})

    return answer


def _companies(asked: Asked) -> Reply:
    page, size = int(asked.query.get("page", 0)), int(asked.query.get("pageSize", 25))
    rows = COMPANIES[page * size : (page + 1) * size]
    headers = {
        "Fiken-Api-Page": str(page),
        "Fiken-Api-Page-Size": str(size),
        "Fiken-Api-Page-Count": str(-(-len(COMPANIES) // size)),
        "Fiken-Api-Result-Count": str(len(COMPANIES)),
    }
    return Reply(json=list(rows), headers=headers)


PRACTICE = Practice(
    good={"answers": {"token": TOKEN}, "company": "313000028"},
    refusals={name: code for name, (code, _, _) in _REFUSALS.items()},
    variants={"rights_unknown": "Fiken does not say whether the company has access from outside"},
    vendor=vendor,
)
