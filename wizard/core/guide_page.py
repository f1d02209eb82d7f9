"""A guide as a page of its own, to be saved, sent and printed: no script, nothing fetched, no secret.

It is a function of the system, the partner and the languages, so that it can be made anywhere.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from html import escape
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wizard.core import guide
from wizard.core.quality import verified_on
from wizard.core.texts import LANGUAGES, folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wizard.core.provider import GuideStep, Provider
    from wizard.core.texts import Texts

_COLOURS = ("paper", "ground", "ink", "soft", "line", "accent", "on_accent", "tint")
_LIGHT = ("#ffffff", "#eef0f3", "#1d2733", "#dbdddf", "#8b9299", "#0b6e6e", "#ffffff", "#d8e8e8")
_DARK = ("#222931", "#1a1f25", "#e8edf2", "#4e545b", "#8f979f", "#4fc3bd", "#06211f", "#294247")
_BEFORE = ("role", "module", "minutes", "lifetime", "once")
_CSS = """
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:100%/1.55 system-ui,"Segoe UI",sans-serif}
nav,article{max-width:46rem;margin:0 auto;padding:1rem 1.5rem}
nav{text-align:right}
nav a{margin-left:1rem}
a{color:var(--accent)}
h1{font-size:1.6rem;line-height:1.25;margin:.2rem 0 .6rem}
h2{font-size:1.15rem;margin:0 0 .3rem}
p{margin:.4rem 0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1rem;margin:1rem 0}
dt{font-weight:600}
dd{margin:0}
ol,.plain{list-style:none;padding:0}
.step,.note{background:var(--paper);border:1px solid var(--line);border-radius:.5rem;padding:1rem 1.25rem}
.step{margin:1rem 0}
.note{border-left:.3rem solid var(--accent)}
.number{font-weight:600;color:var(--accent)}
.small{font-size:.9rem}
.stop{font-weight:600}
svg{display:block;max-width:100%;height:auto;margin:.8rem 0 .2rem;forced-color-adjust:none}
.other{display:none}
.other:target{display:block}
.other:target~.first{display:none}
@media(max-width:30rem){dl{grid-template-columns:1fr}dd{margin-bottom:.5rem}}
@media print{nav{display:none}body{background:#fff}.step{break-inside:avoid}a[href]{color:inherit}}
"""


def guide_page(provider: Provider, texts: Texts, languages: Iterable[str] = LANGUAGES) -> str:
    """Return the guide of a system, for one of its methods, as HTML.

    `texts` give the partner, and the language that is shown first.
    """
    wanted = [texts.language, *(one for one in languages if one != texts.language)]
    first, *others = (
        _part(provider, replace(texts, language=one, share_safe=False), kind)
        for one, kind in zip(wanted, ("first", *("other" for _ in wanted[1:])), strict=True)
    )
    style = _style()
    return "\n".join(
        (
            "<!DOCTYPE html>",
            f'<html lang="{escape(texts.language)}">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_policy(style)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{escape(texts.say('guide_page.title', provider))}</title>",
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            _switch(wanted, texts),
            *others,
            first,
            "</body>",
            "</html>",
            "",
        )
    )


def file_name(provider: Provider, texts: Texts) -> str:
    """Return the name to save it under."""
    return f"{texts.say('guide_page.file')}-{provider.slug.replace('_', '-')}.html"


def _policy(style: str) -> str:
    """Return what a browser may do with the page: apply this one style sheet, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _style() -> str:
    light, dark = (
        ";".join(f"--{name}:{colour}" for name, colour in zip(_COLOURS, colours, strict=True))
        for colours in (_LIGHT, _DARK)
    )
    return f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}{_CSS}"


def _switch(languages: list[str], texts: Texts) -> str:
    """Return the links between the languages, or nothing where there is one."""
    links = (
        f'<a href="#{one}" lang="{one}" hreflang="{one}">{escape(texts.say(f"language.{one}"))}</a>'
        for one in languages
    )
    return f"<nav>{' '.join(links)}</nav>" if len(languages) > 1 else ""


def _part(provider: Provider, texts: Texts, kind: str) -> str:
    """Return all of it in one language; the `first` is shown until an `other` one is asked for."""
    values = texts.preset.values.get(provider.slug, {})
    steps = [step for step in provider.guide if step.shown(values)]
    rows = (_step(provider, steps, at, texts) for at in range(len(steps)))
    inner = "\n".join((_head(provider, texts), f"<ol>{''.join(rows)}</ol>", _foot(provider, texts)))
    return f'<article id="{texts.language}" lang="{texts.language}" class="{kind}">\n{inner}\n</article>'


def _head(provider: Provider, texts: Texts) -> str:
    rows = (
        f"<dt>{_said(f'system.{part}', texts)}</dt><dd>{_said(f'before.{part}', texts, provider)}</dd>"
        for part in _BEFORE
        if texts.has(f"before.{part}", provider)  # a plug-in may have fewer
    )
    return (
        f"<h1>{_said('guide_page.title', texts, provider)}</h1>"
        f"<p>{_said('guide_page.intro', texts, provider)}</p>"
        f'<p class="note"><strong>{_said("guide_page.never", texts, provider)}</strong></p>'
        f"<dl>{''.join(rows)}</dl>"
    )


def _foot(provider: Provider, texts: Texts) -> str:
    day = verified_on(provider)
    lines = [texts.say("guide_page.contact", ways=texts.preset.contact)] if texts.preset.contact else []
    if day:
        parts = {"day": day.day, "month": f"{day.month:02}", "year": day.year}
        lines.append(texts.say("guide_page.verified", provider, **parts))
    return "".join(f'<p class="small">{escape(line)}</p>' for line in lines)


def _step(provider: Provider, steps: list[GuideStep], at: int, texts: Texts) -> str:
    step = steps[at]
    known = {name: texts.preset.value(provider.slug, name) for name in step.copy}
    key = f"guide.{step.key}"
    share = guide.sharing(steps, at, accepted=False).value
    parts = [
        f'<h2><span class="number">{guide.spoken(at)}</span> '
        f"{escape(texts.say(f'{key}.title', provider, **known))}</h2>",
        f'<p class="stop">{_said(f"sharing.{share}", texts, provider)}</p>' if share else "",
        f"<p>{escape(texts.say(f'{key}.text', provider, **known))}</p>",
        _listed((texts.say(f"{key}.ticks.{one}", provider) for one in step.ticks), "☐ "),
        _listed(_copies(provider, step, texts)),
        _opened(step),
        _drawing(provider, step, texts),
        _listed((texts.say(f"{key}.traps.{one}", provider) for one in step.traps), kind="plain small"),
    ]
    return f'<li class="step">{"".join(parts)}</li>'


def _listed(lines: Iterable[str], mark: str = "", kind: str = "plain") -> str:
    rows = "".join(f"<li>{mark}{escape(line)}</li>" for line in lines)
    return f'<ul class="{kind}">{rows}</ul>' if rows else ""


def _copies(provider: Provider, step: GuideStep, texts: Texts) -> Iterator[str]:
    """Yield the values to copy; one that is a key of anybody's stays in the program."""
    secret = {one.name for one in (*provider.every_field, *provider.partner_keys) if one.secret}
    for name in step.copy:
        called = texts.say(f"values.{name}", provider)
        value = texts.preset.value(provider.slug, name)
        if name in secret:
            yield texts.say("guide_page.in_program", name=called)
        else:
            yield f"{called}: {value}" if value else texts.say("key.ask_value", name=called)


def _opened(step: GuideStep) -> str:
    host = escape(urlsplit(step.opens).hostname or "")
    address = escape(step.opens)
    return f'<p><a href="{address}" rel="noopener noreferrer">{host}</a></p>' if host else ""


def _drawing(provider: Provider, step: GuideStep, texts: Texts) -> str:
    """Return the drawing, its colours the page's own, with what it shows for those who do not see it."""
    if not step.image:
        return ""
    template = (folder(provider.package) / "images" / step.image).read_text(encoding="utf-8")
    words = {f"t_{name}": escape(word) for name, word in texts.words("drawing", provider).items()}
    drawn = Template(template).substitute(words, **{one: f"var(--{one})" for one in _COLOURS})
    said = escape(texts.say(f"images.{step.image.removesuffix('.svg')}", provider))
    return drawn.replace("<svg ", f'<svg role="img" aria-label="{said}" ', 1)


def _said(key: str, texts: Texts, provider: Provider | None = None) -> str:
    return escape(texts.say(key, provider))
