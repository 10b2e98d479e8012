"""Mattermost, coming in: the slash command and the buttons, each proven before it is read.

The proof of a command is a static token, in the header and in the body; nothing is signed,
so this needs TLS. A replay is known by its trigger_id.
"""

from __future__ import annotations

import hmac
import logging
import re
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Protocol
from urllib.parse import parse_qs, urlsplit

from msgspec import Meta, Struct

from chalicelib import telemetry
from chalicelib.chat.forms import Form
from chalicelib.chat.handler import CommandHandler
from chalicelib.chat.http import Reply, json_reply, refuse, short
from chalicelib.chat.speaking import Speaker, Spoken
from chalicelib.chat.text.forms import NOT_OPENED
from chalicelib.chat.text.wording import Words
from chalicelib.edges import MessageRefused, MessengerUnavailable
from chalicelib.shapes import Malformed, Shape
from chalicelib.values import replace

from . import dialogs
from .markup import MattermostMarkup, MattermostRenderer, cut

SOON = timedelta(seconds=1)  # a server takes so many requests a second

log = logging.getLogger(__name__)

USER = re.compile("[a-z0-9]{26}")
Id = Annotated[str, Meta(pattern=r"\A[a-z0-9]{26}\Z")]  # Mattermost docs: ids


class Command(Struct):
    """A slash command (Mattermost docs: custom slash commands)."""

    user_id: Id
    channel_id: Id
    user_name: str = ""
    channel_name: str = ""
    text: str = ""
    trigger_id: str = ""


class Context(Struct):
    """What `MattermostRenderer` put into a button."""

    action: str
    value: str
    own: bool
    seal: str


class Click(Struct):
    """A button (Mattermost docs: interactive messages)."""

    user_id: Id
    channel_id: Id
    context: Context
    user_name: str = ""
    trigger_id: str = ""


class Submission(Struct):
    """A dialog that was sent, or cancelled (Mattermost docs: interactive dialogs)."""

    user_id: Id
    channel_id: Id
    state: Annotated[str, Meta(max_length=10_000)] = ""
    submission: dict[str, Any] | None = None
    cancelled: bool = False
    user_name: str = ""
    trigger_id: str = ""


SUBMISSION: Shape[Submission] = Shape(Submission)
COMMAND: Shape[Command] = Shape(Command)
CLICK: Shape[Click] = Shape(Click)


class Desk(Protocol):
    """Who opens dialogs."""

    def open(self, trigger_id: str, url: str, dialog: dict[str, Any]) -> None:
        """Raises MessengerUnavailable or MessageRefused."""


