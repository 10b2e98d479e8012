"""The channel in the practice Mattermost: nobody reads what is typed to a slash command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from wsgiref.types import WSGIEnvironment

from chalicelib.edges import Clock
from practice.common.people import Driver
from practice.common.posts import Feed, Message, NoSuchButton, Post, nothing
from practice.common.room import HOST, CantFill, PeerRoom
from practice.common.wsgi import Response

from .dialogs import BadDialog
from .server import CHANNEL, Mattermost, as_seen, id_of
from .web import MattermostWeb

COMMAND_TOKEN, BOT_TOKEN = "practice-command-token", "practice-bot-token"


class MattermostRoom(PeerRoom):
    platform = "mattermost"
    takes_direct = True
    channel = f"mattermost:{HOST}:{CHANNEL}"

    def __init__(
        self, clock: Clock, feed: Feed, people: Sequence[Driver], *, app: str, url: str
    ) -> None:
        self.server = Mattermost(
            clock, app=app, command_token=COMMAND_TOKEN, bot_token=BOT_TOKEN, people=people,
            feed=feed,
        )  # fmt: skip
        self._web = MattermostWeb(self.server)
        environ = {
            "MATTERMOST_URL": url,
            "MATTERMOST_BOT_TOKEN": BOT_TOKEN,
            "MATTERMOST_COMMAND_TOKEN": COMMAND_TOKEN,
            "PUBLIC_URL": app,
        }
        super().__init__(self.server.peer, people, environ)

    def address(self, driver: Driver) -> str:
        return f"mattermost:{HOST}:{id_of(driver.name)}"

    def web(self, path: str, environ: WSGIEnvironment) -> Response | None:
        if path.startswith("/mattermost-files/"):
            file = self.server.files.read(path.rpartition("/")[2])
            return None if file is None else Response(200, file.body, file.kind)
        return self._web.answer(environ) if path.startswith("/api/v4/") else None

    def say(self, driver: str, text: str, *, direct: bool = False) -> Post:
        """The answer to a command; their own words otherwise, of which the app hears nothing."""
        command = text.partition(" ")[0]
        if not text.startswith("/"):
            return self.peer.typed_by(driver, text, to=driver if direct else "channel")
        if command != "/ev":
            return self.peer.notice(driver, f"Command with a trigger of '{command}' not found.")
        failed = f"Command with a trigger of '{command[1:]}' failed."
        return self.kindly(
            driver, command, lambda: self.server.say(driver, text, direct=direct), failed
        )

    def press(self, driver: str, n: int, action: str) -> Post:
        """By the button's label or id, with or without its underscores."""
        self.peer.feed.seen(n, driver)
        message = self.peer.find(n)
        labels = {one["id"]: one["name"] for one in as_seen(message)} if message else {}
        label = labels.get(action.replace("_", ""), action)
        if message is None or label not in labels.values():
            known = ", ".join(f"{key} ({name})" for key, name in labels.items())
            raise NoSuchButton(f"no button {action!r} there: {known or 'it has none'}")
        pressed = message

        def ask() -> Post:
            before = self.peer.feed.last
            self.server.press(driver, pressed, label)
            return self._outcome(driver, before)

        return self.kindly(driver, label, ask, "Action integration error.")

    def form(self, driver: str) -> dict[str, Any] | None:
        return self.server.dialogs.shown(driver)

    def fill(self, driver: str, values: Mapping[str, Any]) -> Post:
        def ask() -> Post:
            before = self.peer.feed.last
            self.server.fill(driver, values)
            return self._outcome(driver, before)

        try:
            return self.kindly(driver, "a form", ask, "Submission failed.")
        except BadDialog as error:
            raise CantFill(str(error)) from error

    def close_form(self, driver: str) -> None:
        self.server.dialogs.close(driver)

    def _outcome(self, driver: str, before: int) -> Post:
        """The last that they were told meanwhile, and the form before them, if there is one."""
        seen = [one for one in self.peer.feed.after(before) if one["to"] == driver]
        form = self.form(driver)
        told = seen[-1] if seen else nothing(driver)
        return {**told, **({"form": form} if form is not None else {})}

    def message(self, ref: str) -> Message | None:
        return self.peer.message(ref)

    def delete(self, ref: str) -> None:
        self.server.delete(ref)
