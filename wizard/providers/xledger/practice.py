"""Xledger's imitation: a company, a konsern with companies below it, and a user for the web service."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from wizard.core.practice import Asked, Practice, Reply, Vendor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Row = dict[str, object]


def _key(words: str) -> str:
    """Return a practice key: it opens nothing, and says so to whoever decodes it."""
    return (
        base64.urlsafe_b64encode(f"Practice key for Xledger, opens nothing: {words}.".encode())
        .decode()
        .rstrip("=")
    )


ORDINARY, KONSERN, DEMO = _key("one company"), _key("a konsern and all below it"), _key("demo")
USER, PASSWORD = "integrasjon@fjellbekk.example", "øvelse og «blåbær» 7"
DEMO_PASSWORD = "demo-passord-2"


def entity(code: str, inner: str, name: str, number: str | None) -> Row:
    """Return a company as Xledger lists it."""
    company = {"companyNumber": number} if number else None
    return {"dbId": inner, "code": code, "description": name, "ownerDbId": "44668001", "company": company}


FJELLBEKK = entity("23001", "44668660", "Fjellbekk Bygg AS", "313000176")
GROUP = entity("24000", "44670001", "Havgapet Konsern", None)
BELOW = (
    entity("24001", "44670011", "Havgapet Drift AS", "313000184"),
    entity("24002", "44670012", "Havgapet Eiendom AS", "313000192"),
)
TRAINING = entity("99999", "50010001", "Øvingsselskapet AS", "313000206")

_TREES: Mapping[tuple[str, str], tuple[Row, tuple[Row, ...]]] = {
    ("production", ORDINARY): (FJELLBEKK, ()),
    ("production", KONSERN): (GROUP, BELOW),
    ("demo", DEMO): (TRAINING, ()),
}
_LIST = re.compile(r"(?:(\w+): )?entities\(first: \d+, ownerSet: ([A-Z]+)\)")


def failure(message: str, code: str = "", status: int = 200, *, inside: Row | None = None) -> Reply:
    """Return an answer that speaks of an error, in Xledger's form; `inside` are its extensions."""
    row: Row = {"message": message, "locations": [{"line": 1, "column": 9}]}
    row |= {"code": code} if code else {}
    row |= {"extensions": inside} if inside else {}
    return Reply(status=status, json={"errors": [row], "data": None})


BAD_FORMAT = 'Bad format for API Token. Expected header: "Authorization: token <your-token>"'
UNKNOWN = failure("Invalid API token.", "UNHANDLED_ERROR")
BURST = "BAD_REQUEST.BURST_RATE_LIMIT_REACHED"
CONCURRENCY = "BAD_REQUEST.CONCURRENCY_LIMIT_REACHED"
CREDITS = "BAD_REQUEST.INSUFFICIENT_CREDITS"
RESET_AT = "2026-12-01T00:00:00Z"
NO_CREDITS = failure("Insufficient credits.", CREDITS, inside={"code": CREDITS, "resetAt": RESET_AT})
SLOW = failure("Sorry, your query timed out.")
NO_FIELD = failure("Cannot query field `entities` on type `Query`.")
NO_NUMBER = failure("Cannot query field `company` on type `Entity`.")
WRONG_ARGUMENT = failure("Cannot use that value.", inside={"code": "INVALID_VALUE"})

