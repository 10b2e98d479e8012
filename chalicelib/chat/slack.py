"""Slack, coming in: commands, buttons and events, each proven before it is read.

The signature is checked over the raw bytes before bolt sees the request; bolt's own
check is off, because on a bad signature it logs the body. Nothing here calls Slack.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.parse import parse_qs

from slack_bolt import Ack, App, BoltContext, BoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackClientError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.webhook import WebhookClient

from .desk import Desk, Speaker, Spoken
from .slack_markup import payload

log = logging.getLogger(__name__)

ID = re.compile(r"[A-Z0-9]{1,32}")  # team, channel and user ids
TIMESTAMP = re.compile(r"[0-9]{1,12}")
ANY = re.compile(r".*", re.DOTALL)
QUICKLY = 1  # seconds for the one call that can't wait: a fault, told to who clicked

Reply = tuple[int, dict[str, str], str]  # status, headers, body


class Malformed(Exception):
    """Signed by Slack, and yet not what Slack's documents say."""


class SlackDoor:
    """`POST /slack/events`."""

    def __init__(self, signing_secret: str, desk: Desk) -> None:
        self._verifier = SignatureVerifier(signing_secret)
        self._bolt = build_bolt(desk)

    def __call__(self, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answer one request. 401: not proven to be Slack's; 400: unreadable."""
        found = {name.lower(): value for name, value in headers.items()}
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return refuse(400, "not UTF-8")
        if not self._is_from_slack(found, text):
            if "x-slack-signature" not in found and is_ssl_check(text):
                return 200, {}, ""  # answered, whoever asks: it says and does nothing
            return refuse(401, "not signed by Slack")
        try:
            return self._dispatch(found, text)
        except Malformed as what:
            return refuse(400, str(what))

    def _is_from_slack(self, headers: Mapping[str, str], text: str) -> bool:
        timestamp = headers.get("x-slack-request-timestamp", "")
        signature = headers.get("x-slack-signature", "")
        if not TIMESTAMP.fullmatch(timestamp) or not signature.isascii():
            return False
        return bool(self._verifier.is_valid(text, timestamp, signature))

    def _dispatch(self, headers: Mapping[str, str], text: str) -> Reply:
        """Let bolt route it. Only the content type is passed on: lazy headers from
        outside mean nothing here.
        """
        kind = headers.get("content-type", "")
        try:
            check(read(text, kind))
            request = BoltRequest(body=text, headers={"content-type": kind})
        except (ValueError, RecursionError) as error:
            raise Malformed("unreadable JSON") from error
        request.context["signature"] = headers["x-slack-signature"]
        response = self._bolt.dispatch(request)
        if response.status == 404:
            raise Malformed("nothing I know")
        return response.status, response.first_headers_without_set_cookie(), response.body


def build_bolt(desk: Desk) -> App:
    """Slack's own framework, for routing. It never calls Slack: there is nothing to ask."""
    bolt = App(
        signing_secret="checked before",  # noqa: S106 — the door has checked it
        request_verification_enabled=False,
        token_verification_enabled=False,
        process_before_response=True,
        authorize=lambda enterprise_id, team_id: AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token="unused",  # noqa: S106 — bolt wants one, nobody calls Slack with it
        ),
    )

    @bolt.command(ANY)
    def command(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        spoken = desk.typed(typist(body, context), str(body.get("text", "")))
        kind = "in_channel" if spoken.public else "ephemeral"
        ack(response_type=kind, **payload(spoken.words))

    @bolt.action(ANY)
    def click(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        url = str(body.get("response_url", ""))
        own = is_own_copy(body)
        team = body["team"]["id"]
        reply_to = f"slack:{team}:{url}#{'replace' if own else 'whisper'}"
        action = body["actions"][0]
        spoken = desk.pressed(
            clicker(body, context),
            str(action.get("action_id", "")),
            str(action.get("value", "")),
            reply_to,
        )
        ack()
        if not spoken.queued and url:
            tell_now(url, spoken)

    @bolt.event(ANY)
    def event(ack: Ack) -> None:
        ack()

    @bolt.error
    def failed(error: Exception) -> None:
        raise error

    return bolt


def tell_now(url: str, spoken: Spoken) -> None:
    """A fault leaves no outbox to wait in; a lost word about it does no harm."""
    client = WebhookClient(url, timeout=QUICKLY, retry_handlers=[])
    try:
        client.send_dict({**payload(spoken.words), "replace_original": False})
    except (OSError, SlackClientError, HTTPException) as error:
        log.warning("a click could not be answered: %s", type(error).__name__)


def read(text: str, kind: str) -> dict[str, Any]:
    """The body as bolt reads it: JSON, a form, or JSON in a form's `payload`."""
    if kind.partition(";")[0].strip() == "application/json" or text.startswith("{"):
        found = json.loads(text)
    else:
        form = {name: values[-1] for name, values in parse_qs(text, True).items()}
        found = json.loads(form["payload"]) if "payload" in form else form
    if not isinstance(found, dict):
        raise Malformed("not an object")
    return found


def check(body: dict[str, Any]) -> None:
    """Refuse a command or click without its people and places. Bolt trusts, we don't."""
    if "command" in body:
        need_ids(body.get("team_id"), body.get("user_id"), body.get("channel_id"))
    elif body.get("type") == "block_actions":
        user, team, actions = body.get("user"), body.get("team"), body.get("actions")
        if not (isinstance(user, dict) and isinstance(team, dict) and isinstance(actions, list)):
            raise Malformed("a click without user, team or actions")
        if not actions or not isinstance(actions[0], dict):
            raise Malformed("a click on nothing")
        need_ids(team.get("id"), user.get("id"))
        for name in ("channel", "container", "message", "view"):
            if not isinstance(body.get(name), dict | None):
                raise Malformed(f"a strange {name}")
    elif body.get("type") == "event_callback":
        if not isinstance(body.get("event"), dict):
            raise Malformed("an event without an event")
    elif body.get("type") != "url_verification" and body.get("ssl_check") != "1":
        raise Malformed("nothing I know")


def need_ids(*ids: object) -> None:
    for one in ids:
        if not isinstance(one, str) or not ID.fullmatch(one):
            raise Malformed("a strange id")


def is_ssl_check(text: str) -> bool:
    return parse_qs(text).get("ssl_check") == ["1"]


def typist(body: dict[str, Any], context: BoltContext) -> Speaker:
    """Who typed a command (Slack docs: interactivity/implementing-slash-commands)."""
    team = body["team_id"]
    return Speaker(
        driver=f"slack:{team}:{body['user_id']}",
        name=str(body.get("user_name", "")),
        channel=f"slack:{team}:{body['channel_id']}",
        request=request_name(body, context),
    )


def clicker(body: dict[str, Any], context: BoltContext) -> Speaker:
    """Who pressed a button (Slack docs: reference/interaction-payloads/block_actions)."""
    team, user = body["team"]["id"], body["user"]
    channel = (body.get("channel") or {}).get("id", "")
    return Speaker(
        driver=f"slack:{team}:{user['id']}",
        name=str(user.get("username") or user.get("name") or ""),
        channel=f"slack:{team}:{channel}",
        request=request_name(body, context),
    )


def request_name(body: dict[str, Any], context: BoltContext) -> str:
    """One name for one request, however often it is sent."""
    named = body.get("trigger_id") or context["signature"]
    return hashlib.sha256(str(named).encode()).hexdigest()[:16]


def is_own_copy(body: dict[str, Any]) -> bool:
    """Only the clicker sees the message: a direct message, or an ephemeral one."""
    channel = str((body.get("channel") or {}).get("id", ""))
    return channel.startswith("D") or bool((body.get("container") or {}).get("is_ephemeral"))


def refuse(status: int, why: str) -> Reply:
    """Refused, with a short reason; what was sent is not logged."""
    log.info("refused: %s", why)
    return status, {"Content-Type": "text/plain"}, why
