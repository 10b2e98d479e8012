"""The page for a screen in the lobby: the board's facts, with initials instead of names.

HTML alone: no script, nothing from elsewhere. It loads itself anew. Whose time is up isn't said
before strangers. What a port does stands in words; the frame around it only underlines them.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import datetime
from html import escape

from chalicelib.chat.text.board import board, port_words
from chalicelib.chat.text.format import Speech
from chalicelib.core.draft import Draft
from chalicelib.core.model import Site
from chalicelib.core.rules.view import Doing, PortView, View, view
from chalicelib.values import replace

AGAIN = 30  # seconds
MOST_PORTS = 60  # shown; the line is cut as on the board

STYLE = """
:root{color-scheme:light dark;--paper:#fbfaf7;--ink:#1d2126;--soft:#565d66;--line:#c9ccd1;--free:#17693a;--used:#5b6470;--warn:#8a4b00}
@media (prefers-color-scheme:dark){:root{--paper:#14171b;--ink:#f0f1f3;--soft:#aab1ba;--line:#3c434c;--free:#7fd6a0;--used:#9aa4b0;--warn:#f0b469}}
*{box-sizing:border-box}
html{font-size:clamp(16px,1.35vw,30px)}
body{margin:0;padding:1.5rem;background:var(--paper);color:var(--ink);font:1rem/1.4 system-ui,sans-serif}
main{max-width:90rem;margin:0 auto}
h1{font-size:2rem;margin:0 0 1rem}
h2{font-size:1.25rem;margin:1.5rem 0 .5rem;color:var(--soft)}
p{margin:.5rem 0}
.warn{border-left:.35rem solid var(--warn);padding:.25rem .75rem}
ul,ol{margin:0;padding:0;list-style:none}
.ports{display:grid;gap:.75rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,17rem),1fr))}
.ports li{border:2px solid var(--line);border-left:.5rem solid var(--used);border-radius:.5rem;padding:.6rem .9rem}
.ports li.free{border-left-color:var(--free)}
.ports li.shut{border-left-style:dashed}
.ports b{display:block;color:var(--soft);font-weight:600}
.ports strong{display:block;font-size:1.5rem;line-height:1.25;overflow-wrap:anywhere}
.free strong{color:var(--free)}
.line{columns:20rem;column-gap:2rem}
.line li{font-size:1.25rem;padding:.2rem 0;break-inside:avoid;overflow-wrap:anywhere}
footer{margin-top:1.5rem;color:var(--soft)}
""".strip()
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}


class Html:
    """How this page writes: everything typed is text, nobody is mentioned."""

    platform = "lobby"
    command = ""

    def escape(self, text: str) -> str:
        return escape("".join(char if char.isprintable() else " " for char in text))

    def mention(self, driver: str, name: str) -> str:  # noqa: ARG002 — nobody is
        return self.escape(initials(name))

    def bold(self, text: str) -> str:
        return f"<strong>{text}</strong>"


class Initials(Speech):
    """A site in words that strangers may read."""

    def name(self, driver: str | None) -> str:
        person = self.site.people.get(driver) if driver is not None else None
        name = (person.name or person.handle) if person is not None else ""
        return self.escape(initials(name)) or "Somebody"


def initials(name: str) -> str:
    """`A. B.` of Ana Bell; "" where no letter is."""
    letters = [next((char for char in word if char.isalnum()), "") for word in name.split()]
    return " ".join(f"{letter.upper()}." for letter in letters[:3] if letter)


def page(site: Site, now: datetime) -> str:
    """The whole page."""
    speech = Initials(site, Html(), now)
    seen = view(Draft(site, now))
    calm = replace(seen, ports=tuple(replace(one, is_overdue=False) for one in seen.ports))
    return framed(speech.escape(site.name), "\n".join(parts(speech, calm)), again=True)


def parts(s: Speech, seen: View) -> Iterator[str]:
    if seen.unseen_since is not None:
        since = s.dated(seen.unseen_since)
        yield f'<p class="warn">I haven\'t seen the chargers since {since}; this is how they were.</p>'
    words = board(s, seen)
    yield "<h2>Chargers</h2>"
    if not seen.ports:
        yield "<p>I haven't seen the chargers yet.</p>"
    yield '<ul class="ports">'
    for one in seen.ports[:MOST_PORTS]:
        yield port(s, one)
    yield "</ul>"
    if len(seen.ports) > MOST_PORTS:
        yield f"<p>… and {len(seen.ports) - MOST_PORTS} more.</p>"
    first, *others = words.line
    yield f"<h2>{first.removesuffix(':')}</h2>"
    if others:
        yield '<ol class="line">' + "".join(f"<li>{one}</li>" for one in others) + "</ol>"
    yield f"<footer>{' '.join(words.notes)} This page loads itself anew.</footer>"


CLASSES = {Doing.FREE: "free", Doing.SHUT: "shut", Doing.DARK: "shut", Doing.UNKNOWN: "shut"}


def port(s: Speech, one: PortView) -> str:
    words = list(port_words(s, one))
    head, *more = words[1:] if one.doing is Doing.CALLED else words  # it isn't free for strangers
    rest = f"<span>{', '.join(more)}</span>" if more else ""
    kind = CLASSES.get(one.doing, "used")
    return f'<li class="{kind}"><b>{s.the_port(one.id)}</b><strong>{head}</strong>{rest}</li>'


def sorry(title: str, words: str, *, again: bool) -> str:
    """A page that shows nothing of any site."""
    return framed(escape(title), f"<p>{escape(words)}</p>", again=again)


def framed(title: str, body: str, *, again: bool) -> str:
    """`title` and `body` are HTML."""
    refresh = f'<meta http-equiv="refresh" content="{AGAIN}">\n' if again else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
{refresh}<title>{title}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""
