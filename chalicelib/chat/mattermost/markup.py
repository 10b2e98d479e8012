"""How Mattermost writes: Markdown, message attachments, and its limits."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any

from chalicelib.chat.text.format import Table
from chalicelib.chat.text.wording import Words

POST = 16_383  # characters (Mattermost docs: message length)
SPECIAL = re.compile(r"([\\`*_\[\]#|~>])")
USERNAME = re.compile(r"[a-z0-9._-]{1,64}")  # Mattermost docs: usernames
GAP = "\u200b"  # no width; after an @ there is no mention any more


class MattermostMarkup:
    """Mattermost's Markdown. People and channels are `mattermost:HOST:ID`."""

    platform = "mattermost"
    command = "/ev"

    def escape(self, text: str) -> str:
        """Neither markup nor mentions, and all on one line."""
        return SPECIAL.sub(r"\\\1", " ".join(text.split())).replace("@", f"@{GAP}")

    def mention(self, driver: str, name: str) -> str:  # noqa: ARG002 — Mattermost knows the name
        """By username, which is what we know people by."""
        return f"@{name}" if USERNAME.fullmatch(name) else self.escape(name or "somebody")

    def bold(self, text: str) -> str:
        return f"**{text}**"


class MattermostRenderer:
    """Messages with buttons, each sealed: only we could have made what comes back.

    Mattermost keeps a button's context to itself and sends it with the click (Mattermost
    docs: interactive messages). Without `public_url` nobody could press, so the words say
    what to type.
    """

    def __init__(self, public_url: str, key: str) -> None:
        self._url = f"{public_url.rstrip('/')}/mattermost/action" if public_url else ""
        self.dialog_url = f"{public_url.rstrip('/')}/mattermost/dialog" if public_url else ""
        self.key = key.encode()

    def post(self, words: Words, *, own: bool) -> dict[str, Any]:
        """`message` and `props` of a post; `own`: only one person sees it."""
        return {
            "message": self.text(words),
            "props": {"attachments": self.attachments(words, own)},
        }

    def text(self, words: Words) -> str:
        text = words.text if self._url else words.typed_out(MattermostMarkup.command)
        return cut(text)

    def attachments(self, words: Words, own: bool) -> list[dict[str, Any]]:
        if not (words.buttons and self._url):
            return []
        return [{"actions": [self._action(one.label, one.action, one.value, own) for one in words.buttons]}]  # fmt: skip

    def _action(self, label: str, action: str, value: str, own: bool) -> dict[str, Any]:
        context = {"action": action, "value": value, "own": own}
        context["seal"] = self.sign(action, value, own)
        # An id with a sign in it makes a button that does nothing (observed of old servers).
        plain = action.replace("_", "")
        where = {"url": self._url, "context": context}
        return {"id": plain, "name": label, "type": "button", "integration": where}

    def sign(self, action: str, value: str, own: bool) -> str:
        """Proves that a button is ours, and says what it said."""
        said = f"{action} {value} {own}".encode()
        return hmac.new(self.key, said, hashlib.sha256).hexdigest()


def as_table(table: Table) -> str:
    """As Markdown, under its caption."""
    markup = MattermostMarkup()

    def line(cells: tuple[str, ...]) -> str:
        return f"| {' | '.join(map(markup.escape, cells))} |"

    rule = f"|{':--|' * len(table.header)}"
    return "\n".join((line(table.header), rule, *map(line, table.rows)))


def cut(text: str) -> str:
    return text if len(text) <= POST else text[: POST - 1] + "…"
