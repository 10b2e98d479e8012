"""response_url: how an app answers later ("Slack docs: handling user interaction")."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from practice.common.posts import Message, Post

from .blocks import read_blocks
from .faults import SlackError
from .workspace import Workspace

MOST_USES = 5
LIFETIME = timedelta(minutes=30)  # site time


@dataclass(slots=True)
class Hook:
    """One response_url: who it answers, in which conversation.

    `typed` is the command that an answer to all shows once; `original` the message
    that `replace_original` means.
    """

    driver: str
    channel: str
    to: str
    born: datetime
    typed: str = ""
    original: Message | None = None
    uses: int = 0
    outcome: Post | None = None


class Hooks:
    """Only the urls that were handed out exist. Answers are shown in the workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._hooks: dict[str, Hook] = {}

    def open(self, hook: Hook) -> str:
        """The random part of a new response_url."""
        token = secrets.token_urlsafe(18)
        self._hooks[token] = hook
        return token

    def use(self, token: str, payload: dict[str, Any]) -> None:
        """One post to a response_url. Raises SlackError, and notes the breach."""
        with self._workspace.lock:
            try:
                self._use(token, payload)
            except SlackError as error:
                self._workspace.record_violation(f"response_url refused: {error.error}")
                raise

    def answer(self, hook: Hook, payload: dict[str, Any]) -> Post | None:
        """Show an answer: in the HTTP reply to a command, or by response_url. Raises SlackError."""
        public = payload.get("response_type") == "in_channel"
        text, blocks = _words(payload), read_blocks(payload.get("blocks"))
        if public and hook.typed:
            self._workspace.feed.post(Message(hook.channel, hook.to, hook.typed, by=hook.driver))
            hook.typed = ""
        if not text.strip() and not blocks:
            return None
        to = hook.to if public else hook.driver
        message = Message(hook.channel, to, text, blocks, ephemeral=not public)
        hook.outcome = self._workspace.show(message)
        hook.original = hook.original or message
        return hook.outcome

    def _use(self, token: str, payload: dict[str, Any]) -> None:
        hook = self._hooks.get(token)
        if hook is None:
            raise SlackError("no_such_url")
        if self._workspace.clock.now() - hook.born > LIFETIME:
            raise SlackError("expired_url")
        hook.uses += 1
        if hook.uses > MOST_USES:
            raise SlackError("used_url")
        if payload.get("response_type") not in (None, "", "ephemeral", "in_channel"):
            raise SlackError("invalid_response_type")
        if payload.get("delete_original"):
            self._delete(hook, payload)
        elif payload.get("replace_original") and hook.original is not None:
            hook.outcome = self._replace(hook.original, payload)
        elif self.answer(hook, payload) is None and "response_type" not in payload:
            raise SlackError("no_text")

    def _delete(self, hook: Hook, payload: dict[str, Any]) -> None:
        if any(payload[key] for key in payload if key != "delete_original"):
            raise SlackError("delete_original_stands_alone")
        if hook.original is None or hook.original.deleted:
            raise SlackError("message_not_found")
        hook.outcome = self._workspace.feed.delete(hook.original)

    def _replace(self, original: Message, payload: dict[str, Any]) -> Post:
        if original.deleted:
            raise SlackError("message_not_found")
        asked = payload.get("response_type")
        if asked and (asked == "ephemeral") is not original.ephemeral:
            raise SlackError("cannot_change_response_type")
        text, blocks = _words(payload), read_blocks(payload.get("blocks"))
        if not text.strip() and not blocks:
            raise SlackError("no_text")
        return self._workspace.change(original, text, blocks)


def _words(payload: dict[str, Any]) -> str:
    text: str | None = payload.get("text")
    if text is not None and not isinstance(text, str):
        raise SlackError("invalid_arguments")
    return text or ""
