"""Who we are in Slack, and what we may: for the operator's check-up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from .errors import NONSENSE, TIMEOUT, UNREACHABLE, plainly, reason_of, silent

NEEDED = ("chat:write", "commands", "users:read")  # without these we can't work
NO_SLACK = "what answers there is not Slack"


class ProbeFailed(Exception):
    """Slack can't be reached, or doesn't know our token; the message says which."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What `auth.test` tells. `at` is Slack's own time, None when it didn't say."""

    team: str
    user: str
    missing: tuple[str, ...]  # of the scopes we need
    at: datetime | None


def probe(token: str, api_url: str) -> Probe:
    """Ask Slack once (Slack docs: auth.test; scopes in X-OAuth-Scopes). Raises ProbeFailed."""
    client = WebClient(token, base_url=api_url, timeout=TIMEOUT, retry_handlers=[], logger=silent)
    try:
        answer = client.auth_test()
        team, user = answer.data["team"], answer.data["user"]  # type: ignore[call-overload]  # JSON
    except SlackApiError as error:
        if not (reason := reason_of(error)):
            raise ProbeFailed(NO_SLACK) from error
        raise ProbeFailed(f"Slack says {reason}") from error
    except UNREACHABLE as error:
        raise ProbeFailed(f"Slack can't be reached: {plainly(error)}") from error
    except NONSENSE as error:
        raise ProbeFailed(NO_SLACK) from error
    headers = {name.lower(): value for name, value in answer.headers.items()}
    granted = str(first(headers.get("x-oauth-scopes", "")))
    scopes = {scope.strip() for scope in granted.split(",")}
    missing = tuple(scope for scope in NEEDED if granted and scope not in scopes)
    return Probe(str(team), str(user), missing, time_of(headers.get("date")))


def first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else value


def time_of(header: object) -> datetime | None:
    try:
        return parsedate_to_datetime(str(first(header))).astimezone(UTC)
    except ValueError:
        return None
