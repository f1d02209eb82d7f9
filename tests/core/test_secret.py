"""A Secret tells nothing by any route, and what is masked is masked in every form, in every log."""

from __future__ import annotations

import ast
import base64
import copy
import dataclasses
import gc
import inspect
import io
import json
import logging
import pickle
import pprint
import string
import sys
import timeit
import traceback
import tracemalloc
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.canary.search import Canary, Search, encodings
from tests.core.test_words import MODULES, PROVIDERS
from wizard.core.echo import quiet_company, quiet_error, quiet_facts, quiet_finding
from wizard.core.errors import Redirected, UnexpectedAnswer
from wizard.core.forms import LEAST, forms_of, without_ends
from wizard.core.provider import Company, Finding
from wizard.core.secret import Secret, hidden, redacted, unechoed
from wizard.core.silence import silenced

if TYPE_CHECKING:
    from collections.abc import Callable

RUN = "0f3a9c5e7b1d2846"
VALUES = st.one_of(
    st.text(min_size=8, max_size=60),
    st.text(alphabet=string.printable, min_size=8, max_size=80),
    st.text(alphabet="%&<>\"'\\/+=~{}[]()*.^$|?øæ☃𝄞\n\t\0", min_size=8, max_size=40),
).map(lambda text: f"{text[:20]}{RUN}{text[20:]}")
few = settings(deadline=None, max_examples=40)


@dataclasses.dataclass
class Holder:
    key: Secret
    rest: list[Secret]


class Plain(logging.StreamHandler):  # type: ignore[type-arg]
    """A handler that says what went wrong with it where it writes."""

    def handleError(self, _: logging.LogRecord) -> None:
        print(traceback.format_exc(), file=self.stream)


def printed(one: Secret) -> str:
    out = io.StringIO()
    print(one, [one], file=out)
    return out.getvalue()


def with_locals(key: Secret) -> str:
    held = {"key": key, "more": [Holder(key, [key])]}
    with pytest.raises(TypeError) as caught:
        int(held)  # type: ignore[call-overload]
    return "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())


def logged(*said: Any) -> str:
    out = io.StringIO()
    logger = logging.getLogger("alone")
    handler = Plain(out)
    logger.propagate = False
    logger.addHandler(handler)
    logger.error(*said)
    logger.removeHandler(handler)
    return out.getvalue()


ROUTES: dict[str, Callable[[Any], object]] = {
    "str": str,
    "repr": repr,
    "ascii": ascii,
    "f-string": lambda one: f"{one}",
    "f-string with conversion": lambda one: f"{one!s:>40}{one!r}{one!a}",
    "format": lambda one: format(one, "s"),
    "str.format": "{0} {0:10}".format,
    "format_map": lambda one: "{key}".format_map({"key": one}),
    "percent": lambda one: "%s %r %a" % (one, one, one),  # noqa: UP031 - one of the ways
    "percent number": lambda one: "%d" % cast("int", one),  # noqa: UP031 - one of the ways
    "template": lambda one: string.Template("$key").substitute(key=one),
    "join": lambda one: f"{one}",
    "add": lambda one: "key " + one,
    "bytes": bytes,
    "int": int,
    "json": lambda one: json.dumps({"key": one}),
    "json of a key": lambda one: json.dumps({one: 1}),
    "json by default": lambda one: json.dumps(one, default=str),
    "json by vars": lambda one: json.dumps(one, default=vars),
    "asdict": lambda one: dataclasses.asdict(Holder(one, [one])),
    "astuple": lambda one: dataclasses.astuple(Holder(one, [one])),
    "repr of a dataclass": lambda one: repr(Holder(one, [one])),
    "pprint": lambda one: pprint.pformat({"key": [one] * 20}),
    "vars": vars,
    "members": lambda one: repr(inspect.getmembers(one)),
    "slots": lambda one: repr([getattr(one, name, "") for name in dir(one)]),
    "state": lambda one: repr(one.__getstate__()),
    "object state": lambda one: repr(object.__getstate__(one)),
    "reduce": lambda one: repr(one.__reduce__()),
    "object reduce": lambda one: repr(object.__reduce_ex__(one, 4)),
    "iter": list,
    "index": lambda one: one[0],
    "contains": lambda one: "a" in one,
    "len": len,
    "hash": hash,
    "sorted": lambda one: sorted([one, one]),
    "copy": copy.copy,
    "deepcopy": lambda one: copy.deepcopy({"key": [one]}),
    "print": printed,
    "exception": lambda one: repr(ValueError(one)) + str(ValueError("key", one)),
    "locals": with_locals,
    "logging": lambda one: logged("%s %r", one, one),
    "logging a dict": lambda one: logged("%(key)s", {"key": one}),
    "logging wrong": lambda one: logged("%d", one),
    **{f"pickle {n}": lambda one, n=n: pickle.dumps(one, n) for n in range(pickle.HIGHEST_PROTOCOL + 1)},  # type: ignore[misc]
}


