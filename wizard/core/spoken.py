"""Spoken codes: a failure in a few letters that somebody can read aloud, `TX-SIGNIN-3F7K`.

Two letters of the system, a word for how far it had come, and four characters for the cause. They tell which
failure it was and nothing of whom it struck, so the same failure has the same code everywhere. Every
character counts in a sum that the last one settles: one wrong character, or two that changed places, and the
code is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING
from unicodedata import normalize
from zlib import crc32

from wizard.core.causes import CAUSES
from wizard.core.errors import BadInput, StoreError, every_error
from wizard.core.texts import error_keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.core.errors import WizardError
    from wizard.core.provider import Provider

ALPHABET = "3479AFJKMRTWX"
"""No two of these look alike or sound alike, in Norwegian or English: so thirteen, and a prime, are left.

Of each group of look-alikes at most one is here (0OQD 1IL7 2Z 3 4 5S 6G 8B 9 UVWY), and of each group of
sound-alikes too (BCDEGPTV, HK, MN, FS, X and the Norwegian `seks`).
"""

NOBODY = "KO"
"""The letters where no system is known."""

WORDS = {
    "input": "INPUT",
    "name": "NAME",
    "connection": "CONN",
    "proxy": "PROXY",
    "tls": "TLS",
    "vendor": "VENDOR",
    "sign_in": "SIGNIN",
    "company": "COMPANY",
    "rights": "RIGHTS",
    "sample": "SAMPLE",
    "store": "STORE",
    "": "KOBLE",
}
"""The word for each stage, the same in both languages. `store`: the keychain and the list; empty: none."""

PLUG_INS = "AJMRW"
"""What the letters of a plug-in begin with; those of a system that comes with Koble do not."""

SPACE = len(ALPHABET) ** 3
_STEP, _START = 1009, 407  # so that neighbours in the list do not look alike; prime to 13
_WEIGHTS = (1, 2, 3, 4, 5, 6, 7)  # all different and none 0, modulo 13: what makes the sum tell errors
_LETTERS = {letter: at for at, letter in enumerate(ALPHABET)}
_OTHERS = {"B": 1, "L": 2, "E": 3, "O": 1}  # letters of systems outside the alphabet; those left out are 0
_HEARD = str.maketrans({"N": "M", "H": "K", "S": "F", "V": "W", "P": "T", "D": "T", "6": "X", "1": "7"})
_READ = str.maketrans({"0": "O", "1": "I", "2": "Z", "5": "S", "6": "G", "8": "B", "Ø": "O"})
_LONGEST = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a code says; `provider` is None where there is none, or where it is not known here."""

    code: str
    letters: str
    stage: str
    cause: str
    provider: Provider | None = None

    @property
    def elsewhere(self) -> bool:
        """Whether it names a system that this Koble does not know: a plug-in of another machine."""
        return self.provider is None and self.letters != NOBODY

    def error(self) -> WizardError | None:
        """Return the error that the code stands for, without the facts that only its own machine knew."""
        cause, _, whose = self.cause.partition("@")
        code, _, rest = cause.partition(".")
        kind = next((one for one in every_error() if one.code == code), None)
        if kind is None:
            return None
        field, _, reason = rest.rpartition(".") if rest not in _fields(self.provider) else (rest, "", "")
        facts = {"reason": reason.removeprefix("plain_") if field else reason, "whose": whose}
        error = kind({name: value for name, value in facts.items() if value}, fields=(field,) * bool(field))
        error.stage = self.stage if self.stage not in {"", "store"} else error.stage
        return error


def spell(error: WizardError, provider: Provider | None = None) -> str:
    """Return an error's code."""
    stage = "store" if isinstance(error, StoreError) else error.stage or ""
    return _spelt(letters_of(provider), stage, CAUSES.index(cause_of(error, provider)))


def spell_bug() -> str:
    """Return the code of a fault of ours."""
    return _spelt(NOBODY, "", CAUSES.index("bug"))


def cause_of(error: WizardError, provider: Provider | None = None) -> str:
    """Return what an error is called in the list: by the most particular of its sentences."""
    known = [key.removeprefix("errors.") for key in error_keys(error, provider)]
    cause = next((key for key in known if key in CAUSES), "bug")  # a plug-in's own, that nobody has words for
    special = f"{cause}@{error.lies_with}"
    return special if special in CAUSES else cause