ALWAYS: Mapping[str, tuple[str, Reply]] = {
    "key_refused": ("key_refused", UNKNOWN),
    "key_refused_401": ("key_refused", Reply(status=401, json={"message": "Unauthorized"})),
    "key_refused_401_opaque": ("key_refused", Reply(status=401)),
    "key_refused_401_spoken": ("key_refused", failure("Invalid API token.", status=401)),
    "key_refused_403": ("key_refused", Reply(status=403, json={"message": "Forbidden"})),
    "key_refused_bare": ("key_refused", Reply(json={"errors": ["Unauthorized"]})),
    "key_cut": ("key_refused", failure(BAD_FORMAT, "UNHANDLED_ERROR")),
    "key_cut_500": ("key_refused", failure(BAD_FORMAT, "UNHANDLED_ERROR", status=500)),
    "burst": ("busy", failure("Burst rate limit reached.", BURST)),
    "burst_429": ("busy", failure("Burst rate limit reached.", BURST, status=429)),
    "concurrency": ("busy", failure("Concurrency limit reached.", inside={"code": CONCURRENCY})),
    "busy_spoken": ("busy", failure("Too many requests.", status=429)),
    "quota_empty": ("quota_empty", NO_CREDITS),
    "quota_empty_403": ("quota_empty", failure("Insufficient credits.", CREDITS, status=403)),
    "too_slow": ("busy", SLOW),
    "maintenance": ("vendor_down", failure("Down for maintenance.", "UNHANDLED_ERROR", status=503)),
    "forbidden_by_a_filter": (
        "unexpected_answer",
        Reply(status=403, body=b"<html>Forbidden</html>", headers={"Content-Type": "text/html"}),
    ),
    "no_data": ("unexpected_answer", Reply(json={"data": None})),
}
"""What is answered to everything GraphQL is asked, and the code it ends in."""


def _refuse_lists(reply: Reply) -> Callable[[str], Reply | None]:
    return lambda query: reply if "entities" in query else None


def _refuse_number(query: str) -> Reply | None:
    return NO_NUMBER if "companyNumber" in query else None


def _refuse_large(query: str) -> Reply | None:
    return SLOW if "LOWER" in query else None


def _slow_then_unreadable(query: str) -> Reply | None:
    return _refuse_large(query) or _refuse_lists(NO_FIELD)(query)


ASKED_FOR: Mapping[str, tuple[str, Callable[[str], Reply | None]]] = {
    "owner_out_of_reach": ("scope_missing", _refuse_lists(NO_FIELD)),
    "lists_refused_403": ("scope_missing", _refuse_lists(failure("Forbidden.", status=403))),
    "our_mistake": ("unexpected_answer", _refuse_lists(WRONG_ARGUMENT)),
    "slow_and_unreadable": ("busy", _slow_then_unreadable),
    "proof_without_a_name": (
        "unexpected_answer",
        lambda query: NO_FIELD if "entities" in query else Reply(json={"data": {}}),
    ),
}
"""What is answered by what is asked for."""


def _numbers(rows: list[Row]) -> list[Row]:
    return [{**row, "dbId": int(str(row["dbId"])), "code": int(str(row["code"]))} for row in rows]


def _without(name: str) -> Callable[[list[Row]], list[Row]]:
    return lambda rows: [{**row, name: None} for row in rows]


