"""The channel on each platform: who is there, what they do there, and what the bot must know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from wsgiref.types import WSGIEnvironment

from chalicelib.edges import Clock

from .common.chat_peer import AppRude
from .common.people import CHANNEL as SLACK_CHANNEL, WORKSPACE, Driver
from .common.posts import Feed, Message, Post
from .common.wsgi import Response
from .hipchat.server import GROUP, ROOM, HipChat
from .hipchat.web import HipChatWeb
from .mattermost.dialogs import BadDialog
from .mattermost.server import CHANNEL, Mattermost, as_seen, id_of
from .slack.faults import SlackError
from .slack.views import BadForm
from .slack.workspace_peer import NoSuchButton, NoSuchMessage, Slack

DRAWN_WITHIN = 5.0  # real seconds that a Home tab is waited for
PLATFORMS = ("slack", "hipchat", "mattermost", "sms")
HOST = "127.0.0.1"
COMMAND_TOKEN, BOT_TOKEN = "practice-command-token", "practice-bot-token"


class Room(Protocol):
    """A channel of the practice site, and the platform that it is on."""

    platform: str
    takes_direct: bool  # whether the app hears of direct messages
    channel: str  # its address
    people: Sequence[Driver]
    environ: Mapping[str, str]  # the settings that lead the bot here

    @property
    def violations(self) -> list[str]:
        """What the app did that the platform forbids, in words."""

    def address(self, driver: Driver) -> str:
        """A person's address, `platform:tenant:id`."""

    def open(self) -> bool:
        """The bot is up: do what an admin would do now. False when it was refused."""

    def web(self, path: str, environ: WSGIEnvironment) -> Response | None:
        """Answer a request to the platform; None: it is for somebody else."""

    def say(self, driver: str, text: str, *, direct: bool = False) -> Post:
        """A driver types in the channel, or to the app alone: what they see of it at once."""

    def press(self, driver: str, n: int, action: str) -> Post:
        """A driver presses a button of post `n`. Raises NoSuchMessage or NoSuchButton."""

    def message(self, ref: str) -> Message | None:
        """A message of the app, by what the platform calls it."""

    def delete(self, ref: str) -> None:
        """Somebody deletes it."""

    has_home: bool

    def form(self, driver: str) -> dict[str, Any] | None:
        """The form that a driver has before them."""

    def fill(self, driver: str, values: Mapping[str, Any]) -> Post:
        """They fill it in and send it: `form` is what they have before them then. Raises
        CantFill.
        """

    def close_form(self, driver: str) -> None:
        """They leave it."""

    def home(self, driver: str, *, opens: bool) -> dict[str, Any] | None:
        """A driver opens their Home tab, or only looks at it. Raises CantFill."""

    def press_home(self, driver: str, action: str) -> Post:
        """They press a button there. Raises NoSuchButton and CantFill."""

    def shortcut(self, driver: str, name: str) -> Post:
        """They choose a shortcut of the app. Raises CantFill."""


class CantFill(Exception):
    """There is no such form, field, choice, Home tab or shortcut."""


class NoScreens:
    """A platform without forms; without a Home tab and shortcuts, too."""

    platform = ""
    has_home = False

    def form(self, driver: str) -> dict[str, Any] | None:  # noqa: ARG002 — nobody has one
        return None

    def fill(self, driver: str, values: Mapping[str, Any]) -> Post:  # noqa: ARG002 — as above
        raise CantFill(f"{driver} has no form open: {self.platform} says what to type")

    def close_form(self, driver: str) -> None:
        """There is none."""

    def home(self, driver: str, *, opens: bool) -> dict[str, Any] | None:  # noqa: ARG002 — nobody has one
        raise CantFill(f"{self.platform} has no Home tab: `/ev status` shows the same")

    def press_home(self, driver: str, action: str) -> Post:
        raise NoSuchButton(f"{driver} sees no button {action!r}")

    def shortcut(self, driver: str, name: str) -> Post:  # noqa: ARG002 — as above
        raise CantFill(f"{self.platform} has no shortcuts")


