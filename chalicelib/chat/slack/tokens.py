"""Which token speaks for us in which workspace."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol

from slack_sdk import WebClient
from slack_sdk.errors import SlackTokenRotationError
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.token_rotation import TokenRotator

from chalicelib.edges import FaultLog, MessageRefused, MessengerUnavailable, StoreUnavailable

from .errors import TIMEOUT, fault_of, faults, silent
from .installations import Installation, Installs

log = logging.getLogger(__name__)

REMEMBER = 60.0  # real seconds that a token is believed without asking the store
EARLY = 120  # minutes before its end that a token is renewed (it lives for twelve hours)
NOW = 10**7  # minutes: any token is that near its end
DEAD = {"account_inactive", "invalid_auth", "token_revoked"}  # Slack docs: chat.postMessage
NOT_INSTALLED = "not_installed"  # our own word for it
MOMENT = timedelta(seconds=2)  # somebody else is renewing the token: it takes a second


class Tokens(Protocol):
    """Both methods may raise MessengerUnavailable (try later) and MessageRefused (give up)."""

    def of(self, team: str) -> str:
        """The token for a workspace."""

    def instead(self, team: str, token: str, reason: str) -> str | None:
        """Another one, as Slack refuses this one for a reason; None: there is no better."""


@dataclass(frozen=True, slots=True)
class OneToken:
    """There is one workspace, whatever its id."""

    token: str = field(repr=False)

    def of(self, _team: str) -> str:
        return self.token

    def instead(self, *_: str) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Client:
    """Who the app is to Slack; `home` is the token of a workspace that needs no installation."""

    id: str
    secret: str = field(repr=False)
    api_url: str
    home: str = field(default="", repr=False)


class TeamTokens:
    """A token for each workspace where the app is installed, renewed in time.

    A token is remembered for a minute, so a new one is noticed within that, or at once when
    Slack refuses the old one.
    """

    def __init__(self, client: Client, installs: Installs) -> None:
        self._us = client
        self._installs = installs
        self._known: dict[str, tuple[str, float]] = {}
        self._home_team = ""
        self._faults = FaultLog(log)

    def of(self, team: str) -> str:
        token, until = self._known.get(team, ("", 0.0))
        if time.monotonic() < until:
            return token
        try:
            found = self._installs.find(team)
            return self._remember(team, self._fresh(found, EARLY) if found else self._home(team))
        except StoreUnavailable as fault:
            raise MessengerUnavailable("the installation can't be read") from fault

    def instead(self, team: str, token: str, reason: str) -> str | None:
        expired = reason == "token_expired"
        if not expired and reason not in DEAD:
            return None
        self._known.pop(team, None)
        try:
            found = self._installs.find(team)
            if found is None and self._home(team) == token:
                return None
            if found is not None and found.token != token:  # renewed or installed anew meanwhile
                return self._remember(team, found.token)
            if found is not None and expired and found.refresh_token:
                return self._remember(team, self._fresh(found, NOW))
        except StoreUnavailable as fault:
            raise MessengerUnavailable("the installation can't be read") from fault
        raise MessageRefused(reason)

    def _remember(self, team: str, token: str) -> str:
        self._known[team] = token, time.monotonic() + REMEMBER
        return token

    def _home(self, team: str) -> str:
        """The token that needs no installation, if it is for this workspace."""
        if self._us.home and not self._home_team:
            with faults():
                self._home_team = str(self._web().auth_test(token=self._us.home)["team_id"])
        if self._us.home and team == self._home_team:
            return self._us.home
        raise MessageRefused(NOT_INSTALLED)

    def _fresh(self, found: Installation, minutes: int) -> str:
        """The token of an installation, renewed if it has no more than so many minutes left."""
        if found.expires_at is None or found.expires_at > time.time() + minutes * 60:
            return found.token
        is_spent = minutes == NOW or found.expires_at <= time.time()
        try:
            token = self._renewed(found)
        except (MessengerUnavailable, MessageRefused) as fault:
            if is_spent:
                raise
            self._faults.failed(f"renewing Slack's token for {found.team}", fault)
            return found.token
        self._faults.worked(f"renewing Slack's token for {found.team}")
        if token is None and is_spent:
            raise MessengerUnavailable("the token is being renewed", MOMENT)
        return token or found.token

    def _renewed(self, old: Installation) -> str | None:
        """A refresh token is good for one use: who has the lease uses it, and saves what comes.

        None: somebody else is at it.
        """
        with self._installs.renewing(old.team) as is_ours:
            if is_ours and self._installs.find(old.team) == old:
                self._installs.compare_and_set(old, self._rotated(old))
        now = self._installs.find(old.team)  # by us or somebody else, or installed anew
        if now is None:
            raise MessageRefused(NOT_INSTALLED)
        return now.token if now.token != old.token else None

    def _rotated(self, old: Installation) -> Installation:
        """Ask Slack for the next token (Slack docs: authentication/using-token-rotation)."""
        rotator = TokenRotator(
            client=self._web(), client_id=self._us.id, client_secret=self._us.secret
        )
        bot = Bot(
            bot_token=old.token, bot_id="", bot_user_id=old.bot_user,
            bot_refresh_token=old.refresh_token, bot_token_expires_at=1,  # at once
            installed_at=old.installed_at,
        )  # fmt: skip
        with faults():
            try:
                new = rotator.perform_bot_token_rotation(bot=bot)
            except SlackTokenRotationError as error:
                raise fault_of(error.api_error) from error
        if new is None or not new.bot_refresh_token:
            raise MessengerUnavailable("Slack answers nonsense")
        expires_at, refresh_token = new.bot_token_expires_at, new.bot_refresh_token
        return replace(old, token=new.bot_token, refresh_token=refresh_token, expires_at=expires_at)  # fmt: skip

    def _web(self) -> WebClient:
        url = self._us.api_url
        return WebClient(base_url=url, timeout=TIMEOUT, retry_handlers=[], logger=silent)