def told(route: Callable[[Secret], object], secret: Secret) -> str:
    try:
        return str(route(secret))
    except Exception as error:  # noqa: BLE001 - whichever it is must say nothing either
        return f"{error!r} {error} {error.args} {error.__context__!r}"


@pytest.mark.parametrize("name", ROUTES)
def test_no_route_tells_a_secret(name: str) -> None:
    for value in (f"ab{RUN}", f"ø%s{{0}}\"'<{RUN}>\\\n"):
        search = Search([Canary("value", value, (RUN,))])
        assert search.everywhere(name, texts={"told": told(ROUTES[name], Secret(value))}) == []


@few
@given(VALUES, st.sampled_from(sorted(ROUTES)))
def test_no_route_tells_any_secret(value: str, name: str) -> None:
    assert RUN not in told(ROUTES[name], Secret(value))


def test_not_even_how_long_it_is() -> None:
    short, long = Secret("abcd"), Secret("abcd" * 300)
    assert sys.getsizeof(short) == sys.getsizeof(long)
    for name, route in ROUTES.items():
        said = [str_without_addresses(told(route, one)) for one in (short, long)]
        assert said[0] == said[1], name
    assert bool(Secret("")), "whether it is empty is not told either"


def str_without_addresses(text: str) -> str:
    import re

    return re.sub(r"0x[0-9a-f]+|line \d+", "", text)


def test_what_it_says_of_itself() -> None:
    secret = Secret("abcdefgh")
    assert [str(secret), repr(secret), "%s" % secret] == ["Secret(…)"] * 3  # noqa: UP031 - one of the ways
    with pytest.raises(TypeError, match=r"^a Secret cannot be formatted$"):
        f"{secret}"
    with pytest.raises(TypeError, match=r"^a Secret cannot be pickled or copied$"):
        copy.copy(secret)


def test_comparing_is_by_content_and_takes_halves_of_characters() -> None:
    assert Secret("\ud800x") == Secret("\ud800x")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert Secret.__hash__ is None


def test_comparing_takes_as_long_wherever_they_differ() -> None:
    """No measurement could prove it; that the comparison is the library's own is what can be seen."""
    (compare,) = [
        node
        for node in ast.walk(ast.parse(inspect.getsource(sys.modules[Secret.__module__])))
        if isinstance(node, ast.FunctionDef) and node.name == "__eq__"
    ]
    assert "return hmac.compare_digest(mine, its)" in ast.unparse(compare)


# Masking by value


@few
@given(VALUES, st.sampled_from(["{}", "key={}", "<a>{}</a>", '{{"a": "{}"}}', "é{}\n"]))
def test_every_form_of_any_secret_is_masked(value: str, around: str) -> None:
    kept = Secret(value)
    for encoding, needle in encodings(Canary("value", value, (value,))):
        text = needle.decode("utf-8", "replace") if encoding != "latin-1" else needle.decode("latin-1")
        if encoding in {"utf-16le", "utf-16be"}:
            text = needle.decode("latin-1")
        if len(text) >= LEAST:
            assert text not in redacted(around.format(text)), encoding
            assert text not in silenced(around.format(text)), encoding
    assert redacted("nothing of it") == "nothing of it"
    del kept


@pytest.mark.parametrize("before", ["", "u", "us", "user:", "0:", "isv_practice_bank:", "øre:"])
@pytest.mark.parametrize("after", ["", ":", ":x", ":xy", ":xyz"])
def test_a_secret_is_found_in_the_base64_of_any_pair(before: str, after: str) -> None:
    secret = Secret("73195.pRactice+/Key?")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        made = encode(f"{before}73195.pRactice+/Key?{after}".encode()).decode()
        masked = redacted(f"Authorization: Basic {made};")
        assert masked.startswith("Authorization: Basic ")
        assert masked.endswith(";")
        left = masked.removeprefix("Authorization: Basic ").partition("…")[0]
        rest = base64.b64decode(left + "=" * (-len(left) % 4), altchars=b"-_") if len(left) % 4 != 1 else b""
        assert before.encode().startswith(rest[: len(before.encode()) + 1])
    del secret