ALTERED: Mapping[str, tuple[str, Callable[[list[Row]], list[Row]]]] = {
    "ids_as_numbers": ("ids are whole numbers instead of texts", _numbers),
    "number_missing": ("the company has no organisation number", _without("company")),
    "code_missing": ("the company has no Eier-ID, only an internal number", _without("code")),
    "name_missing": ("the company has no name", _without("description")),
}
VARIANTS: Mapping[str, str] = {
    **{name: shows for name, (shows, _) in ALTERED.items()},
    "number_unreadable": "the key may read the company but not its organisation number",
    "own_list_empty": "the company is among all that the key sees, and not in the list of its own",
    "slow_once": "the first question takes too long; a smaller one does not",
    "below_refused": "the companies below may not be read, and the error stands beside the data",
    "gaps": "the lists have gaps in them",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """Xledger with one switch on, or none."""

    refuse: str

    def answer(self, asked: Asked) -> Reply:
        """Answer one request."""
        return self._web_service(asked) if asked.endpoint == "soap" else self._graphql(asked)

    def _graphql(self, asked: Asked) -> Reply:
        query = str(asked.json().get("query", ""))
        if self.refuse in ALWAYS:
            return ALWAYS[self.refuse][1]
        word, _, token = asked.headers.get("authorization", "").partition(" ")
        if word != "token" or not re.fullmatch(r"[A-Za-z0-9_-]+", token):
            return failure(BAD_FORMAT, "UNHANDLED_ERROR")
        if (asked.environment, token) not in _TREES:
            return UNKNOWN
        return self._stopped(query) or self._listed(query, *_TREES[asked.environment, token])

    def _stopped(self, query: str) -> Reply | None:
        if self.refuse in ASKED_FOR:
            return ASKED_FOR[self.refuse][1](query)
        if self.refuse == "number_unreadable":
            return _refuse_number(query)
        return _refuse_large(query) if self.refuse == "slow_once" else None

    def _listed(self, query: str, own: Row, below: tuple[Row, ...]) -> Reply:
        rows = {"CURRENT": [own], "LOWER": [*below], "ALL": [own, *below]}
        if self.refuse in {"no_company", "own_list_empty"}:
            rows |= {"CURRENT": [], "LOWER": []}
        if self.refuse == "no_company":
            rows |= {"ALL": []}
        data: Row = {"__typename": "Query"}
        full = "companyNumber" in query
        data |= {
            name or "entities": self._list(rows[owners], full=full) for name, owners in _LIST.findall(query)
        }
        if self.refuse != "below_refused":
            return Reply(json={"data": data})
        data |= {"below": None}
        return Reply(json={"errors": [{"message": "Access denied.", "path": ["below"]}], "data": data})

    def _list(self, rows: list[Row], *, full: bool) -> Row:
        rows = ALTERED[self.refuse][1](rows) if self.refuse in ALTERED else rows
        rows = (
            rows if full else [{name: row[name] for name in ("dbId", "code", "description")} for row in rows]
        )
        edges: list[object] = [{"cursor": str(at), "node": row} for at, row in enumerate(rows)]
        gaps: list[object] = [None, {"cursor": "x", "node": None}]
        return {
            "edges": gaps + edges if self.refuse == "gaps" else edges,
            "pageInfo": {"hasNextPage": False},
        }

    def _web_service(self, asked: Asked) -> Reply:
        if self.refuse in SOAP_REFUSALS:
            return SOAP_REFUSALS[self.refuse][1]
        demo = asked.environment == "demo"
        wanted = (USER, DEMO_PASSWORD, "XLEDGERDEMO") if demo else (USER, PASSWORD, "XLEDGER")
        given = _logon(asked.body)
        if asked.path != "/WS/Common/Lib/Authentication.asmx" or not given:
            return soap(fault("soap:Sender", "Server did not recognize the request."), status=500)
        key = "b7e1c0de-0000-4000-8000-practice0key" if given == wanted else ""
        return soap(result(key), version=11 if self.refuse == "soap_1_1" else 12)


_NAMESPACES = {
    12: "http://www.w3.org/2003/05/soap-envelope",
    11: "http://schemas.xmlsoap.org/soap/envelope/",
}


def soap(inner: str, *, status: int = 200, version: int = 12, before: str = "") -> Reply:
    """Return an answer of the web service; `before` stands before the envelope."""
    body = (
        f'<?xml version="1.0" encoding="utf-8"?>{before}<soap:Envelope xmlns:soap="{_NAMESPACES[version]}">'
    )
    body += f"<soap:Body>{inner}</soap:Body></soap:Envelope>"
    kind = "text/xml" if version == 11 else "application/soap+xml"
    return Reply(status=status, body=body.encode(), headers={"Content-Type": f"{kind}; charset=utf-8"})


def result(key: str | None, namespace: str = "http://ws.xledger.net/") -> str:
    """Return what signing in came to: a key, a text, nothing, or no place for it."""
    inner = "" if key is None else f"<LogonKeyResult>{escape(key)}</LogonKeyResult>"
    return f'<LogonKeyResponse xmlns="{namespace}">{inner}</LogonKeyResponse>'


def fault(code: str, text: str) -> str:
    """Return a fault of SOAP 1.2."""
    return (
        f"<soap:Fault><soap:Code><soap:Value>{code}</soap:Value></soap:Code>"
        f'<soap:Reason><soap:Text xml:lang="en">{text}</soap:Text></soap:Reason></soap:Fault>'
    )


def old_fault(code: str, text: str) -> str:
    """Return a fault of SOAP 1.1."""
    return f"<soap:Fault><faultcode>{code}</faultcode><faultstring>{text}</faultstring></soap:Fault>"


def _logon(body: bytes) -> tuple[str, ...]:
    """Return user, password and application of a LogonKey, or nothing where it is none."""
    root = ET.fromstring(body)  # noqa: S314 - the imitation reads what Koble itself has just written
    call = root.find(f"{{{_NAMESPACES[12]}}}Body/{{http://ws.xledger.net/}}LogonKey")
    names = ("sLogonID", "sPassword", "sApplication")
    return (
        ()
        if call is None
        else tuple(call.findtext(f"{{http://ws.xledger.net/}}{name}", "") for name in names)
    )


_BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
_OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
_ELSEWHERE = '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">'
_UNABLE = "Server was unable to process request."
_HTML = {"Content-Type": "text/html"}
SOAP_REFUSALS: Mapping[str, tuple[str, Reply]] = {
    "user_refused": ("key_refused", soap(result(""))),
    "user_refused_nothing": ("key_refused", soap(result(None))),
    "user_refused_in_words": ("key_refused", soap(result("Wrong user name or password"))),
    "user_refused_in_a_word": ("key_refused", soap(result("false"))),
    "user_refused_401": ("key_refused", Reply(status=401, body=b"<html>401</html>", headers=_HTML)),
    "fault_sender": ("key_refused", soap(fault("soap:Sender", "Logon failed"), status=500)),
    "fault_sender_200": ("key_refused", soap(fault("soap:Sender", "Logon failed"))),
    "fault_client": (
        "key_refused",
        soap(old_fault("soap:Client.Authentication", "Logon failed"), version=11),
    ),
    "fault_receiver": ("vendor_down", soap(fault("soap:Receiver", _UNABLE), status=500)),
    "fault_server": ("vendor_down", soap(old_fault("soap:Server", _UNABLE), status=500, version=11)),
    "fault_version": ("unexpected_answer", soap(fault("soap:VersionMismatch", ""), status=500)),
    "fault_without_a_code": ("unexpected_answer", soap("<soap:Fault/>", status=500)),
    "wrong_namespace": ("unexpected_answer", soap(result("abcdefgh-1", "http://example.test/"))),
    "no_answer_in_it": ("unexpected_answer", soap("")),
    "another_document": (
        "unexpected_answer",
        Reply(body=b"<Envelope/>", headers={"Content-Type": "text/xml"}),
    ),
    "empty_answer": ("unexpected_answer", Reply(headers={"Content-Type": "text/xml"})),
    "broken_xml": ("unexpected_answer", Reply(body=b"<a><b>", headers={"Content-Type": "text/xml"})),
    "entity_bomb": ("unexpected_answer", soap(result("abcdefgh-1"), before=_BOMB)),
    "entity_outside": ("unexpected_answer", soap(result("abcdefgh-1"), before=_OUTSIDE)),
    "definition_elsewhere": ("unexpected_answer", soap(result("abcdefgh-1"), before=_ELSEWHERE)),
    "refused_with_a_key": ("unexpected_answer", soap(result("abcdefgh-1"), status=400)),
}
"""What the web service answers, and the code it ends in."""


def vendor(refuse: str) -> Vendor:
    """Return Xledger with one switch on, or none."""
    return _Desk(refuse=refuse).answer


_WEB = {"method": "web_service", "user_name": USER, "password": PASSWORD, "entity_id": "23001"}
PRACTICE = Practice(
    good={"answers": {"method": "api_token", "api_token": ORDINARY}, "company": "313000176"},
    more={
        "konsern": {"answers": {"method": "api_token", "api_token": KONSERN}, "company": "313000192"},
        "demo": {
            "answers": {"method": "api_token", "api_token": DEMO},
            "environment": "demo",
            "company": "313000206",
        },
        "partner_user": {"answers": {"method": "partner_user", "entity_id": "23001"}, "expect": "313000176"},
        "web_service": {"answers": _WEB},
        "web_service_demo": {"answers": {**_WEB, "password": DEMO_PASSWORD}, "environment": "demo"},
    },
    refusals={
        **{name: code for name, (code, _) in (*ALWAYS.items(), *ASKED_FOR.items(), *SOAP_REFUSALS.items())},
        "no_company": "no_company",
    },
    variants={**VARIANTS, "soap_1_1": "the web service answers in the older form of SOAP"},
    uses=dict.fromkeys([*SOAP_REFUSALS, "soap_1_1"], "web_service"),
    vendor=vendor,
)
