"""The scripted day with its people on three platforms: one line, and each is told where they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIEnvironment

import pytest

from chalicelib import wiring
from chalicelib.chat.sms.markup import PARTS, parts_of
from chalicelib.concierge import Concierge
from chalicelib.core.effects import Effect
from chalicelib.core.model import Person, Site
from chalicelib.settings import read
from practice.common.people import BY_NAME
from practice.common.posts import Post
from practice.common.room import Room
from practice.common.wsgi import Response
from practice.rooms import PLATFORMS, join_phones, rooms_on
from practice.slack.room import SlackRoom
from practice.slack.web import SlackWeb
from practice.slack.workspace_peer import Slack
from tests.chat.hipchat import test_contract as hipchat
from tests.chat.mattermost import test_contract as mattermost
from tests.chat.slack import test_contract as slack
from tests.contracts.chat_stage import (
    ADMIN,
    DAY,
    NAMES,
    USERS,
    Hall,
    Recording,
    Seen,
    Street,
    Terminal,
    hall_of,
    street,
)
from tests.fakes import FakeClock, FakeStore, site_of

SPREAD = {"ana": "slack", "bob": "sms", "cleo": "sms", "dave": "slack", "eli": "sms"}
HOME = {"ana": "slack", "bob": "hipchat", "cleo": "mattermost", "dave": "slack", "eli": "hipchat"}
SECRETS = {"SLACK_SIGNING_SECRET": slack.SECRET, "SLACK_BOT_TOKEN": slack.TOKEN}


class Town:
    """One site's channels on three platforms. It is what a hall's stand is."""

    channel = ""
    has_buttons = True
    has_channel = True

    def __init__(
        self, street: Street, clock: FakeClock, folder: Path, homes: dict[str, str] = HOME
    ) -> None:
        self.homes = homes
        platforms = [one for one in PLATFORMS if one in homes.values()]
        on = {p: [BY_NAME[name] for name in NAMES if homes[name] == p] for p in platforms}
        workspace = Slack(clock, signing_secret=slack.SECRET, bot_token=slack.TOKEN, app=street.app, url=street.api, people=on["slack"])  # fmt: skip
        self.feed, self.street = workspace.workspace.feed, street
        here = SlackRoom(workspace, {**SECRETS, "SLACK_API_URL": f"{street.api}/api/"})
        self.rooms = rooms_on(on, here, clock, self.feed, app=street.app, url=street.api)
        environ = {name: value for room in self.rooms for name, value in room.environ.items()}
        self.settings = read({**environ, "EV_STORE": f"sqlite:{folder / 'records.sqlite'}"})
        self.messengers = wiring.messengers_of(self.settings)
        self._after = 0
        web = SlackWeb(workspace)

        def answer(environ: WSGIEnvironment) -> Response:
            path = environ["PATH_INFO"]
            answers = (room.web(path, environ) for room in self.rooms)
            found = next((one for one in answers if one is not None), None)
            return found or web.api(path.rpartition("/")[2], environ)

        street.serve(answer)

    @property
    def violations(self) -> list[str]:
        return [breach for room in self.rooms for breach in room.violations]

    def room(self, name: str) -> Room:
        return next(room for room in self.rooms if room.platform == self.homes[name])

    def address(self, name: str) -> str:
        return self.room(name).address(BY_NAME[name])

    def typed_mention(self, name: str) -> str:
        return f"@{name}"

    def open(self, concierge: Concierge) -> None:
        self.street.open(wiring.open_endpoints(self.settings, concierge))
        assert all(room.open() for room in self.rooms)

    def join(self) -> None:
        """The phones join, by codes that the admin asks for; what is said of it isn't looked at."""
        join_phones(self.rooms)
        self.seen()

    def say(self, name: str, text: str) -> None:
        said = self.room(name).say(name, f"/ev {text}")
        assert "error" not in said, said

    def seen(self) -> list[Seen]:
        """`to` is PLATFORM/WHO."""
        posts = self.feed.after(self._after)
        self._after += len(posts)
        said = [post for post in posts if post["by"] == "bot"]
        return [Seen(f"{platform_of(post)}/{post['to']}", plain(post)) for post in said]

    # --- not used by the day ------------------------------------------------------------------

    markup: Any = None
    messenger: Any = None

    def warn(self, text: str) -> None: ...

    def send(self, to: str, effect: Effect, site: Site, edits: str | None) -> str:
        raise AssertionError("the day speaks by the concierge's own messengers")


