"""Slack, going out: posts, edits, direct messages and answers to button clicks."""

from __future__ import annotations

import http.client
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.webhook import WebhookClient

from chalicelib.core.effects import Effect
from chalicelib.core.model import Site
from chalicelib.edges import MessageRefused, MessengerUnavailable

from .slack_markup import SlackMarkup, payload
from .wording import is_passing_remark, words

log = logging.getLogger(__name__)
silent = logging.getLogger(f"{__name__}.sdk")  # slack_sdk logs texts, addresses, every failure
silent.setLevel(logging.CRITICAL)

TIMEOUT = 10  # seconds; the claim on a message outlasts it
NOT_NOW = {  # Slack's trouble or ours to repair: the message keeps (Slack docs: chat.postMessage)
    "account_inactive", "fatal_error", "internal_error", "invalid_auth", "missing_scope",
    "not_authed", "ratelimited", "rate_limited", "request_timeout", "service_unavailable",
    "team_added_to_org", "token_expired", "token_revoked",
}  # fmt: skip
UNREACHABLE = (URLError, TimeoutError, ConnectionError, http.client.HTTPException)
# No JSON, no UTF-8, no such charset; slack_sdk trips over JSON that is no object.
NONSENSE = (SlackClientError, ValueError, LookupError, AttributeError)
REASON = re.compile(r"[a-z0-9_]{1,80}")  # how Slack names an error
GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}  # nothing left to edit


class SlackMessenger:
    """Says effects in Slack.

    An address is `slack:TEAM:ID`: a channel, a person (a direct message), or, for the
    answer to a click, a response_url with `#replace` or `#whisper`.
    """

    def __init__(self, token: str, api_url: str) -> None:
        self._client = WebClient(
            token, base_url=api_url, timeout=TIMEOUT, retry_handlers=[], logger=silent
        )
        self._markup = SlackMarkup()

    def send(self, to: str, effect: Effect, site: Site, edits: str | None) -> str:
        """Post, edit or answer; the ref is `CHANNEL/TS`, "" for an answer to a click."""
        target = to.split(":", 2)[2]
        said = payload(words(effect, site, self._markup))
        if target.startswith("http"):
            self._answer(target, effect, said)
            return ""
        with self._faults():
            return self._post(target, said, edits)

    def name(self, driver: str) -> str:
        """The name a person chose to be shown (Slack docs: users.info)."""
        with self._faults():
            user = self._client.users_info(user=driver.split(":", 2)[2])["user"]
            profile = user.get("profile") or {}
            return str(profile.get("display_name") or user.get("real_name") or user["name"])

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Slack's failures as faults of this edge."""
        try:
            yield
        except SlackApiError as error:
            raise self._fault(error) from error
        except UNREACHABLE as error:
            raise MessengerUnavailable(f"Slack can't be reached: {error}") from error
        except NONSENSE as error:
            raise MessengerUnavailable("Slack answers nonsense") from error

    def _post(self, target: str, said: dict[str, Any], edits: str | None) -> str:
        if edits is None:
            done = self._client.chat_postMessage(channel=target, **said).data
            return f"{done['channel']}/{done['ts']}"  # type: ignore[call-overload]  # JSON
        channel, _, ts = edits.partition("/")
        try:
            self._client.chat_update(channel=channel, ts=ts, **said)
        except SlackApiError as error:
            if reason_of(error) not in GONE:
                raise
        return edits

    @staticmethod
    def _answer(target: str, effect: Effect, said: dict[str, Any]) -> None:
        """To who clicked. Too late, there is nobody to say it to: that is no refusal."""
        url, _, manner = target.partition("#")
        replace = manner == "replace" and not is_passing_remark(effect)
        try:
            respond(url, said, replace=replace, timeout=TIMEOUT)
        except MessageRefused as refused:
            log.warning("the answer to a click was dropped: %s", refused.reason)

    @staticmethod
    def _fault(error: SlackApiError) -> MessengerUnavailable | MessageRefused:
        response = error.response
        reason = reason_of(error)
        if response.status_code == 429:
            return MessengerUnavailable("ratelimited", retry_after(response.headers))
        if response.status_code == 200 and reason and reason not in NOT_NOW:
            return MessageRefused(reason)
        return MessengerUnavailable(
            reason or f"Slack answers nonsense: HTTP {response.status_code}"
        )


def reason_of(error: SlackApiError) -> str:
    """Slack's own word for it; "" when that isn't Slack speaking, but something in between."""
    data = error.response.data
    reason = data.get("error") if isinstance(data, dict) else None
    return reason if isinstance(reason, str) and REASON.fullmatch(reason) else ""


def respond(url: str, said: dict[str, Any], *, replace: bool, timeout: int) -> None:
    """Answer by a response_url, which takes five answers in thirty minutes.

    Raises MessengerUnavailable or MessageRefused; neither names the url, which is a secret.
    """
    client = WebhookClient(url, timeout=timeout, retry_handlers=[], logger=silent)
    try:
        done = client.send_dict({**said, "replace_original": replace})
    except UNREACHABLE as error:
        raise MessengerUnavailable("the response_url can't be reached") from error
    except NONSENSE as error:
        raise MessageRefused("the response_url is strange") from error
    if done.status_code == 429:
        raise MessengerUnavailable("ratelimited", retry_after(done.headers))
    if done.status_code >= 500:
        raise MessengerUnavailable(f"response_url: HTTP {done.status_code}")
    if done.status_code != 200:
        raise MessageRefused("the response_url is used up")


def retry_after(headers: Any) -> timedelta:
    """Slack's Retry-After, in seconds; a minute when it is missing or nonsense."""
    found = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    text = found[0] if isinstance(found, list) else found
    return timedelta(seconds=min(int(text), 3600) if str(text).isdecimal() else 60)
