"""`kill -9` of the single process, again and again, in the middle of a working day.

Twelve kills by default; `EV_KILLS=50` for more. After each: what was acknowledged is kept,
what was to be said is said, and at most the one message in flight is said twice.
"""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from random import Random
from threading import Event, Timer

import boto3
import pytest

from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.text.wording import words
from chalicelib.core.draft import Draft
from chalicelib.core.effects import Called, PortPost, SightLost, StandsIdle
from chalicelib.core.model import Entry, Lane, Note, Pending, Site, Turn
from chalicelib.core.rules import stale
from chalicelib.stores.dynamodb import create_table
from practice.common.people import BY_NAME, DRIVERS
from practice.common.posts import NoSuchButton, NoSuchMessage, Post
from practice.slack.blocks import buttons
from practice.world import World, name_of, world

KILLS = int(os.environ.get("EV_KILLS", "12"))
SEED = int(os.environ.get("EV_SEED", "1"))
SPEED, POLL = 10, 5.0
PEOPLE = DRIVERS[:14]
CARS = tuple(driver.name for driver in DRIVERS[10:14])
STEP = 1.5  # minutes of a leap: well under what makes sight stale
SETTLES_WITHIN = 30.0  # real seconds
ADDED = re.compile(r"is number \d+ in line|is called to port|in line already|It's your turn")
CLOCK = re.compile(r"\b\d\d:\d\d\b")


