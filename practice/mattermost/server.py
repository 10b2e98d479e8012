"""A strict stand-in for a Mattermost server: one team, one channel, one slash command, one bot.

It forgives nothing that Mattermost would not (Mattermost docs: custom slash commands,
interactive messages, API v4): tokens, ids, lengths, membership, and rate limits, which
are counted in site time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from chalicelib.edges import Clock
from practice.common.chat_peer import AppRude, Peer, Shown, send
from practice.common.people import DRIVERS, Driver
from practice.common.posts import Feed, Post

from .dialogs import Dialogs
from .files import Files

LONGEST = 16_383  # characters of a post
WITHIN = 30.0  # real seconds, an outgoing integration's default
SIGNS = re.escape("`*_~[]#|>")  # markup, when there are two in a row

_CODE = re.compile(r"(?<!\\)`[^`]*`")
_MENTION = re.compile(r"(?<![\w\\])@([a-z0-9][a-z0-9._-]*)")


def id_of(name: str) -> str:
    """An id of Mattermost's form, 26 small letters and digits."""
    return re.sub("[^a-z0-9]", "", name.lower()).ljust(26, "0")[:26]


CHANNEL, BOT = id_of("evchannel"), id_of("evbot")


class ApiError(Exception):
    """What the API refuses with: the error's id and an HTTP status."""

    def __init__(self, error: str, status: int) -> None:
        super().__init__(error)
        self.status = status


