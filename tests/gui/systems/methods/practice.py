"""What the made-up system answers: each key shows something else."""

from __future__ import annotations

from wizard.core.practice import Asked, Practice, Reply, Vendor

ONE = {"id": "a1", "name": "Fjelltoppen AS", "orgnr": "313000176"}
TWO = {"id": "b2", "name": "Dalbunnen AS", "orgnr": "313000184"}
SHUT = {"id": "c3", "name": "Stengt Sti AS", "orgnr": "313000192", "blocked": "licence_missing"}
SILENT = {"id": "d4", "name": "Stille Vann AS"}
TWIN = {"id": "e5", "name": "Fjelltoppen gammel AS", "orgnr": "313000176", "blocked": "licence_missing"}
ALL = {"read": True, "export": True}
ANSWERS: dict[str, tuple[list[dict[str, str]], dict[str, bool]]] = {
    "fj-good": ([ONE], ALL),
    "fj-many": ([ONE, TWO, SHUT, SILENT], ALL),
    "fj-twins": ([ONE, TWIN, TWO], ALL),
    "fj-silent": ([SILENT], ALL),
    "fj-other": ([TWO], ALL),
    "fj-no-export": ([ONE], {"read": True, "export": False}),
    "fj-no-read": ([ONE], {"read": False, "export": True}),
}


def vendor(_: str) -> Vendor:
    """Return the system."""

    def answer(asked: Asked) -> Reply:
        key = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if key not in ANSWERS:
            return Reply(status=401, json={})
        companies, rights = ANSWERS[key]
        return Reply(json={"companies": companies, "rights": rights})

    return answer


PRACTICE = Practice(
    good={"answers": {"method": "key", "token": "fj-good", "plan": "small"}, "company": "313000176"},
    refusals={},
    vendor=vendor,
)