class Day:
    """A working day by the dice, and what everybody was promised."""

    def __init__(self, here: World, dice: Random) -> None:
        self.here = here
        self.dice = dice
        self.in_line: set[str] = set()  # acknowledged by `add`, and not gone since
        self.unsure: set[str] = set()  # whose command was not answered
        self.acknowledged = self.in_flight = self.promised = 0
        self.notes: set[Note] = set()
        self.ports = {f"{p.station}/{p.number}": p for p in here.carpark.ports()}

    # --- what people do -----------------------------------------------------------------

    def act(self) -> None:
        """One thing that somebody does, as things are."""
        site = self.here.site()
        queue = {name_of(entry.driver): entry for entry in site.queue}
        parked = self.parked()
        away = [d.name for d in PEOPLE if d.name not in queue and d.name not in parked]
        called = [(name, entry) for name, entry in queue.items() if entry.turn is not None]
        acts = [(self.add, name) for name in away]
        acts += [(self.unplug, name) for name in parked]
        acts += [(self.remove, name) for name in queue if self.dice.random() < 0.1]
        acts += [(self.resume, name) for name, entry in queue.items() if entry.is_suspended]
        if called and self.dice.random() < 0.6:
            self.come(*self.dice.choice(called))
        elif acts:
            act, name = self.dice.choice(acts)
            act(name)

    def add(self, name: str) -> None:
        answer = self.here.slack.say(name, "/ev add")
        if ADDED.search(answer["text"]):
            self.acknowledged += 1
            self.in_line.add(name)
            self.unsure.discard(name)
        elif answer.get("error") or not answer["text"]:  # killed before or while it answered
            self.unsure.add(name)
        else:
            assert "nothing to wait for" in answer["text"]  # that the car has left wasn't seen yet

    def remove(self, name: str) -> None:
        answer = self.here.slack.say(name, "/ev remove")
        if answer.get("error") or not answer["text"]:
            self.unsure.add(name)
        self.in_line.discard(name)

    def resume(self, name: str) -> None:
        self.here.slack.say(name, "/ev resume")

    def unplug(self, name: str) -> None:
        self.here.carpark.unplug(*self.parked()[name])

    def come(self, name: str, entry: Entry) -> None:
        """On the way, or there."""
        assert entry.turn is not None
        port = self.ports[entry.turn.port]
        if entry.turn.coming or self.dice.random() < 0.4:
            taken = set(self.parked().values())
            if (port.station, port.number) not in taken and name not in self.parked():
                self.here.carpark.plug(port.station, port.number, BY_NAME[name])
                self.in_line.discard(name)
            return
        for post in reversed(self.posts()):
            if (name, entry.turn.id) == (post["to"], turn_of(post)):
                with suppress(NoSuchButton, NoSuchMessage):  # pressed before: it has others now
                    self.here.slack.press(name, post["n"], "on_my_way")
                return

    def parked(self) -> dict[str, tuple[str, str]]:
        """Where each car is."""
        return {
            port.driver.name: (port.station, port.number)
            for port in self.here.carpark.ports()
            if port.driver is not None
        }

    def posts(self) -> list[Post]:
        return self.here.slack.workspace.feed.after(0)

    # --- the end of the process, and its next beginning --------------------------------------

    def die(self) -> Site:
        """Act, and be killed meanwhile; the site as it was left."""
        how = self.dice.choice(["", "", "lost", "timeout"])
        if how:  # a message is under way for long: the kill comes before its receipt
            self.here.slack.api.fail(1, how)
        bot = self.here.bot
        assert bot is not None
        killer = Timer(self.dice.uniform(0.1, 1.0), bot.kill)
        killer.start()
        while killer.is_alive() and bot.poll() is None:
            self.act()
            self.here.clock.advance(self.dice.uniform(0, 0.5))
            time.sleep(self.dice.uniform(0, 0.08))
        killer.join()
        self.here.kill_bot()
        api = self.here.slack.api
        api.over.set()  # nobody waits for that answer any more
        api.over = Event()
        api._failures.clear()
        return self.here.site()

    def settle(self) -> Site:
        """Start again, and let it say what it has to say. Nothing happens meanwhile."""
        self.here.start_bot()
        give_up, steps = time.monotonic() + SETTLES_WITHIN, 0
        while True:
            self.here.clock.advance(STEP)
            leapt_at = self.here.clock.now()
            while (site := self.here.site()).looked_at is None or site.looked_at < leapt_at:
                assert time.monotonic() < give_up, "nobody looks"
                time.sleep(0.01)
            steps += 1
            if steps > 2 and not site.outbox:
                return site
            assert time.monotonic() < give_up, site.outbox

    def check(self, left: Site, heard: int, after: Site) -> None:
        """Nothing that was promised is missing."""
        line_then = [name_of(entry.driver) for entry in left.queue]
        assert len(line_then) == len(set(line_then))
        parked = self.parked()
        assert self.in_line - self.unsure - set(line_then) - set(parked) == set()
        line = self.here.line()
        assert self.in_line - self.unsure - set(line) == set()
        assert set(line) & set(parked) == set()
        self.in_line, self.unsure = set(line), set()
        self.notes |= {*left.trail, *after.trail}
        claimed = [one for one in left.outbox if one.claimed_until is not None]
        assert len([one for one in claimed if one.lane is Lane.CHAT]) <= 1
        self.in_flight += len(claimed)
        for pending in left.outbox:
            if pending.lane is not Lane.CHAT:
                continue  # the log of stays has a test of its own
            self.promised += 1
            assert self.arrived(pending, left, heard, after), (pending, self.posts()[heard:])

    def arrived(self, pending: Pending, left: Site, heard: int, after: Site) -> bool:
        """It was said since the kill, or before it by whoever was killed; or it is not true now."""
        said = said_by(pending, left)
        if any(plain(post["text"]) == said for post in self.posts()[max(0, heard - 3) :]):
            return True
        effect = pending.effect
        if isinstance(effect, Called):
            return effect.turn not in turns_of(after)
        if isinstance(effect, StandsIdle):  # the message before it was in flight for minutes
            return idle_on(left, effect.port).isdisjoint(idle_on(after, effect.port))
        if isinstance(effect, SightLost):  # taken back: sight returned before it was said
            return not after.blind
        if isinstance(effect, PortPost):  # changed in place before it was sent
            port = left.ports[effect.port].label
            return any(f"ort {port}" in post["text"] for post in self.posts()[heard:])
        if not stale.matters(Draft(after, self.here.clock.now()), pending):
            return True  # rule 23: what isn't true any more is not said
        return pending.to.partition(":")[2].partition(":")[2].startswith("http")

    def doubled(self) -> int:
        """Messages that were said again, though nothing had happened to whom or what they name."""
        before: dict[tuple[object, ...], datetime] = {}
        found = 0
        for post in self.posts():
            if post["by"] != "bot" or post["edited"] or post["ephemeral"]:
                continue
            at = datetime.fromisoformat(post["at"])
            key = (post["to"], plain(post["text"]), turn_of(post))
            found += key in before and not self.noted(post, before[key], at)
            before[key] = at
        return found

    def noted(self, post: Post, since: datetime, until: datetime) -> bool:
        """Something happened to this person, or on this port, between two such messages."""
        port = re.search(r"ort (\d+)", post["text"])
        labels = {port_id: port.label for port_id, port in self.here.site().ports.items()}
        return any(
            since < note.at <= until
            and (name_of(note.driver) == post["to"] or (port and labels.get(note.port) == port[1])
                 or post["text"].lower().startswith(f"{name_of(note.driver)} "))
            for note in self.notes
        )  # fmt: skip