class MattermostWebhook:
    """`POST /mattermost/command`, `/mattermost/action` and `/mattermost/dialog` of the server at
    `url`.

    People are known by the server's host: their ids hold for all of its teams.
    """

    def __init__(
        self,
        url: str,
        token: str,
        handler: CommandHandler,
        renderer: MattermostRenderer,
        desk: Desk | None = None,
    ) -> None:
        self._tenant = urlsplit(url).hostname or ""
        self._token = token
        self._handler = handler
        self._renderer = renderer
        self._desk = desk

    def command(self, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answer a slash command. 401: no token, or another; 400: unreadable."""
        if not self._is_token(bearer(headers)):
            return refuse(401, "not from our Mattermost")
        try:
            fields = parse_qs(body.decode())
            form = {name: values[-1] for name, values in fields.items()}
            if not self._is_token(form.get("token", "")):
                return refuse(401, "not from our Mattermost")
            asked = COMMAND.of(form)
        except ValueError:
            return refuse(400, "not as Mattermost sends it")
        direct = "__" in asked.channel_name  # Mattermost docs: the name of a direct channel
        speaker = self._speaker(asked, direct=direct)
        return self._answer(self._handler.on_command(speaker, with_ids(asked.text, fields)))

    def action(self, _: Mapping[str, str], body: bytes) -> Reply:
        """Answer a click. 401: not one of our buttons; 400: unreadable."""
        try:
            click = CLICK.of_json(body)
        except Malformed:
            return refuse(400, "not as Mattermost sends it")
        button = click.context
        seal = self._renderer.sign(button.action, button.value, button.own)
        with telemetry.span("verify"):
            ours = same(seal, button.seal)
        if not ours:
            return refuse(401, "not a button of ours")
        speaker = self._speaker(click)
        spoken = self._handler.on_button(speaker, button.action, button.value, None)
        if spoken.form is not None:
            if self._opened(click, spoken.form):
                return json_reply({})
            spoken = replace(spoken, words=Words(NOT_OPENED.format(instead=spoken.words.text)))
        if button.own and not spoken.passing:
            return json_reply({"update": self._renderer.post(spoken.words, own=True)})
        text = cut(spoken.words.typed_out(MattermostMarkup.command))
        return json_reply({"ephemeral_text": text, "skip_slack_parsing": True})

    def dialog(self, _: Mapping[str, str], body: bytes) -> Reply:
        """Answer a form. 401: not one that we opened for this person; 400: unreadable."""
        try:
            sent = SUBMISSION.of_json(body)
        except Malformed:
            return refuse(400, "not as Mattermost sends it")
        with telemetry.span("verify"):
            kept = dialogs.unsealed(sent.state, sent.user_id, self._renderer.key)
        if kept is None:
            return refuse(401, "not a form of ours")
        if sent.cancelled:
            return json_reply({})
        speaker = replace(self._speaker(sent), request=kept.once)
        form = dialogs.filled(kept, sent.submission or {})
        came = self._handler.on_form(speaker, form, speaker.driver)
        if came.errors:
            return json_reply({"errors": came.errors})
        if came.spoken is not None and not came.spoken.queued:
            return json_reply(
                {"error": cut(came.spoken.words.typed_out(MattermostMarkup.command))}
            )
        return json_reply({})

    def _opened(self, click: Click, form: Form) -> bool:
        """Whether the form is before whoever clicked."""
        if self._desk is None:
            return False
        key, once = self._renderer.key, short(f"dialog {click.trigger_id}")
        state = dialogs.sealed(form, click.user_id, once, key)
        url, drawn = self._renderer.dialog_url, dialogs.dialog(form, state)
        for is_last in (False, True):
            try:
                self._desk.open(click.trigger_id, url, drawn)
            except (MessengerUnavailable, MessageRefused) as fault:
                if is_last or not is_short(fault):
                    log.warning("a form could not be opened: %s", fault)
                    return False
                time.sleep(SOON.total_seconds())
            else:
                return True
        return False

    def _speaker(self, who: Command | Click | Submission, *, direct: bool = False) -> Speaker:
        here = f"mattermost:{self._tenant}"
        return Speaker(
            driver=f"{here}:{who.user_id}",
            name=who.user_name,
            handle=who.user_name,
            channel=f"{here}:{who.channel_id}",
            request=short(who.trigger_id),
            direct=direct,
        )

    def _answer(self, spoken: Spoken) -> Reply:
        """Mattermost reads Slack's `<!channel>` in answers unless it is told not to."""
        return json_reply(
            {
                "response_type": "in_channel" if spoken.public else "ephemeral",
                "username": "concierge",  # where the server lets integrations say who speaks
                "text": self._renderer.text(spoken.words),
                # `own` messages are replaced by the answer to a click; an ephemeral one can't be
                "attachments": self._renderer.attachments(spoken.words, own=False),
                "skip_slack_parsing": True,
            }
        )

    def _is_token(self, given: str) -> bool:
        with telemetry.span("verify"):
            return same(given, self._token)


def is_short(fault: Exception) -> bool:
    """The server asks for a pause that a trigger outlives."""
    return isinstance(fault, MessengerUnavailable) and (fault.retry_after or SOON * 2) <= SOON


def with_ids(text: str, fields: Mapping[str, list[str]]) -> str:
    """What was typed, with people named by their ids, as Slack does it: the server says which
    id belongs to which mention (Mattermost docs: custom slash commands).
    """
    pairs = zip(fields.get("user_mentions", []), fields.get("user_mentions_ids", []), strict=False)
    ids = {name.removeprefix("@"): user for name, user in pairs if USER.fullmatch(user)}

    def named(found: re.Match[str]) -> str:
        name = found[1] if found[1] in ids else found[1].rstrip("._-")  # the end of a sentence
        return f"<@{ids[name]}|{name}>{found[1][len(name) :]}" if name in ids else found[0]

    return re.sub(r"(?<![\w.])@([a-z0-9][a-z0-9._-]{0,63})", named, text)


def bearer(headers: Mapping[str, str]) -> str:
    """The token in `Authorization: Token …`."""
    found = {name.lower(): value for name, value in headers.items()}
    scheme, _, token = found.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "token" else ""


def same(one: str, other: str) -> bool:
    """In constant time, whatever characters they are of."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))
