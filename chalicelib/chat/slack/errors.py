"""Slack's failures, as faults of this edge. None of them names an address or a token."""

from __future__ import annotations

import http.client
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.error import URLError

from slack_sdk.errors import SlackApiError, SlackClientError

from chalicelib.edges import MessageRefused, MessengerUnavailable

silent = logging.getLogger(f"{__name__}.sdk")  # slack_sdk logs texts, addresses, every failure
silent.setLevel(logging.CRITICAL)

TIMEOUT = 10  # seconds; the claim on a message outlasts it
NOT_NOW = {  # Slack's trouble or ours to repair: the message keeps (Slack docs: chat.postMessage)
    "account_inactive", "bad_client_secret", "fatal_error", "internal_error", "invalid_auth",
    "invalid_client_id", "missing_scope", "not_authed", "ratelimited", "rate_limited",
    "request_timeout", "service_unavailable", "team_added_to_org", "token_expired",
    "token_revoked",
}  # fmt: skip
# Of the person written to. `account_inactive` is of our own token, so nobody loses a place by it.
ACCOUNT_CLOSED = {"user_disabled", "user_not_found"}
UNREACHABLE = (URLError, TimeoutError, ConnectionError, http.client.HTTPException)
# No JSON, no UTF-8, no such charset; slack_sdk trips over JSON that is no object.
NONSENSE = (SlackClientError, ValueError, LookupError, AttributeError)
REASON = re.compile(r"[a-z0-9_]{1,80}")  # how Slack names an error


@contextmanager
def faults() -> Iterator[None]:
    """Raises MessengerUnavailable or MessageRefused for what a call of Slack's API raises."""
    try:
        yield
    except SlackApiError as error:
        raise fault_of(error) from error
    except UNREACHABLE as error:
        why = f"Slack can't be reached: {plainly(error)}"
        raise MessengerUnavailable(why, shared=True) from error
    except NONSENSE as error:
        raise MessengerUnavailable("Slack answers nonsense") from error


def fault_of(error: SlackApiError) -> MessengerUnavailable | MessageRefused:
    response = error.response
    reason = reason_of(error)
    if response.status_code == 429:
        return MessengerUnavailable("ratelimited", retry_after(response.headers))
    if response.status_code == 200 and reason and reason not in NOT_NOW:
        return MessageRefused(reason, gone=reason in ACCOUNT_CLOSED)
    return MessengerUnavailable(reason or f"Slack answers nonsense: HTTP {response.status_code}")


def reason_of(error: SlackApiError) -> str:
    """Slack's own word for it; "" when that isn't Slack speaking, but something in between."""
    data = error.response.data
    reason = data.get("error") if isinstance(data, dict) else None
    return reason if isinstance(reason, str) and REASON.fullmatch(reason) else ""


def retry_after(headers: Any) -> timedelta:
    """Slack's Retry-After, in seconds; a minute when it is missing or nonsense."""
    found = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    text = found[0] if isinstance(found, list) else found
    return timedelta(seconds=min(int(text), 3600) if str(text).isdecimal() else 60)


def plainly(error: BaseException) -> str:
    """Why there is no connection, in the words of the system: "Connection refused"."""
    reason = getattr(error, "reason", error)
    return getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
