"""The composition root: the only place that knows which parts there are."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from . import settings as reading
from .chat.desk import Desk
from .chat.door import Reply, refuse
from .chat.mattermost import MattermostDoor
from .chat.mattermost_markup import MattermostMarkup, Paper
from .chat.mattermost_messenger import MattermostMessenger
from .chat.slack import SlackDoor
from .chat.slack_markup import SlackMarkup
from .chat.slack_messenger import SlackMessenger
from .clock import PracticeClock, SystemClock
from .concierge import Concierge
from .edges import (
    ChargingNetwork,
    Clock,
    Messenger,
    NewerFormat,
    Records,
    SiteStore,
    StoreUnavailable,
)
from .settings import BadSettings, Settings
from .stores import open_store


def build(
    settings: Settings,
    network: ChargingNetwork | None = None,
    woken: Callable[[str], None] | None = None,
) -> Concierge:
    """The concierge that the settings describe. Opens nothing yet."""
    return Concierge(
        store_of(settings), messengers_of(settings), clock_of(settings), network, woken
    )


def clock_of(settings: Settings) -> Clock:
    """The clock on the wall. Raises BadSettings."""
    if not settings.clock:
        return SystemClock()
    try:
        return PracticeClock(settings.clock)
    except ValueError as error:
        raise BadSettings([f"EV_CLOCK: {error}"]) from error


def store_of(settings: Settings) -> SiteStore:
    return open_store(settings.store)


def records_of(settings: Settings) -> Records:
    """The small things kept beside the sites."""
    return open_store(settings.store).records


def messengers_of(settings: Settings) -> dict[str, Messenger]:
    """Who speaks where, by platform."""
    found: dict[str, Messenger] = {}
    if settings.slack_bot_token:
        found["slack"] = SlackMessenger(settings.slack_bot_token, settings.slack_api_url)
    if settings.mattermost_url and settings.mattermost_bot_token:
        found["mattermost"] = MattermostMessenger(
            settings.mattermost_url, settings.mattermost_bot_token, paper_of(settings)
        )
    return found


def paper_of(settings: Settings) -> Paper:
    """What messages with buttons are written on for Mattermost."""
    return Paper(settings.public_url, settings.mattermost_command_token)


Door = Callable[..., Reply]  # headers, body, and by name what else is in the address


@dataclass(frozen=True)
class Office:
    """The webhooks, wired to a concierge."""

    concierge: Concierge
    doors: Mapping[str, Door]  # by route

    def door(self, route: str) -> Door:
        return self.doors.get(route, not_set_up)

    @property
    def slack_door(self) -> Door | None:
        return self.doors.get("/slack/events")

    def slack(self, headers: Mapping[str, str], body: bytes) -> Reply:
        return self.door("/slack/events")(headers, body)

    def is_healthy(self) -> bool:
        """Whether the store answers, and in a format that we know."""
        try:
            self.concierge.due()
        except (StoreUnavailable, NewerFormat):
            return False
        return True


def open_office(settings: Settings, concierge: Concierge) -> Office:
    """The webhooks for this concierge."""
    doors: dict[str, Door] = {}
    if settings.slack_signing_secret:
        desk = Desk(concierge, SlackMarkup())
        doors["/slack/events"] = SlackDoor(settings.slack_signing_secret, desk)
    if settings.mattermost_url and settings.mattermost_command_token:
        mattermost = MattermostDoor(
            settings.mattermost_url,
            settings.mattermost_command_token,
            Desk(concierge, MattermostMarkup()),
            paper_of(settings),
        )
        doors["/mattermost/command"] = mattermost.command
        doors["/mattermost/action"] = mattermost.action
    return Office(concierge, doors)


def not_set_up(*_: object, **__: object) -> Reply:
    return refuse(404, "not set up here")


_lock = threading.Lock()
_office: Office | None = None


def office() -> Office:
    """This process's webhooks, made at first use: importing the app needs no setting."""
    global _office  # noqa: PLW0603 — Lambda gives an app no other place to keep things
    with _lock:
        if _office is None:
            settings = reading.read(os.environ)
            _office = open_office(settings, build(settings))
        return _office


def use(office: Office | None) -> None:
    """Let `office()` be this one: the single process has its own; tests start afresh."""
    global _office  # noqa: PLW0603 — see `office`
    with _lock:
        _office = office