def test_a_secret_that_was_cut_is_masked_in_a_log_and_kept_where_it_is_short() -> None:
    secret = Secret("ab12cd34ef56gh78")
    assert redacted("key ab12cd34ef, ef56gh78 and ab12cd3") == "key …, … and ab12cd3"
    assert without_ends("ab12cd34", "ab12cd34ef56gh78") == "…"
    assert redacted(base64.b64encode(b"ab12cd34ef56gh78").decode()[:14]) == "…"
    assert hidden("ab12cd34ef", [secret]) == "ab12cd34ef"


def test_a_short_secret_has_few_forms_and_a_shorter_none() -> None:
    assert {one.text for one in forms_of("abcd").every} >= {"abcd", "61626364", "YWJjZ"}
    kept = Secret("abc"), Secret("x"), Secret("")
    assert redacted("abc x YWJj") == "abc x YWJj"
    assert len(kept) == 3


def test_no_field_takes_a_secret_that_is_too_short_to_be_masked() -> None:
    for provider in PROVIDERS.values():
        for field in (*provider.every_field, *provider.partner_keys):
            assert not (field.secret and field.pattern.fullmatch("aB3"[: LEAST - 1])), field.name


def test_a_secret_that_is_gone_is_masked_no_more() -> None:
    secret = Secret("abcdefgh")
    assert redacted("abcdefgh") == "…"
    del secret
    assert redacted("abcdefgh") == "abcdefgh"


def test_secrets_that_are_gone_take_no_room() -> None:
    def coming_and_going() -> None:
        kept = [Secret(value) for value in values]
        assert len(kept) == len(values)

    values = [f"{number}" for number in range(2000)]
    coming_and_going()
    tracemalloc.start()
    coming_and_going()
    gc.collect()  # Python's own free lists are not what is looked for
    left, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert left < most / 20


def test_of_two_secrets_the_longer_is_masked_first() -> None:
    for short in ("abcd", "efgh"):
        secrets = [Secret(short), Secret("abcdefgh")]
        assert hidden("key abcdefgh!", secrets) == "key …!"


def test_masking_is_cheap() -> None:
    """A record with thirty secrets alive; the forms of each are made once."""
    kept = [Secret(f"{number}{RUN * 3}ø&") for number in range(30)]
    line = "GET api.fiken.no /api/v2/companies/{slug}/accounts 200 123 ms"
    redacted(line)
    assert min(timeit.repeat(lambda: silenced(line), number=20, repeat=5)) / 20 < 0.004
    assert len(kept) == 30


# What is masked without being known

UNKNOWN = {
    "Authorization: Bearer abc.def-123": "Authorization: …",
    "proxy-authorization: Basic a2FyaTpwYXNz, next": "proxy-authorization: …",
    "Set-Cookie: sid=abc; Path=/\nnext": "Set-Cookie: …\nnext",
    '{"employeeToken": "ab\\"cd", "name": "Ola"}': '{"employeeToken": "…", "name": "Ola"}',
    "{'client_secret': 'abcd', 'n': 1}": "{'client_secret': '…', 'n': 1}",
    "GET /x?apiKey=abcd&from=0&access_token=x%20y": "GET /x?apiKey=…&from=0&access_token=…",
    "Ocp-Apim-Subscription-Key: abcd": "Ocp-Apim-Subscription-Key: …",
    "<x:password>øvelse</x:password>": "<x:password>…</x:password>",
    "passord=blåbær kode=7": "passord=… kode=7",
    "sent Bearer abcdefgh1234": "sent Bearer …",
    "got eyJhbGciOiJSUzI1NiJ9.e30.c2ln there": "got … there",
    "run 0123456789abcdef0123456789abcdef!": "run …!",
    "id 5b1d9f3e-7c42-4a86-b0e9-0000000000c1": "id …",
    "b64 QUJDREVGR0hJSktMTU5PUFFSU1RVVldY/1ho+WVo=": "b64 …",
}
READABLE = (
    "koble.net INFO POST tripletex.no /v2/token/session/:create 200 12 ms",
    "GET api.fiken.no /api/v2/companies/{slug}/accounts 403 9 ms",
    "PUT eaccountingapi.vismaonline.com /v2/customers/108136045 - 9 ms",
    "request_id: 0123456789abcdef0123456789abcdef",
    '"request-id": "5b1d9f3e-7c42-4a86-b0e9-0000000000c1"',
    "sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "test_what_waits_is_stored_and_connected_once_it_is_approved",
    "bug-20261121-034856-12345.txt",
    "code key_refused stage sign_in",
    "the key page, the keychain and the monkey",
)


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_stands_where_keys_stand_is_masked(text: str) -> None:
    assert silenced(text) == UNKNOWN[text]


