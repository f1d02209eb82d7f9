"""What the made-up system answers: nobody is let in while it refuses so."""

from __future__ import annotations

from wizard.core.practice import Asked, Practice, Reply, Vendor

_STATUS = {"pending": 403, "expired": 410}


def vendor(refuse: str) -> Vendor:
    """Return the system with one switch on, or none."""

    def answer(_: Asked) -> Reply:
        good = {"name": "Tålmodig Bokføring AS", "orgnr": "313000206"}
        return Reply(status=_STATUS.get(refuse, 200), json=good)

    return answer


PRACTICE = Practice(
    good={"answers": {"tenant": "tenant-0001", "orgnr": "313000206"}, "company": "313000206"},
    refusals={"pending": "pending_approval", "expired": "invitation_expired"},
    vendor=vendor,
)