class Mattermost:
    """One server. `app` is the app's address; tests turn `members` and `refusing`."""

    def __init__(
        self,
        clock: Clock,
        *,
        app: str,
        command_token: str,
        bot_token: str,
        people: Sequence[Driver] = DRIVERS,
        feed: Feed | None = None,
    ) -> None:
        self.peer = Peer(clock, "mattermost", feed or Feed(clock))
        self.names = {id_of(driver.name): driver.name for driver in people}
        self.members = {BOT, *self.names}
        self.refusing: dict[str, str] = {}  # a person's name → the error a message to them gets
        self.files = Files()
        self.dialogs = Dialogs()
        self.may_pin = True
        self.archived = False  # the channel
        self._app = app
        self.bot_token = bot_token
        self._command_token = command_token
        self.posts: dict[str, Shown] = {}
        self._ephemeral: set[str] = set()  # shown, and in no database: they can't be changed
        self._count = 0

    # --- people -----------------------------------------------------------------------------

    def say(self, name: str, text: str, *, direct: bool = False) -> Post:
        """Somebody types a slash command in the channel, or to the bot alone; the answer.

        Raises AppRude.
        """
        self.peer.warn(text, SIGNS)
        command, _, rest = text.partition(" ")
        answer = send(
            f"{self._app}/mattermost/command",
            urlencode(self.command(name, command, rest, direct=direct), doseq=True).encode(),
            {
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
                "Authorization": f"Token {self._command_token}",
            },
            WITHIN,
        )
        if answer.status != 200:
            raise AppRude(f"{command} failed: HTTP {answer.status}")
        said = json.loads(answer.body)
        public = said.get("response_type") == "in_channel" and not direct
        text = self._as_read(said["text"], slack=not said.get("skip_slack_parsing"))
        props = {"attachments": said.get("attachments", [])}
        return self.show("channel" if public else name, text, props, passing=not public)

    def command(
        self, name: str, command: str, text: str, *, direct: bool = False
    ) -> dict[str, Any]:
        """The form of a slash command. Whoever is mentioned stands in two lists that belong
        together (Mattermost docs: custom slash commands); a direct channel is named by its two.
        """
        self._count += 1
        known = {one: user for user, one in self.names.items()}
        named = [one.rstrip("._-") for one in _MENTION.findall(text)]
        named = [one for one in dict.fromkeys(named) if one in known]
        mentions = {"user_mentions": named, "user_mentions_ids": [known[one] for one in named]}
        return {
            **(mentions if named else {}),
            "token": self._command_token,
            "team_id": id_of("evteam"),
            "team_domain": "practice",
            "channel_id": id_of(f"direct-{name}") if direct else CHANNEL,
            "channel_name": f"{BOT}__{id_of(name)}" if direct else "ev-charging",
            "user_id": id_of(name),
            "user_name": name,
            "command": command,
            "text": text,
            "trigger_id": self.dialogs.trigger(name, f"dHJpZ2dlcg{self._count}"),
            "response_url": f"http://127.0.0.1:9/hooks/commands/{id_of('hook')}",
        }

    def press(self, name: str, message: Shown, label: str) -> dict[str, Any]:
        """Somebody presses a button of a message they see; the app's answer. Raises AppRude."""
        actions = {one["name"]: one for one in buttons(message)}
        action = actions[label]
        answer = send(
            action["integration"]["url"],
            json.dumps(self.click(name, message, action["integration"]["context"])).encode(),
            {"Content-Type": "application/json"},
            WITHIN,
        )
        if answer.status != 200:
            raise AppRude(f"a button failed: HTTP {answer.status}")
        said: dict[str, Any] = json.loads(answer.body)
        if said.get("update"):  # before the other, and without it when this fails
            if message.id in self._ephemeral:
                self.peer.record_violation("updates an ephemeral post: nobody sees the answer")
                raise AppRude("a button failed: app.post.get.app_error")
            self.change(message, said["update"])
        if said.get("ephemeral_text"):
            slack = not said.get("skip_slack_parsing")
            self.show(name, self._as_read(said["ephemeral_text"], slack=slack), {}, passing=True)
        return said

    def click(self, name: str, message: Shown, context: dict[str, Any]) -> dict[str, Any]:
        """The body of a click."""
        self._count += 1
        return {
            "user_id": id_of(name),
            "user_name": name,
            "channel_id": CHANNEL if message.to == "channel" else id_of(f"dm{name}"),
            "channel_name": "ev-charging",
            "team_id": id_of("evteam") if message.to == "channel" else "",
            "team_domain": "",
            "post_id": message.id,
            "trigger_id": self.dialogs.trigger(name, f"Y2xpY2s{self._count}"),
            "type": "button",
            "data_source": "",
            "context": context,
        }

    def fill(self, name: str, values: Mapping[str, Any]) -> None:
        """Somebody fills in the dialog before them and sends it. Raises BadDialog and AppRude."""
        body = self.filled(name, values)
        answer = send(
            self.dialogs.open_ones[name]["url"],
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
            WITHIN,
        )
        if answer.status != 200:
            raise AppRude(f"a form failed: HTTP {answer.status}")
        said = json.loads(answer.body) if answer.body.strip() else {}
        errors = {**(said.get("errors") or {}), **({"": said["error"]} if said.get("error") else {})}  # fmt: skip
        if not set(errors) <= {"", *body["submission"]}:
            self.peer.record_violation(f"errors for no field of the form: {sorted(errors)}")
        if errors:
            self.dialogs.errors[name] = errors
            self.dialogs.keep_typed(name, body["submission"])
        else:
            self.dialogs.close(name)

    def filled(self, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """The body of a dialog that is sent. Raises BadDialog."""
        submission = self.dialogs.submission(name, values)
        dialog = self.dialogs.open_ones[name]["dialog"]
        return {
            "type": "dialog_submission",
            "callback_id": dialog.get("callback_id", ""),
            "state": dialog.get("state", ""),
            "user_id": id_of(name),
            "channel_id": CHANNEL,
            "team_id": id_of("evteam"),
            "submission": submission,
            "cancelled": False,
        }

    # --- what is shown ----------------------------------------------------------------------

    def delete(self, post: str) -> None:
        """Somebody who may deletes a post: it is there no more."""
        self.peer.delete(self.posts.pop(post))

    def change(self, message: Shown, value: dict[str, Any]) -> None:
        """Other words in the place of a post. Raises ApiError."""
        text, props = value.get("message", ""), value.get("props") or {}
        self._check(text, props)
        message.text, message.more, message.pings = text, props, self._pings(text)
        self.peer.show(message, buttons=as_seen(message))

    def show(
        self,
        to: str,
        text: str,
        props: dict[str, Any],
        *,
        passing: bool = False,
        files: Sequence[dict[str, str]] = (),
    ) -> Post:
        """A new post. Raises ApiError."""
        with self.peer.lock:
            if not files or text:
                self._check(text, props)
            self._count += 1
            # As wide as an id: padded behind, the first post would be the tenth as well.
            name = f"post{self._count:022}"
            message = Shown(name, to, text, self._pings(text), props)
            if passing:
                self._ephemeral.add(message.id)
            else:
                self.posts[message.id] = message
            more: dict[str, Any] = {"files": list(files)} if files else {}
            return self.peer.show(message, passing=passing, buttons=as_seen(message), **more)

    def _check(self, text: str, props: dict[str, Any]) -> None:
        """Raises ApiError for what is refused, and notes what does nothing or harm."""
        if not text.strip():
            raise ApiError("api.post.create_post.empty.app_error", 400)
        if len(text) > LONGEST:
            raise ApiError("model.post.is_valid.message_length.app_error", 400)
        for attachment in props.get("attachments", []):
            for action in attachment.get("actions", []):
                if not re.fullmatch("[A-Za-z0-9]+", action["id"]):
                    self.peer.record_violation(f"a button that does nothing: {action['id']}")

    def _pings(self, text: str) -> tuple[str, ...]:
        """Who is pinged; everybody, or nobody we know, is a breach."""
        found = _MENTION.findall(_CODE.sub(" ", text))
        for name in found:
            if name.rstrip("._-") not in self.names.values():
                self.peer.record_violation(f"pings {name}")
        return tuple(found)

    @staticmethod
    def _as_read(text: str, *, slack: bool) -> str:
        """Answers are read as Slack's unless that is switched off."""
        return re.sub(r"<!(channel|here|all|everyone)>", r"@\1", text) if slack else text


def as_seen(message: Shown) -> list[dict[str, str]]:
    """Its buttons as people get them: what goes to the app stays with the server."""
    return [{"id": one["id"], "name": one["name"]} for one in buttons(message)]


def buttons(message: Shown) -> list[dict[str, Any]]:
    """The buttons under a message."""
    attachments: Any = message.more.get("attachments", [])
    return [action for one in attachments for action in one.get("actions", [])]