class SlackRoom:
    """Slack's requests are served where its stand-in is."""

    platform = "slack"
    takes_direct = True
    channel = f"slack:{WORKSPACE}:{SLACK_CHANNEL}"

    def __init__(self, slack: Slack, environ: Mapping[str, str]) -> None:
        self._slack = slack
        self.people: Sequence[Driver] = tuple(slack.workspace.drivers.values())
        self.environ = environ

    @property
    def violations(self) -> list[str]:
        return self._slack.violations

    def address(self, driver: Driver) -> str:
        return f"slack:{WORKSPACE}:{driver.slack_id}"

    def open(self) -> bool:
        return True

    def web(self, path: str, environ: WSGIEnvironment) -> Response | None:  # noqa: ARG002 — see above
        return None

    def say(
        self, driver: str, text: str, *, direct: bool = False, thread: int = 0, subtype: str = ""
    ) -> Post:
        return self._slack.say(driver, text, direct=direct, thread=thread, subtype=subtype)

    def press(self, driver: str, n: int, action: str) -> Post:
        return self._slack.press(driver, n, action)

    def message(self, ref: str) -> Message | None:
        channel, _, ts = ref.partition("/")
        return self._slack.workspace.feed.find(channel, ts)

    def delete(self, ref: str) -> None:
        if (message := self.message(ref)) is not None:
            self._slack.workspace.feed.delete(message)

    has_home = True

    def form(self, driver: str) -> dict[str, Any] | None:
        return self._slack.screens.form(self._slack.workspace.drivers[driver])

    def fill(self, driver: str, values: Mapping[str, Any]) -> Post:
        views, user = self._slack.api.views, self._slack.workspace.drivers[driver].slack_id
        before = views.drawn(user)
        try:
            done = self._slack.fill(driver, values)
        except BadForm as error:
            raise CantFill(str(error)) from error
        if before and not done.get("form", {}).get("errors"):  # what changed stands on it soon
            views.wait_for(user, before, 1.0)
        return done

    def close_form(self, driver: str) -> None:
        self._slack.screens.close(self._slack.workspace.drivers[driver])

    def home(self, driver: str, *, opens: bool) -> dict[str, Any] | None:
        """Opened, it is drawn anew by the app within a moment."""
        views, user = self._slack.api.views, self._slack.workspace.drivers[driver].slack_id
        before = views.drawn(user)
        if opens:
            self._slack.open_home(driver)
            views.wait_for(user, before, DRAWN_WITHIN)
        return views.homes.get(user)

    def press_home(self, driver: str, action: str) -> Post:
        views, user = self._slack.api.views, self._slack.workspace.drivers[driver].slack_id
        before = views.drawn(user)
        done = self._slack.press_home(driver, action)
        if "form" not in done and "error" not in done:
            views.wait_for(user, before, DRAWN_WITHIN)
        return done

    def shortcut(self, driver: str, name: str) -> Post:
        try:
            return self._slack.take_shortcut(driver, name)
        except BadForm as error:
            raise CantFill(str(error)) from error

    def set_status(self, driver: str, text: str, until: datetime | None, emoji: str) -> int:
        """How many events were taken. Raises ValueError."""
        try:
            return self._slack.set_status(driver, text, until, emoji)
        except SlackError as error:
            raise ValueError(error.error) from error

    def rename(self, driver: str, shown: str) -> int:
        return self._slack.rename(driver, shown)

    def close_account(self, driver: str) -> int:
        return self._slack.close_account(driver)


class HipChatRoom(NoScreens):
    """Everybody reads what is typed; there are no buttons."""

    platform = "hipchat"
    takes_direct = False
    channel = f"hipchat:{HOST}-{GROUP}:{ROOM}"

    def __init__(
        self, clock: Clock, feed: Feed, people: Sequence[Driver], *, app: str, url: str
    ) -> None:
        self.people = people
        self.server = HipChat(clock, app=app, url=url, people=people, feed=feed)
        self._web = HipChatWeb(self.server)
        self.environ: Mapping[str, str] = {
            "HIPCHAT_ALLOWED_HOSTS": url.removeprefix("http://"),
            "PUBLIC_URL": app,
        }

    @property
    def violations(self) -> list[str]:
        return self.server.peer.violations

    def address(self, driver: Driver) -> str:
        return f"hipchat:{HOST}-{GROUP}:{self.server.people[driver.name]}"

    def open(self) -> bool:
        return self.server.install() == 204

    def web(self, path: str, environ: WSGIEnvironment) -> Response | None:
        return self._web.answer(environ) if path.startswith("/v2/") else None

    def say(self, driver: str, text: str, *, direct: bool = False) -> Post:  # noqa: ARG002 — it isn't taken
        """Their own words: answers come as messages of their own."""
        own = self.server.peer.typed_by(driver, text, format="text")
        try:
            self.server.say(driver, text)
        except AppRude as rude:  # in HipChat nobody is told
            self.server.peer.record_violation(f"{text[:40]} by {driver}: {rude}")
        return own

    def press(self, driver: str, n: int, action: str) -> Post:
        check_seen(self.server.peer.feed, n, driver)
        raise NoSuchButton(
            f"no button {action!r}: HipChat has none, the message says what to type"
        )

    def message(self, ref: str) -> Message | None:  # noqa: ARG002 — nothing can be edited there
        return None

    def delete(self, ref: str) -> None:
        """No message of ours is a board there."""


