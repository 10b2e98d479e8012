"""The channel in the practice Slack, whose requests are served where its stand-in is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from practice.common.people import CHANNEL, WORKSPACE, Driver
from practice.common.posts import Message, Post
from practice.common.room import CantFill, Room

from .faults import SlackError
from .views import BadForm
from .workspace_peer import Slack

DRAWN_WITHIN = 5.0  # real seconds that a Home tab is waited for


class SlackRoom(Room):
    platform = "slack"
    takes_direct = True
    channel = f"slack:{WORKSPACE}:{CHANNEL}"
    has_home = True

    def __init__(self, slack: Slack, environ: Mapping[str, str]) -> None:
        self._slack = slack
        self.people = tuple(slack.workspace.drivers.values())
        self.environ = environ

    @property
    def violations(self) -> list[str]:
        return self._slack.violations

    def address(self, driver: Driver) -> str:
        return f"slack:{WORKSPACE}:{driver.slack_id}"

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
