"""Slack, going out: posts, edits, direct messages and answers to button clicks."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from chalicelib.chat.drawing import Draw, no_picture
from chalicelib.chat.text import home
from chalicelib.chat.text.wording import is_passing_remark, words
from chalicelib.core.answers import HomeTab
from chalicelib.core.boards import BOARD
from chalicelib.core.effects import BoardPost, Effect
from chalicelib.core.inputs import Profile, Sort
from chalicelib.core.model import HOME, Site
from chalicelib.edges import MessageRefused, MessengerUnavailable

from . import views
from .board import board_payload, show
from .brand import Brand
from .errors import NONSENSE, TIMEOUT, UNREACHABLE, faults, reason_of, retry_after, silent
from .markup import SlackMarkup, payload
from .people import profile_of
from .showing import NO_SCOPE, Showing
from .tokens import Tokens

log = logging.getLogger(__name__)

GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}  # nothing left to edit
ANSWERED = 3  # seconds for an answer to a click: one bad address is not to hold us up
NOT_THERE = {"user_not_in_channel", "not_in_channel", "channel_not_found"}
QUICKLY = 2  # seconds for what somebody waits for, who is answered within three
T = TypeVar("T")


NO_SUCH_USER = {"user_not_found", "user_not_visible"}


class SlackMessenger:
    """Says effects in Slack.

    An address is `slack:TEAM:ID`: a channel, a person (a direct message), or, for the
    answer to a click, a response_url with `#replace` or `#whisper`. `CHANNEL/TS` is the thread
    under a message, `CHANNEL/TS/USER` the same for one person's eyes.
    """

    def __init__(self, tokens: Tokens, api_url: str, draw: Draw = no_picture) -> None:
        self._tokens = tokens
        self._client = WebClient(
            base_url=api_url, timeout=TIMEOUT, retry_handlers=[], logger=silent
        )
        self._quick = WebClient(
            base_url=api_url, timeout=QUICKLY, retry_handlers=[], logger=silent
        )
        self._markup = SlackMarkup()
        self._brand = Brand()
        self._showing = Showing(self._speak, self._quick, draw)

    def send(self, to: str, effect: Effect, site: Site, edits: str | None) -> str:
        """Post, edit or answer; the ref is `CHANNEL/TS`, "" for an answer to a click."""
        _, team, target = to.split(":", 2)
        if isinstance(effect, BoardPost):
            return self._board(team, target.removesuffix(BOARD), effect, site, edits)
        if target.endswith(HOME):
            self._draw_home(team, target.removesuffix(HOME), effect, site)
            return ""
        found = words(effect, site, self._markup, to=to)
        said = payload(found)
        if target.startswith("http"):
            self._answer(target, effect, said)
            return ""
        if found.chart is not None or found.file is not None:
            say = partial(self._say, site, team)
            return self._showing.show(say, team, target, found)
        return self._say(site, team, target, said, edits)

    def _say(
        self, site: Site, team: str, target: str, said: dict[str, Any], edits: str | None
    ) -> str:
        """Under the site's own name and icon, where it has them and the workspace allows it."""
        brand = {} if edits else self._brand.of(team, site)
        try:
            return self._speak(team, lambda token: self._post(token, target, said | brand, edits))
        except MessengerUnavailable as fault:
            if not brand or str(fault) != NO_SCOPE:
                raise
        self._brand.refused(team)
        return self._speak(team, lambda token: self._post(token, target, said, edits))

    def _board(
        self, team: str, channel: str, effect: BoardPost, site: Site, edits: str | None
    ) -> str:
        """A board's own limit holds up nobody else's messages."""
        said = board_payload(effect, words(effect, site, self._markup), site)

        def act(token: str) -> str:
            return show(self._client, token, channel, said, edits, off=effect.off)

        try:
            return self._speak(team, act)
        except MessengerUnavailable as fault:
            if fault.retry_after is None:
                raise
            raise MessengerUnavailable(str(fault), fault.retry_after, everywhere=False) from fault

    def profile(self, driver: str) -> Profile:
        """Who that is, by the name they chose to be shown (Slack docs: users.info)."""
        _, team, user_id = driver.split(":", 2)

        def ask(token: str) -> Profile:
            return profile_of(driver, self._client.users_info(user=user_id, token=token)["user"])

        try:
            return self._speak(team, ask)
        except MessageRefused as refused:
            if refused.reason in NO_SUCH_USER:
                return Profile(driver, sort=Sort.NOBODY)
            raise MessengerUnavailable(refused.reason) from refused

    def _draw_home(self, team: str, user: str, effect: Effect, site: Site) -> None:
        """Somebody's Home tab, with what they are answered at its top (Slack docs: views.publish).
        No hash is needed: one is drawn after the other, and each as things stand then.
        """
        is_page = isinstance(effect, HomeTab)
        said = None if is_page else words(effect, site, self._markup)
        parts = home.page(site, f"slack:{team}:{user}", self._markup, said)
        view = views.home(parts, site.id)
        publish = self._client.views_publish
        self._speak(team, lambda token: publish(user_id=user, view=view, token=token))

    def open(self, team: str, trigger_id: str, view: dict[str, Any]) -> None:
        """A form, in front of whoever has just pressed something (Slack docs: views.open). Raises
        MessengerUnavailable or MessageRefused.
        """
        open_view = self._quick.views_open
        self._speak(team, lambda token: open_view(trigger_id=trigger_id, view=view, token=token))

    def tell(self, team: str, user: str, said: dict[str, Any]) -> None:
        """A direct message that can't wait. Raises as `open` does."""
        post = self._quick.chat_postMessage
        self._speak(team, lambda token: post(channel=user, token=token, **said))

    def _speak(self, team: str, act: Callable[[str], T]) -> T:
        """Do it with the workspace's token, once more if there is a newer one.

        Raises MessengerUnavailable or MessageRefused.
        """
        with faults():
            token = self._tokens.of(team)
            try:
                return act(token)
            except SlackApiError as error:
                other = self._tokens.instead(team, token, reason_of(error))
                if other is None:
                    raise
            return act(other)

    def _post(self, token: str, target: str, said: dict[str, Any], edits: str | None) -> str:
        if "/" in target:
            return self._reply(token, target, said)
        if edits is None:
            done = self._client.chat_postMessage(channel=target, token=token, **said).data
            return f"{done['channel']}/{done['ts']}"  # type: ignore[call-overload]  # JSON
        channel, _, ts = edits.partition("/")
        try:
            self._client.chat_update(channel=channel, ts=ts, token=token, **said)
        except SlackApiError as error:
            if reason_of(error) not in GONE:
                raise
        return edits

    def _reply(self, token: str, target: str, said: dict[str, Any]) -> str:
        """In a thread; to one person's eyes only, if they are still there, else directly."""
        channel, ts, user = (*target.split("/"), "")[:3]
        client = self._client
        if not user:
            client.chat_postMessage(channel=channel, thread_ts=ts, token=token, **said)
            return ""
        try:
            client.chat_postEphemeral(
                channel=channel, user=user, thread_ts=ts, token=token, **said
            )
        except SlackApiError as error:
            if reason_of(error) not in NOT_THERE:
                raise
            client.chat_postMessage(channel=user, token=token, **said)
        return ""

    @staticmethod
    def _answer(target: str, effect: Effect, said: dict[str, Any]) -> None:
        """To who clicked. Too late, there is nobody to say it to: that is no refusal."""
        url, _, manner = target.partition("#")
        replace = manner == "replace" and not is_passing_remark(effect)
        try:
            respond(url, said, replace=replace, timeout=ANSWERED)
        except MessageRefused as refused:
            log.warning("the answer to a click was dropped: %s", refused.reason)


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
        wait = retry_after(done.headers)
        raise MessengerUnavailable("ratelimited", wait, everywhere=False)
    if done.status_code >= 500:
        raise MessengerUnavailable(f"response_url: HTTP {done.status_code}")
    if done.status_code != 200:
        raise MessageRefused("the response_url is used up")