@pytest.mark.parametrize("text", READABLE)
def test_what_support_asks_for_stays_readable(text: str) -> None:
    assert silenced(text) == text


# What a vendor says


def test_what_a_vendor_says_back_is_masked() -> None:
    key = "ab12cd34-ef56-gh78-ij90"
    kept, short = Secret(key), Secret("Oslo")
    told = Company(id="7", name=f"Kunde {key} AS", orgnr="313000028", ids={"tenant": "9"})
    assert quiet_company(told).name == "Kunde … AS"
    assert quiet_company(Company(id="7", name="Oslo Mat AS")).name == "Oslo Mat AS"
    for wrong in (Company(id=key, name="x"), Company(id="7", name="x", ids={"tenant": key.upper()})):
        with pytest.raises(UnexpectedAnswer) as caught:
            quiet_company(wrong)
        assert caught.value.facts == {"looked_for": "id"}
    rows: list[dict[str, str | None]] = [{"name": key, "orgnr": None}]
    facts = {
        "to": f"{key}.example",
        "n": 7,
        "companies": rows,
        "parted": f"{key[:9]}\u200b{key[9:]}",
        "undrawn": "\ufe0f".join(key),
        "filled": "\u3164".join(key),
        "a": None,
    }
    quiet = {"to": "….example", "n": 7, "companies": [{"name": "…", "orgnr": None}], "a": None}
    quiet |= dict.fromkeys(("parted", "undrawn", "filled"), "…")
    assert quiet_facts(facts) == quiet  # type: ignore[arg-type]  # a list of rows is one
    assert quiet_finding(Finding(check="a", stage="vendor", state="passed", facts={"x": key})).facts == {
        "x": "…"
    }
    assert quiet_error(Redirected(to=key)).facts == {"to": "…"}
    del kept, short


def test_what_is_left_of_a_key_that_a_vendor_cut_is_masked_and_a_name_is_not() -> None:
    kept = (
        Secret("ab12cd34ef56gh78ij90"),
        Secret("Havblikk Fiskemottak 1"),
        Secret("8letters"),
        Secret("7letter"),
    )
    assert unechoed("of 8letters, of 7letter") == "of …, of 7letter"
    assert unechoed("number ab12cd34ef56gh78 and ab12cd34") == "number … and ab12cd34"
    assert unechoed("Havblikk Fiskemottak AS") == "Havblikk Fiskemottak AS"
    assert len(kept) == 4


# What nobody may write


@pytest.mark.no_cover
def test_no_text_of_an_exception_is_used_anywhere() -> None:
    """R34: what is caught is told by its kind and its numbers; its text may hold an answer, or a key."""
    found = []
    for module in MODULES:
        tree = ast.parse(module.read_text("utf-8"))
        for handler in [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and node.name]:
            found += [f"{module.stem}: {ast.unparse(one)}" for one in spoken(handler)]
    assert found == []


def spoken(handler: ast.ExceptHandler) -> list[ast.AST]:
    """Return where a caught exception is turned into text."""
    named = {handler.name}

    def is_it(node: ast.AST | None) -> bool:
        return isinstance(node, ast.Name) and node.id in named

    return [
        node
        for node in ast.walk(handler)
        if (isinstance(node, ast.FormattedValue) and is_it(node.value))
        or (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"str", "repr", "format", "print", "ascii"}
            and any(is_it(one) for one in node.args)
        )
        or (
            isinstance(node, ast.Attribute)
            and is_it(node.value)
            and node.attr in {"args", "doc", "object", "strerror"}
        )
        or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and is_it(node.right))
    ]