def letters_of(provider: Provider | None) -> str:
    """Return the two letters of a system: its own, else two that follow from its name."""
    if provider is None:
        return NOBODY
    number = crc32(provider.slug.encode())
    first, second = PLUG_INS[number % len(PLUG_INS)], ALPHABET[4:][number // len(PLUG_INS) % 9]
    return provider.letters or first + second


def understand(typed: str, providers: Iterable[Provider] = ()) -> Meaning:
    """Return what a code says, however it was typed; raises `BadInput` that tells what looks wrong with it.

    Small letters, other marks between the parts or none, and characters that look or sound like the right
    ones are taken for what was meant.
    """
    marks = [mark for mark in normalize("NFKC", typed[:_LONGEST]).upper() if mark.isalnum()]
    if len(marks) < len(NOBODY) + 3 + 4:
        raise BadInput(reason="spoken_short" if marks else "spoken_empty")
    letters = "".join(marks[:2]).translate(_READ)
    known = {letters_of(one): one for one in providers}
    if letters not in known and letters != NOBODY and not _may_be_plug_in(letters):
        raise BadInput(reason="spoken_letters")
    stage = _stage("".join(marks[2:-4]).translate(_READ))
    values = _values(marks[-4:])
    if _sum(letters, stage, values):
        raise BadInput(reason="spoken_check")
    number = _number(values)
    if number >= len(CAUSES):
        raise BadInput(reason="spoken_newer")
    code = _spelt(letters, stage, number)
    return Meaning(code=code, letters=letters, stage=stage, cause=CAUSES[number], provider=known.get(letters))


def _fields(provider: Provider | None) -> frozenset[str]:
    """Return the names of fields that a cause may end in."""
    own = (*provider.every_field, *provider.partner_keys) if provider else ()
    return frozenset({"expect", "method", *(one.name for one in own)})


def _stage(word: str) -> str:
    """Return the stage that a word is for; raises `BadInput` with the one that was probably meant."""
    stage = next((stage for stage, one in WORDS.items() if one == word), None)
    if stage is None:
        near = get_close_matches(word, WORDS.values(), n=1, cutoff=0.6)
        raise BadInput(reason="spoken_word_near" if near else "spoken_word", name=near[0] if near else None)
    return stage


def _may_be_plug_in(letters: str) -> bool:
    return letters[0] in PLUG_INS and letters[1] in ALPHABET[4:]


def _values(marks: list[str]) -> list[int]:
    """Return the four characters as numbers; raises `BadInput` with the place of one that is never used."""
    meant = [mark.translate(_HEARD) for mark in marks]
    wrong = next((at for at, mark in enumerate(meant) if mark not in _LETTERS), None)
    if wrong is not None:
        raise BadInput(reason="spoken_mark", mark=marks[wrong], place=wrong + 1)
    return [_LETTERS[mark] for mark in meant]


def _spelt(letters: str, stage: str, number: int) -> str:
    scrambled = (number * _STEP + _START) % SPACE
    values = [scrambled // 169, scrambled // 13 % 13, scrambled % 13]
    check = -_sum(letters, stage, [*values, 0]) * pow(_WEIGHTS[-1], -1, 13) % 13
    return f"{letters}-{_word(stage)}-{''.join(ALPHABET[value] for value in (*values, check))}"


def _word(stage: str) -> str:
    return WORDS.get(stage, WORDS[""])


def _number(values: list[int]) -> int:
    scrambled = values[0] * 169 + values[1] * 13 + values[2]
    return (scrambled - _START) * pow(_STEP, -1, SPACE) % SPACE


def _sum(letters: str, stage: str, values: list[int]) -> int:
    """Return the weighted sum of a code modulo 13: 0 for a right one."""
    named = [_LETTERS.get(letter, _OTHERS.get(letter, 0)) for letter in letters]
    parts = (*named, list(WORDS.values()).index(_word(stage)), *values)
    return sum(weight * part for weight, part in zip(_WEIGHTS, parts, strict=True)) % 13
