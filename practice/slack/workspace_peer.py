"""A strict stand-in for Slack: what the practice people do there, and what the app may.

It forgives nothing that Slack would not: see `api` (the Web API), `hooks` (response_url),
`app` (3 seconds, signatures) and `blocks` (sizes). HTTP comes in through `web`, Socket Mode
through `socket`; what the app is sent is written in `payloads`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chalicelib.edges import Clock
from practice.common.people import CHANNEL, DRIVERS, WORKSPACE, Driver
from practice.common.posts import Message, NoSuchButton, Post, nothing

from . import payloads
from .accounts import SCOPE, Account, events
from .api import WebApi
from .app import App, AppFailed, Reply
from .blocks import find_button
from .faults import SlackError
from .hooks import Hook, Hooks
from .oauth import OAuth
from .screens import TROUBLE, Screens
from .socket import Sockets
from .workspace import BOT_USER, Workspace

COMMANDS = ("/ev",)
RETRIES = 3


class Slack:
    """One workspace with one app in it.

    `app` is the app's address, `url` this stand-in's own (for response_urls). With an
    `app_token` Socket Mode is on, and nothing goes to the address; who made this enters
    `sockets`. Tests set the faults of `workspace`, `api` and `sockets`.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        signing_secret: str,
        bot_token: str,
        app: str,
        url: str,
        app_token: str = "",
        people: Sequence[Driver] = DRIVERS,
        team: str = WORKSPACE,
        channel: str = CHANNEL,
    ) -> None:
        self.workspace = Workspace(people, clock, team, channel)
        self.sockets = Sockets(app_token, self.workspace.record_violation) if app_token else None
        self.api = WebApi(self.workspace, bot_token, self.sockets)
        self.oauth: OAuth | None = None  # for apps that many workspaces install
        self.hooks = Hooks(self.workspace)
        self.screens = Screens(self.workspace, self.api.views)
        self.app = app
        self._secret = signing_secret
        self._url = self.api.files.url = url.rstrip("/")

    @property
    def violations(self) -> list[str]:
        """What the app did that Slack forbids, in words."""
        return self.workspace.violations

    def say(
        self, driver: str, text: str, *, direct: bool = False, thread: int = 0, subtype: str = ""
    ) -> Post:
        """A driver types in the channel, or to the app alone: its answer to a command, as they
        see it.

        It has `error` if the command failed. Words that are no command: their own post, in the
        `thread` under post n, with a file or sent to the channel as well (`subtype`). Raises
        NoSuchMessage.
        """
        channel = self.workspace.channel
        if direct:
            channel = self.workspace.direct(self.workspace.drivers[driver].slack_id)
        if text.startswith("/me "):
            text, subtype = text.removeprefix("/me "), "me_message"
        with self.workspace.lock:
            self.workspace.typed(text)
        if not text.startswith("/") or thread:  # no command can be given in a thread
            return self._write(
                driver, text.replace("@concierge", f"<@{BOT_USER}>"), channel, thread, subtype
            )
        return self._give_command(driver, text, channel)

    def _write(self, driver: str, text: str, channel: str, thread: int, subtype: str) -> Post:
        with self.workspace.lock:
            parent = self.workspace.feed.seen(thread, driver) if thread else None
            where = parent.channel if parent is not None else channel
            own = Message(where, self.workspace.seen_in(where), text, by=driver)
            if parent is not None:  # a reply to a reply is one to the first message
                parent = self.workspace.feed.message(parent.more.get("thread", parent.first))
            own.more = {"thread": parent.first} if parent is not None else {}
            shown = self.workspace.feed.post(own)
        person, thread_ts = self.workspace.drivers[driver], parent.ts if parent else ""
        for event in payloads.written(self.workspace, person, own, thread_ts, subtype):
            self.tell(event, self.workspace.team)
        return shown

    def _give_command(self, driver: str, text: str, channel: str) -> Post:
        person = self.workspace.drivers[driver]
        command = text.partition(" ")[0]
        if command not in COMMANDS:
            return self._notice(driver, f"{command} is not a valid command.", "invalid_command")
        hook = self._hook(driver, channel, typed=text)
        form = payloads.command(self.workspace, person, text, channel, self._org)
        form["trigger_id"] = self.api.views.trigger(person.slack_id)
        form["response_url"] = self._open("commands", hook)
        try:
            reply = self._wire.command(form)
            return self._answered(hook, reply)
        except AppFailed as failure:
            return self._failed(driver, command, failure)

    def press(self, driver: str, n: int, action: str) -> Post:
        """A driver presses a button, by action_id or label, of the message shown as post `n`.

        The last thing that the app said to it by response_url meanwhile, or an empty post.
        Raises NoSuchMessage or NoSuchButton.
        """
        with self.workspace.lock:
            message = self.workspace.feed.seen(n, driver)
            try:
                block, button = find_button(message.blocks, action)
            except LookupError as error:
                raise NoSuchButton(error.args[0]) from error
            hook = self._hook(driver, message.channel, original=message)
            person = self.workspace.drivers[driver]
            payload = payloads.press(self.workspace, person, message, block, button, self._org)
        payload["trigger_id"] = self.api.views.trigger(person.slack_id)
        payload["response_url"] = self._open("actions", hook)
        try:
            reply = self._wire.click(payload)
        except AppFailed as failure:
            return self._failed(driver, button["text"]["text"], failure)
        if reply.body.strip():
            self.workspace.record_violation(
                "a button was answered in the HTTP reply, which nobody sees"
            )
        return {**(hook.outcome or nothing(driver)), **self._form_of(driver)}

    def open_home(self, driver: str) -> dict[str, Any] | None:
        """A driver opens the app's Home tab: the app is told, and may show another soon."""
        person = self.workspace.drivers[driver]
        self.tell(self.screens.opened(person), self.workspace.team)
        return self.api.views.homes.get(person.slack_id)

    def press_home(self, driver: str, action: str) -> Post:
        """A driver presses a button of their Home tab. Raises NoSuchButton."""
        person = self.workspace.drivers[driver]
        try:
            with self.workspace.lock:
                payload = self.screens.home_click(person, action)
        except LookupError as error:
            raise NoSuchButton(error.args[0]) from error
        return self._asked(person, action, payload)

    def take_shortcut(self, driver: str, callback_id: str) -> Post:
        """A driver chooses a shortcut of the app. Raises BadForm."""
        person = self.workspace.drivers[driver]
        return self._asked(person, callback_id, self.screens.shortcut(person, callback_id))

    def fill(self, driver: str, values: Mapping[str, Any]) -> Post:
        """A driver fills in the form before them and sends it; what they have before them then.
        Raises BadForm.
        """
        person = self.workspace.drivers[driver]
        try:
            self.screens.send(person, values, self._wire)
        except AppFailed as failure:
            if failure.rude:
                self.workspace.record_violation(f"a form by {driver}: {failure}")
            return {**nothing(driver), "error": TROUBLE, **self._form_of(driver)}
        return {**nothing(driver), **self._form_of(driver)}

    def _asked(self, person: Driver, what: str, payload: dict[str, Any]) -> Post:
        """Something that opens a form, or changes the Home tab."""
        try:
            reply = self._wire.click(payload)
        except AppFailed as failure:
            return self._failed(person.name, what, failure)
        if reply.body.strip():
            self.workspace.record_violation(f"{what} was answered in the HTTP reply, which nobody sees")  # fmt: skip
        return {**nothing(person.name), **self._form_of(person.name)}

    def _form_of(self, driver: str) -> dict[str, Any]:
        form = self.screens.form(self.workspace.drivers[driver])
        return {"form": form} if form is not None else {}

    def invite(self, by: str) -> int:
        """Somebody invites the app to the channel ("Slack docs: member_joined_channel", which needs
        channels:read); how many events were taken.
        """
        with self.workspace.lock:
            self.workspace.members.add(BOT_USER)
        if "channels:read" not in self.api.scopes:
            return 0
        event = payloads.invited(self.workspace, self.workspace.drivers[by])
        return int(self.tell(event, self.workspace.team))

    def set_status(self, driver: str, text: str, until: datetime | None, emoji: str = "") -> int:
        """Somebody sets, or clears, their status; how many events the app has taken. Raises
        SlackError.
        """
        user = self.workspace.drivers[driver].slack_id
        with self.workspace.lock:
            account = self.workspace.accounts.set_status(user, text, until, emoji)
        return self._tell_of(account, of_status=True)

    def rename(self, driver: str, shown: str) -> int:
        """Somebody chooses to be called otherwise."""
        user = self.workspace.drivers[driver].slack_id
        with self.workspace.lock:
            account = self.workspace.accounts.rename(user, shown)
        return self._tell_of(account, of_status=False)

    def close_account(self, driver: str) -> int:
        """An account is deactivated: nobody can write to it any more."""
        user = self.workspace.drivers[driver].slack_id
        with self.workspace.lock:
            account = self.workspace.accounts.close(user)
            self.workspace.refusing[user] = "user_disabled"
            self.workspace.members.discard(user)
        return self._tell_of(account, of_status=False)

    def _tell_of(self, account: Account, *, of_status: bool) -> int:
        """Without the scope Slack tells nothing."""
        if SCOPE not in self.api.scopes:
            return 0
        team = self.workspace.team
        return sum(self.tell(one, team) for one in events(account, team, of_status=of_status))

    def tell(
        self,
        event: dict[str, Any],
        team: str | None,
        org: str | None = None,
        at: float | None = None,
    ) -> bool:
        """An event, told up to four times until it is taken ("Slack docs: Events API").

        Whether it was; `at` is when it happened, in seconds since 1970.
        """
        callback = payloads.callback(event, team, org, at)
        for attempt in range(1 + RETRIES):
            try:
                self._wire.event(callback, attempt)
                return True
            except AppFailed as failure:
                if failure.rude:
                    self.workspace.record_violation(f"an event, try {attempt + 1}: {failure}")
        return False

    @property
    def _org(self) -> str:
        """The organization that gave this workspace the app, if it was not its own doing."""
        team, oauth = self.workspace.team, self.oauth
        if oauth is None or any(
            one.where == team and not one.dead for one in oauth.tokens.values()
        ):
            return ""
        return oauth.orgs.get(team, "")

    @property
    def _wire(self) -> App | Sockets:
        return self.sockets or App(self.app, self._secret)

    def _hook(self, driver: str, channel: str, **more: Any) -> Hook:
        to = self.workspace.seen_in(channel)
        return Hook(driver, channel, to, self.workspace.clock.now(), **more)

    def _open(self, kind: str, hook: Hook) -> str:
        with self.workspace.lock:
            return f"{self._url}/hooks/{kind}/{self.workspace.team}/{self.hooks.open(hook)}"

    def _answered(self, hook: Hook, reply: Reply) -> Post:
        """Show the HTTP reply to a command. Raises AppFailed when it is no message."""
        try:
            payload = _read(reply)
            with self.workspace.lock:
                shown = self.hooks.answer(hook, payload) if payload else None
        except (ValueError, RecursionError, SlackError) as error:
            raise AppFailed("dispatch_failed", f"unreadable answer: {error}", rude=True) from error
        return shown or hook.outcome or nothing(hook.driver)

    def _failed(self, driver: str, what: str, failure: AppFailed) -> Post:
        if failure.rude:
            self.workspace.record_violation(f"{what} by {driver}: {failure}")
        words = f'{what} failed with the error "{failure.error}"'
        return self._notice(driver, words, failure.error)

    def _notice(self, driver: str, text: str, error: str) -> Post:
        """Slack itself tells one person."""
        with self.workspace.lock:
            notice = Message(self.workspace.channel, driver, text, by="slackbot", ephemeral=True)
            return {**self.workspace.feed.post(notice), "error": error}


def _read(reply: Reply) -> dict[str, Any]:
    """JSON, or plain words, or nothing. Raises ValueError."""
    text = reply.body.decode()
    if not text.strip():
        return {}
    if not reply.content_type.lower().startswith("application/json"):
        return {"text": text}
    payload = json.loads(text)
    if not isinstance(payload, dict):
        raise ValueError("the JSON is not an object")
    return payload