def turns_of(site: Site) -> dict[int, Turn]:
    return {entry.turn.id: entry.turn for entry in site.queue if entry.turn is not None}


def idle_on(site: Site, port: str) -> set[int]:
    """The turn at this port that nobody has answered."""
    return {turn.id for turn in turns_of(site).values() if turn.port == port and not turn.coming}


def turn_of(post: Post) -> int:
    """The turn that a call is about; 0: it is no call."""
    for _, button in buttons(post["blocks"]):
        if button["action_id"] == "on_my_way":
            return int(button["value"].rpartition(":")[2])
    return 0


def said_by(pending: Pending, site: Site) -> str:
    return plain(words(pending.effect, site, SlackMarkup()).text)


def plain(text: str) -> str:
    """Without times of day: a call names its deadline when it is sent."""
    return CLOCK.sub("–", text).replace("by soon", "by –")


@contextmanager
def day(tmp_path: Path, store: str) -> Iterator[Day]:
    with world(
        speed=SPEED,
        poll_seconds=POLL,
        cars=CARS,
        drivers=PEOPLE,
        store=store,
        log=tmp_path / "log",
    ) as here:
        yield Day(here, Random(SEED))


@pytest.fixture
def sqlite() -> str:
    return ""


@pytest.fixture
def dynamodb(aws: None, ministack: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", ministack)
    create_table(boto3.Session().client("dynamodb"), "killed")
    return "dynamodb:killed"


@pytest.mark.timeout(60 + 10 * KILLS)
@pytest.mark.parametrize("store", ["sqlite", "dynamodb"])
def test_nothing_is_lost(
    tmp_path: Path, store: str, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    """Kills at random: no acknowledged add and no message is lost, one at most is repeated."""
    began = time.monotonic()
    with day(tmp_path, request.getfixturevalue(store)) as today:
        doubled = 0
        for _ in range(KILLS):
            left = today.die()
            heard = today.here.slack.workspace.feed.last
            today.check(left, heard, today.settle())
            again = today.doubled()
            assert again - doubled <= 1
            doubled = again
        assert today.here.slack.violations == []
        said = Counter("edit" if post["edited"] else "post" for post in today.posts())
        assert "Traceback" not in (tmp_path / "log").read_text()
    with capsys.disabled():
        print(
            f"\n{store}: {KILLS} kills, {today.acknowledged} adds acknowledged, {said['post']} posts, "
            f"{said['edit']} edits; {today.promised} messages waiting at a kill, {today.in_flight} in "
            f"flight; none missing, {doubled} repeated; {time.monotonic() - began:.0f} s (seed {SEED})"
        )
