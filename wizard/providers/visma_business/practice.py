"""Visma Business' imitation: there is nothing to ask, so it has a company to type in and knows no path."""

from __future__ import annotations

from wizard.core.practice import Asked, Practice, Reply, Vendor

ANSWERS = {
    "company": "Østre Ås Møbelverksted AS",
    "orgnr": "313000354",
    "version": "18.10.0",
    "hosting": "partner",
    "partner_name": "Nordvik Systemhus AS",
    "contact_name": "Åse Bjørnstad",
    "contact_email": "ase.bjornstad+bank@moebelverksted.example",
    "contact_phone": "+47 55 00 33 44",
}
_SHORT = {
    "company": "Lauvåsen Barnehage SA",
    "orgnr": "313000362",
    "contact_name": "Per Lauvås",
    "contact_email": "per@lauvasen.example",
}


def vendor(refuse: str) -> Vendor:
    """Return what answers in the vendor's place: nothing is there to be asked."""

    def answer(asked: Asked) -> Reply:
        return Reply(status=404, json={})

    return answer


PRACTICE = Practice(
    good={"answers": ANSWERS, "expect": ANSWERS["orgnr"]},
    more={"only_what_is_needed": {"answers": _SHORT, "expect": _SHORT["orgnr"]}},
    refusals={},
    vendor=vendor,
)
