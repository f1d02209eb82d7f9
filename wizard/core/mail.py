"""A letter that is ready to be sent, in the customer's language, with what she answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from wizard.core.provider import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wizard.core.provider import CredentialField, Provider
    from wizard.core.texts import Texts

LONGEST = 2000
"""The most characters that mail programs take in a `mailto:` address; a longer letter is copied instead."""

NOTHING = "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter: neither `to` nor `subject` holds a line break; `body` has one between its lines.

    `to` is the partner's address; `whom` is who else it is for, whose address is not known.
    """

    to: str
    subject: str
    body: str
    whom: str = ""

    @property
    def receiver(self) -> str:
        """Whom the letter is for, or an empty text where that is not known."""
        return self.whom or self.to

    @property
    def mailto(self) -> str:
        """The letter as an address that opens it in the mail program (RFC 6068).

        It is empty where it would be too long for that.
        """
        body = quote("\r\n".join(self.body.split("\n")), safe="")
        address = f"mailto:{quote(self.to, safe='@')}?subject={quote(self.subject, safe='')}&body={body}"
        return address if len(address) <= LONGEST else ""


def letter(texts: Texts, provider: Provider, name: str, answers: Mapping[str, str]) -> Letter:
    """Return one of the provider's letters, with the answers that are no secrets.

    It goes to the partner, unless the provider's words say `to` whom else.
    `company` among the answers is what the company is known by, where that was asked for.
    """
    known = {"company": plain(answers["company"])} if answers.get("company") else {}
    facts = known | {
        one.name: _shown(one, answers, texts, provider) for one in provider.fields if not one.secret
    }
    body = texts.say(f"mails.{name}.body", provider, **facts)
    whom = addressee(texts, provider, name)
    return Letter(
        to="" if whom else "".join(plain(texts.preset.email).split()),
        whom=whom,
        subject=plain(texts.say(f"mails.{name}.subject", provider, **facts)),
        body="\n".join(map(_line, body.split("\n"))),
    )


def handing(texts: Texts, provider: Provider, typed: Mapping[str, str], more: Iterable[str] = ()) -> Letter:
    """Return a letter that asks somebody else to do the guide, with the guide attached by whoever sends it.

    `typed` is what the customer herself wrote, `company` and `orgnr` at most; `more` are further lines, such
    as how to get the program. Nobody's address is known.
    """
    company, orgnr = (plain(typed.get(name, "")) for name in ("company", "orgnr"))
    known = [texts.say("not_admin.mail_company", company=company)] if company else []
    known += [texts.say("not_admin.mail_orgnr", orgnr=orgnr)] if orgnr else []
    blocks = [
        texts.say("not_admin.mail_hello", provider),
        "\n".join(known),
        texts.say("not_admin.mail_needs", provider, role=texts.say("before.role", provider)),
        *more,
        texts.say("not_admin.mail_guide", provider),
        texts.say("not_admin.mail_never", provider),
        _asking(texts),
        texts.say("not_admin.mail_end"),
    ]
    body = "\n\n".join(block for block in blocks if block)
    return Letter(
        to="",
        subject=plain(texts.say("not_admin.mail_subject", provider)),
        body="\n".join(map(_line, body.split("\n"))),
    )


def _asking(texts: Texts) -> str:
    """Return whom to ask, where that is known."""
    ways = texts.preset.contact
    return texts.say("not_admin.mail_ask", ways=ways) if ways else ""


def addressee(texts: Texts, provider: Provider, name: str) -> str:
    """Return who a letter is for where that is not the partner, else an empty text."""
    key = f"mails.{name}.to"
    return texts.say(key, provider) if texts.has(key, provider) else ""


def _shown(field: CredentialField, answers: Mapping[str, str], texts: Texts, provider: Provider) -> str:
    """Return an answer on one line: the words for what was picked, a dash for what was left out."""
    answer = answers.get(field.name, "")
    if answer in field.options:
        return texts.say(f"fields.{field.name}.options.{answer}", provider)
    return plain(answer) or NOTHING


def _line(text: str) -> str:
    return "".join(mark for mark in text if mark.isprintable()).rstrip()
