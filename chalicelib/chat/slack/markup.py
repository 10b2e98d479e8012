"""How Slack writes: mrkdwn, Block Kit, and its limits."""

from __future__ import annotations

from typing import Any

from chalicelib.chat.text.wording import Button, Words

SECTION = 3_000  # characters of a section (Slack docs: reference/block-kit)
CONFIRM = 300  # … of what is asked before a button counts
TEXT = 4_000  # advised length of `text` (Slack docs: chat.postMessage)


class SlackMarkup:
    """Slack's mrkdwn (Slack docs: messaging/formatting-message-text)."""

    platform = "slack"
    command = "/ev"

    def escape(self, text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    def mention(self, driver: str, name: str) -> str:  # noqa: ARG002 — Slack knows the id
        """`<@U…>` for `slack:TEAM:U…`; what is no person of Slack's, escaped."""
        last = driver.rpartition(":")[2]
        return f"<@{last}>" if last[:1] in ("U", "W") and last.isalnum() else self.escape(driver)

    def bold(self, text: str) -> str:
        return f"*{text}*"


def payload(words: Words) -> dict[str, Any]:
    """`text`, which says it all, and `blocks` where there are buttons."""
    text = words.text if len(words.text) <= TEXT else words.text[: TEXT - 1] + "…"
    if not words.buttons:
        return {"text": text, "blocks": []}
    section = {"type": "section", "text": {"type": "mrkdwn", "text": text[:SECTION]}}
    buttons = [button(one) for one in words.buttons]
    return {"text": text, "blocks": [section, {"type": "actions", "elements": buttons}]}


def button(one: Button) -> dict[str, Any]:
    """In a message or in the Home tab."""
    drawn = {
        "type": "button",
        "action_id": one.action,
        "value": one.value,
        "text": plain(one.label),
    }
    if not one.confirm:
        return drawn
    asked = {
        "title": plain(one.label),
        "text": plain(one.confirm[:CONFIRM]),
        "confirm": plain("Yes"),
        "deny": plain("No"),
    }
    return {**drawn, "style": "danger", "confirm": asked}


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}
