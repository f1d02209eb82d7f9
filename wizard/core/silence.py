"""Silence: a text fit for a log or a report, whatever slipped into it.

Three layers: every secret that lives here, by value; what stands where a key usually stands, by name; and
what looks like a key that nobody told us of.
"""

from __future__ import annotations

import re

from wizard.core.secret import redacted

_NAME = (
    r"[\w.-]*(?:token|secret|passw(?:or)?d|passord|pwd|authori[sz]ation|cookie|session"
    r"|(?<![a-z])(?:api|client|app|application|subscription)?[_-]?key)\w{0,12}"
)
_MASKS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), mask)
    for pattern, mask in (
        (r"\b((?:proxy-)?authori[sz]ation|(?:set-)?cookie)(\"?'?\s*[:=]\s*\"?'?)[^\r\n\"'<>]+", r"\1\2…"),
        (rf"([\"'])({_NAME})\1(\s*:\s*)([\"'])(?:(?!\4)[^\\]|\\.)*\4", r"\1\2\1\3\4…\4"),
        (rf"(<(?:\w+:)?({_NAME})>)[^<]+(</)", r"\1…\3"),
        (rf"(?<![\w.-])({_NAME})(\s?[=:]\s?)[^\s&;,\"'<>)}}\]…]+", r"\1\2…"),
        (r"\b(Bearer|Basic|Negotiate|NTLM|token)(\s+)[\w.~+/=-]{8,}", r"\1\2…"),
        (r"\beyJ[\w-]{6,}(?:\.[\w-]*){0,2}=*", "…"),
        (r"(?<![\w+/-])(?=[\w+/-]*\d)[A-Za-z0-9+/]{30,}={1,2}", "…"),
    )
)
_RUN = re.compile(r"(?<![\w-])[\w-]{32,}", re.ASCII)
_LABELLED = re.compile(
    r"(?:(?:request|trace|correlation)[-_ ]?(?:id)?|traceid|sha-?\d+|md5|checksum)[\"']?\s*[:= ]\s*[\"']?$",
    re.IGNORECASE,
)
_WORDS = re.compile(r"(?:[A-Za-z]+|\d+)(?:[_-]+(?:[A-Za-z]+|\d+))*[_-]*")
_LABEL = 24


def silenced(text: str) -> str:
    """Return a text with every secret masked in it: those known here, and what looks like one.

    A vendor's number for a request and a checksum stay readable where they are named as such.
    """
    text = redacted(text)
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return _RUN.sub(_unless_named, text)


def _unless_named(run: re.Match[str]) -> str:
    """Return a long run as it is where it is only words, or is named as a number or a sum; else mask it."""
    before = run.string[max(0, run.start() - _LABEL) : run.start()]
    return run[0] if _WORDS.fullmatch(run[0]) or _LABELLED.search(before) else "…"