class MattermostRoom(NoScreens):
    """Nobody reads what is typed to a slash command."""

    platform = "mattermost"
    takes_direct = True
    channel = f"mattermost:{HOST}:{CHANNEL}"

    def __init__(
        self, clock: Clock, feed: Feed, people: Sequence[Driver], *, app: str, url: str
    ) -> None:
        self.people = people
        self.server = Mattermost(
            clock, app=app, command_token=COMMAND_TOKEN, bot_token=BOT_TOKEN, people=people,
            feed=feed,
        )  # fmt: skip
        self._feed = feed
        self.environ: Mapping[str, str] = {
            "MATTERMOST_URL": url,
            "MATTERMOST_BOT_TOKEN": BOT_TOKEN,
            "MATTERMOST_COMMAND_TOKEN": COMMAND_TOKEN,
            "PUBLIC_URL": app,
        }

    @property
    def violations(self) -> list[str]:
        return self.server.peer.violations

    def address(self, driver: Driver) -> str:
        return f"mattermost:{HOST}:{id_of(driver.name)}"

    def open(self) -> bool:
        return True

    def web(self, path: str, environ: WSGIEnvironment) -> Response | None:
        if path.startswith("/mattermost-files/"):
            file = self.server.files.read(path.rpartition("/")[2])
            return None if file is None else Response(200, file.body, file.kind)
        return self.server.api(environ) if path.startswith("/api/v4/") else None

    def say(self, driver: str, text: str, *, direct: bool = False) -> Post:
        """The answer to a command; their own words otherwise, of which the app hears nothing."""
        peer, command = self.server.peer, text.partition(" ")[0]
        if not text.startswith("/"):
            return peer.typed_by(driver, text, to=driver if direct else "channel")
        if command != "/ev":
            return peer.notice(driver, f"Command with a trigger of '{command}' not found.")
        try:
            return self.server.say(driver, text, direct=direct)
        except AppRude as rude:
            peer.record_violation(f"{command} by {driver}: {rude}")
            return peer.notice(driver, f"Command with a trigger of '{command[1:]}' failed.")

    def press(self, driver: str, n: int, action: str) -> Post:
        """By the button's label or id, with or without its underscores."""
        check_seen(self._feed, n, driver)
        message = self.server.peer.find(n)
        labels = {one["id"]: one["name"] for one in as_seen(message)} if message else {}
        label = labels.get(action.replace("_", ""), action)
        if message is None or label not in labels.values():
            known = ", ".join(f"{key} ({name})" for key, name in labels.items())
            raise NoSuchButton(f"no button {action!r} there: {known or 'it has none'}")
        before = self._feed.last
        try:
            self.server.press(driver, message, label)
        except AppRude as rude:
            self.server.peer.record_violation(f"{label} by {driver}: {rude}")
            return self.server.peer.notice(driver, "Action integration error.")
        return self._outcome(driver, before)

    def form(self, driver: str) -> dict[str, Any] | None:
        return self.server.dialogs.shown(driver)

    def fill(self, driver: str, values: Mapping[str, Any]) -> Post:
        before = self._feed.last
        try:
            self.server.fill(driver, values)
        except BadDialog as error:
            raise CantFill(str(error)) from error
        except AppRude as rude:
            self.server.peer.record_violation(f"a form by {driver}: {rude}")
            return self.server.peer.notice(driver, "Submission failed.")
        return self._outcome(driver, before)

    def close_form(self, driver: str) -> None:
        self.server.dialogs.close(driver)

    def _outcome(self, driver: str, before: int) -> Post:
        """The last that they were told meanwhile, and the form before them, if there is one."""
        seen = [one for one in self._feed.after(before) if one["to"] == driver]
        nothing: Post = {"n": None, "to": driver, "text": "", "blocks": [], "at": None, "edited": None}  # fmt: skip
        form = self.form(driver)
        return {**(seen[-1] if seen else nothing), **({"form": form} if form is not None else {})}

    def message(self, ref: str) -> Message | None:
        return self.server.peer.message(ref)

    def delete(self, ref: str) -> None:
        self.server.delete(ref)


def check_seen(feed: Feed, n: int, driver: str) -> None:
    """Raises NoSuchMessage."""
    message = feed.message(n)
    if message is None or not message.seen_by(driver):
        raise NoSuchMessage(f"{driver} sees no message {n}")


def rooms_on(
    on: Mapping[str, Sequence[Driver]],
    slack: SlackRoom,
    clock: Clock,
    feed: Feed,
    *,
    app: str,
    url: str,
) -> tuple[Room, ...]:
    """The rooms of the platforms in `on`, which says who is there."""
    found: dict[str, Room] = {"slack": slack}
    if "hipchat" in on:
        found["hipchat"] = HipChatRoom(clock, feed, on["hipchat"], app=app, url=url)
    if "mattermost" in on:
        found["mattermost"] = MattermostRoom(clock, feed, on["mattermost"], app=app, url=url)
    if "sms" in on:
        from .phones import SmsRoom  # which is a room of this kind

        found["sms"] = SmsRoom(clock, feed, on["sms"], app=app, url=url)
    return tuple(found[platform] for platform in on)
