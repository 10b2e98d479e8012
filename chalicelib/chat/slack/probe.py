"""Who we are in Slack, and what we may: for the operator's check-up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from chalicelib.values import dataclass

from .errors import NONSENSE, TIMEOUT, UNREACHABLE, plainly, reason_of, silent

NEEDED = ("chat:write", "commands", "users:read")  # without these we can't work
NO_SLACK = "what answers there is not Slack"
ABSENT = {"channel_not_found", "invalid_channel", "team_not_found"}
NO_CHANNEL = "there is no such channel, or it is private and we are not in it"


class ProbeFailed(Exception):
    """Slack can't be reached, or refuses; the message says which, `reason` is Slack's own word."""

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Probe:
    """What `auth.test` tells. `at` is Slack's own time, None when it didn't say."""

    team: str
    team_id: str
    enterprise_id: str
    user: str
    missing: tuple[str, ...]  # of the scopes we need
    granted: frozenset[str]  # all that we have; empty: Slack didn't say
    at: datetime | None


def probe(token: str, api_url: str) -> Probe:
    """Ask Slack once (Slack docs: auth.test; scopes in X-OAuth-Scopes). Raises ProbeFailed."""
    with failing():
        answer = client_of(token, api_url).auth_test()
        us = fields_of(answer.data)
        team, user = str(us["team"]), str(us["user"])
    headers = {name.lower(): value for name, value in answer.headers.items()}
    granted = str(first(headers.get("x-oauth-scopes", "")))
    scopes = {scope.strip() for scope in granted.split(",")}
    missing = tuple(scope for scope in NEEDED if granted and scope not in scopes)
    ids = str(us.get("team_id") or ""), str(us.get("enterprise_id") or "")
    has = frozenset(scopes) if granted else frozenset()
    return Probe(team, *ids, user, missing, has, time_of(headers.get("date")))


def channel_trouble(token: str, api_url: str, channel: str) -> str:
    """Why we can't speak in a channel; "" when we can (Slack docs: conversations.info).

    Raises ProbeFailed when it can't be known.
    """
    client = client_of(token, api_url)
    try:
        with failing():
            found = fields_of(
                fields_of(client.conversations_info(channel=channel).data)["channel"]
            )
    except ProbeFailed as why:
        if why.reason == "missing_scope" and is_unknown(client, channel):
            return NO_CHANNEL
        if why.reason in ABSENT:
            return NO_CHANNEL
        raise
    if found.get("is_archived"):
        return "it is archived"
    return "" if found.get("is_member") else "we are not in it"


def is_unknown(client: WebClient, channel: str) -> bool:
    """Whether there is no such channel for us: asked of a method that needs no scope, about a
    message that nobody wrote (Slack docs: chat.getPermalink).
    """
    try:
        with failing():
            client.chat_getPermalink(channel=channel, message_ts="1.000000")
    except ProbeFailed as why:
        return why.reason in ABSENT
    return False


def person_trouble(token: str, api_url: str, user: str) -> str:
    """Why a person can't be an admin; "" when they can. Raises ProbeFailed."""
    try:
        with failing():
            found = fields_of(
                fields_of(client_of(token, api_url).users_info(user=user).data)["user"]
            )
    except ProbeFailed as why:
        if why.reason in {"user_not_found", "user_not_visible", "users_not_found"}:
            return "Slack knows nobody by that id"
        raise
    if found.get("deleted"):
        return "has left the workspace"
    return "is a bot" if found.get("is_bot") else ""


class Wrong(NamedTuple):
    """What is wrong with blocks, in Slack's words, and where (a JSON pointer)."""

    pointer: str
    message: str


def validate(token: str, api_url: str, sort: str, value: dict[str, Any]) -> list[Wrong]:
    """What Slack's own validator says of a `message` or a `view` (Slack docs: blocks.validate);
    nothing is posted. Raises ProbeFailed.
    """
    client = client_of(token, api_url)
    try:
        client.api_call("blocks.validate", data={sort: json.dumps(value)})
    except SlackApiError as error:
        data = error.response.data
        found = data.get("errors") if isinstance(data, dict) else None
        if reason_of(error) == f"invalid_{sort}" and isinstance(found, list) and found:
            return [wrong_of(one) for one in found]
        raise ProbeFailed(f"Slack says {reason_of(error) or 'nothing'}") from error
    except UNREACHABLE as error:
        raise ProbeFailed(f"Slack can't be reached: {plainly(error)}") from error
    except NONSENSE as error:
        raise ProbeFailed(NO_SLACK) from error
    return []


def wrong_of(found: object) -> Wrong:
    one = found if isinstance(found, dict) else {}
    return Wrong(str(one.get("pointer") or "")[:200], str(one.get("message") or "refused")[:200])


def client_of(token: str, api_url: str) -> WebClient:
    return WebClient(token, base_url=api_url, timeout=TIMEOUT, retry_handlers=[], logger=silent)


@contextmanager
def failing() -> Iterator[None]:
    """Raises ProbeFailed for whatever goes wrong."""
    try:
        yield
    except SlackApiError as error:
        if not (reason := reason_of(error)):
            raise ProbeFailed(NO_SLACK) from error
        raise ProbeFailed(f"Slack says {reason}", reason) from error
    except UNREACHABLE as error:
        raise ProbeFailed(f"Slack can't be reached: {plainly(error)}") from error
    except NONSENSE as error:
        raise ProbeFailed(NO_SLACK) from error


def fields_of(found: object) -> dict[str, Any]:
    """An object of JSON. Raises ValueError."""
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found


def first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else value


def time_of(header: object) -> datetime | None:
    try:
        return parsedate_to_datetime(str(first(header))).astimezone(UTC)
    except ValueError:
        return None
