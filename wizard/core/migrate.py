"""Forms of the list of connections: from older ones forward to this program's, and what is known of newer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Body = dict[str, Any]

SCHEMA = 5
"""The form this program writes: a newer one is read as far as it is known and never written over."""

_COMPANY = ("id", "name", "orgnr")
_TABLES = ("consent", "options")


def migrated(body: Body) -> Body:
    """Return the list in this program's form; one that is in it already comes back as it is."""
    while body["schema"] in _STEPS:
        body = _STEPS[body["schema"]](body)
    return body


def known_part(body: Body, credential: Iterable[str], connection: Iterable[str]) -> Body:
    """Return what is known of a newer form: rows that have what they need, without fields we never heard of.

    `credential` and `connection` name the fields of each that are known. Raises `AttributeError`, `KeyError`
    or `TypeError` where it is too new for that.
    """
    credentials = _rows(body["credentials"], credential, _is_credential)
    connections = _rows(body["connections"], connection, _is_connection)
    return {
        "credentials": credentials,
        "connections": {key: row for key, row in connections.items() if row["credential"] in credentials},
        "pending": (),
        "leaving": (),
        "looks": {},
    }


def _rows(rows: Mapping[str, Any], names: Iterable[str], fits: Callable[[Body], bool]) -> dict[str, Body]:
    known = tuple(names)
    cut = {key: {name: row[name] for name in known if name in row} for key, row in rows.items()}
    return {key: row for key, row in cut.items() if fits(row)}


def _is_credential(row: Body) -> bool:
    texts = all(isinstance(row.get(name), str) for name in ("provider", "environment"))
    return texts and isinstance(row.get("items"), dict) and isinstance(row.get("plain", {}), dict)


def _is_connection(row: Body) -> bool:
    """Tell whether a row can be shown: its company has what it needs, and the rest is of its kind."""
    company, history = row.get("company"), row.get("history", [])
    texts = (value for name, value in row.items() if name not in {"company", "history", *_TABLES})
    needed = {"credential", "tested"} <= row.keys() and all(isinstance(value, str) for value in texts)
    whole = isinstance(company, dict) and all(name in company for name in _COMPANY)
    whole = whole and all(isinstance(row.get(name, {}), dict) for name in _TABLES)
    return needed and whole and isinstance(history, list) and all(isinstance(one, dict) for one in history)


def _from_1(body: Body) -> Body:
    """Give credentials a method and plain answers, and connections what they wait for."""
    more = {"method": "", "plain": {}}
    waits = {"since": "", "until": "", "history": []}
    return {
        **body,
        "schema": 2,
        "credentials": {key: {**more, **row} for key, row in body["credentials"].items()},
        "connections": {key: {**waits, **row} for key, row in body["connections"].items()},
    }


def _from_2(body: Body) -> Body:
    """Let looks in vain lie by what was asked; those by connection, an hour's memory, are let go."""
    cut = {
        key: {name: value for name, value in row.items() if name != "looks"}
        for key, row in body["connections"].items()
    }
    return {**body, "schema": 3, "connections": cut, "looks": body.get("looks", {})}


def _from_3(body: Body) -> Body:
    """Give connections the reference of a start file, and the list its hand-overs: there were none."""
    rows = {key: {"reference": "", **row} for key, row in body["connections"].items()}
    return {**body, "schema": 4, "connections": rows, "parcels": {}}


def _from_4(body: Body) -> Body:
    """Give connections what was agreed to, and what their owner may set."""
    more = {"consent": {}, "contact": "", "expires": "", "options": {}}
    rows = {key: {**more, **row} for key, row in body["connections"].items()}
    return {**body, "schema": 5, "connections": rows}


_STEPS: dict[int, Callable[[Body], Body]] = {1: _from_1, 2: _from_2, 3: _from_3, 4: _from_4}
