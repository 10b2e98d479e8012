"""How HipChat writes: HTML, or text where somebody is mentioned; and its limits."""

from __future__ import annotations

import html
import re
from typing import Any

from chalicelib.chat.text.wording import Words, words
from chalicelib.core import answers, effects as say
from chalicelib.core.effects import Effect
from chalicelib.core.model import Site

LONGEST = 10_000  # characters of a message (HipChat API v2: send room notification)
MENTION = re.compile(r"[\w.-]{1,50}")
GAP = "\u200b"  # no width; after an @ there is no mention any more

RED = (say.SightLost, say.Undelivered, say.CapRefused, say.AlarmRaised, answers.Refused)
GREEN = (answers.Added, say.Called, say.PortPost, say.SightBack)
YELLOW = (say.StandsIdle, say.PleaseMove, say.BayBlocked, say.PowerLimited, say.StillThere)


class HipChatHtml:
    """HTML. It has no mentions: `mentioned` tells that the text form is wanted instead."""

    platform = "hipchat"
    command = "/ev"

    def __init__(self) -> None:
        self.mentioned = False

    def escape(self, text: str) -> str:
        return html.escape(" ".join(text.split()), quote=False).replace("`", "&#96;")

    def mention(self, driver: str, name: str) -> str:
        self.mentioned = True
        return self.escape(name or driver.rpartition(":")[2])

    def bold(self, text: str) -> str:
        return f"<b>{text}</b>"


class HipChatText:
    """Text as a person types it: mentions ping, nothing is markup."""

    platform = "hipchat"
    command = "/ev"

    def escape(self, text: str) -> str:
        quiet = " ".join(text.split()).replace("@", f"@{GAP}")
        return GAP + quiet if quiet.startswith("/") else quiet  # no command of HipChat's

    def mention(self, driver: str, name: str) -> str:  # noqa: ARG002 — HipChat knows the name
        return f"@{name}" if MENTION.fullmatch(name) else self.escape(name or "somebody")

    def bold(self, text: str) -> str:
        return text


def message(effect: Effect, site: Site, to: str = "") -> dict[str, Any]:
    """`message` and `message_format` of an effect."""
    markup = HipChatHtml()
    said = words(effect, site, markup, to=to)
    if markup.mentioned:
        said = words(effect, site, HipChatText())
        return {"message": cut(said.typed_out("/ev")), "message_format": "text"}
    return as_html(said)


def as_html(said: Words) -> dict[str, Any]:
    """Escaped words as HTML; what is too long ends at a line's end."""
    lines = [
        re.sub("`([^`]*)`", r"<code>\1</code>", line) for line in said.typed_out("/ev").split("\n")
    ]
    if len("<br>".join(lines)) > LONGEST:
        while lines and len("<br>".join(lines)) > LONGEST - 10:
            lines.pop()
        lines.append("…")
    return {"message": "<br>".join(lines), "message_format": "html"}


def notification(effect: Effect, site: Site) -> dict[str, Any]:
    """What is posted in a room: its colour by kind, the line with a card."""
    said = {**message(effect, site), "color": colour(effect), "notify": False}
    if isinstance(effect, answers.Line):
        said["card"] = card(said["message"], site)
    return said


def card(message: str, site: Site) -> dict[str, Any]:
    """The line as a card; old clients and phones show `message` (HipChat docs: cards)."""
    plain = re.sub("</?code>", "", message).replace("<br>", " · ")
    described = {"value": plain, "format": "html"}
    return {"style": "application", "id": f"line-{site.id}", "title": "The line", "description": described}  # fmt: skip


def colour(effect: Effect) -> str:
    for name, kinds in (("red", RED), ("green", GREEN), ("yellow", YELLOW)):
        if isinstance(effect, kinds):
            return name
    return "purple" if isinstance(effect, answers.Did) else "gray"


def cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
