"""How Slack writes: mrkdwn, Block Kit, and its limits."""

from __future__ import annotations

from typing import Any

from chalicelib.chat.text.wording import Words

SECTION = 3_000  # characters of a section (Slack docs: reference/block-kit)
HOME = "/home"  # after a person's address: their Home tab
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
    buttons = [
        {
            "type": "button",
            "action_id": button.action,
            "value": button.value,
            "text": {"type": "plain_text", "text": button.label},
        }
        for button in words.buttons
    ]
    return {"text": text, "blocks": [section, {"type": "actions", "elements": buttons}]}