def platform_of(post: Post) -> str:
    return str(post.get("platform", "slack"))


def plain(post: Post) -> str:
    """A post as a person reads it."""
    if platform_of(post) == "sms":
        return str(post["text"])
    if platform_of(post) == "hipchat":
        return hipchat.plain(post["text"], {"message_format": post["format"]})
    read = mattermost.plain if platform_of(post) == "mattermost" else slack.plain
    return read(post["text"])


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Hall]:
    """The same car park as every platform's contract has, with both ports in use."""
    with opened(tmp_path, HOME) as hall:
        yield hall


@contextmanager
def opened(folder: Path, homes: dict[str, str]) -> Iterator[Hall]:
    """It, with its people where they are at home."""
    clock = FakeClock()
    with street() as here:
        stand = Town(here, clock, folder, homes)
        people = {stand.address(name): Person(name, (USERS[name],)) for name in NAMES}
        store = FakeStore()
        channels = [room.channel for room in stand.rooms]
        store.put(site_of(*channels, people=people, admins=(stand.address(ADMIN),)))
        concierge = Recording(store, stand.messengers, clock)
        hall = Hall(stand, store, clock, concierge)
        stand.open(concierge)
        stand.join()
        hall.park(p1="dave", p2="eli")
        yield hall


def test_the_day(town: Hall) -> None:
    """As on one platform: the same line, each person told the same, at home and nowhere else;
    each channel hears the same, once.
    """
    alone = hall_of(Terminal(has_buttons=True), FakeClock())
    for title, act in DAY:
        here, there = act(town), act(alone)
        assert town.line() == alone.line(), title
        wanted = [(at, one.text) for one in there for at in read_at(one.to)]
        wanted = [one for one in wanted if not is_an_edit(*one)]
        assert sorted(one.to for one in here) == sorted(at for at, _ in wanted), title
        for at in {one.to for one in here}:
            said = sorted(one.text for one in here if one.to == at)
            words = sorted(as_told(at, text) for to, text in wanted if to == at)
            for one, other in zip(said, words, strict=True):
                typed_out = at.startswith("hipchat/") and one.startswith(other)  # no buttons
                assert one == other or typed_out, (title, at)
    assert town.stand.violations == []


def test_spread_over_phones(tmp_path: Path) -> None:
    """Some are in Slack, and some have phones alone: the same line; who has a phone is told each
    thing there, once, besides the answers to what they texted; the channel hears the same.
    """
    with opened(tmp_path, SPREAD) as town:
        alone = hall_of(Terminal(has_buttons=True), FakeClock())
        for title, act in DAY:
            here, there = act(town), act(alone)
            assert town.line() == alone.line(), title
            channel = [one for one in here if one.to == "slack/channel"]
            assert len(channel) == sum(one.to == "channel" for one in there), title
            asker = title.partition(" ")[0]
            for name, home in SPREAD.items():
                told = [one for one in here if one.to == f"{home}/{name}"]
                wanted = [one for one in there if one.to == name and not (home == "sms" and one.text == "This turn is over.")]  # fmt: skip
                answered = home == "sms" and name == asker and not wanted  # in the channel, there
                assert len(told) == len(wanted) + answered or name == asker, (title, name)
                assert all(parts_of(one.text) <= PARTS for one in told if home == "sms"), title
        assert town.stand.violations == []


def is_an_edit(at: str, text: str) -> bool:
    """Where a call can't be edited, it isn't said that it is over."""
    return at.startswith("hipchat/") and text == "This turn is over."


def read_at(to: str) -> list[str]:
    """Where it is read what is for a name, or for the channel."""
    platforms = sorted(set(HOME.values()))
    return [f"{each}/channel" for each in platforms] if to == "channel" else [f"{HOME[to]}/{to}"]


def as_told(at: str, text: str) -> str:
    """Who isn't there is named, and not pinged."""
    platform = at.partition("/")[0]
    return re.sub(
        r"@(\w+)", lambda name: name[0] if HOME[name[1]] == platform else name[1].title(), text
    )
