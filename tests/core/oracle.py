"""What people hear, checked at the moment at which they hear it.

Written without the core's own rules: it counts, reads the words, and tries each way out that
they name. No time that is past, no place that isn't so, no way out that doesn't exist,
nothing said twice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from chalicelib.chat.parsing import parse, parse_button
from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.text.wording import words
from chalicelib.core import answers, effects as say, inputs as do, step
from chalicelib.core.boards import BOARD
from chalicelib.core.model import Site, Status
from tests.core.board_oracle import Boards

AHEAD = re.compile(r"\b(?:until|by|up at|at about) (\d\d):(\d\d)(?! (?:on|tomorrow))")
TYPED = re.compile(r"`/ev ([a-z0-9 ]+)`")
AGAIN = timedelta(minutes=30)  # between two private reminders (rule 31)


class Ears:
    """Everybody's, in every channel; `crowd` are people who may answer in a channel."""

    def __init__(self, crowd: Sequence[str]) -> None:
        self.heard: list[tuple[str, say.Effect]] = []
        self._once: set[tuple[object, ...]] = set()
        self._blind: set[str] = set()  # channels that know that sight is lost
        self._reminded: dict[tuple[str, int], datetime] = {}
        self._crowd = crowd
        self.boards = Boards()

    def hear(self, site: Site, to: str, effect: say.Effect, now: datetime) -> None:
        """A message arrives: `site` is as it was when it was sent."""
        self.heard.append((to, effect))
        if isinstance(effect, say.BoardPost):
            self.boards.arrive(site, to, effect, now)
        is_new = not (isinstance(effect, say.Post) and f"{effect.post}@{to}" in site.posts)
        check_fields(effect, now)
        check_times(effect, site, now)
        check_place(effect, site)
        check_truth(effect, site, is_new=is_new)
        self._check_once(to, effect, now, is_new=is_new)
        self._check_sight(to, effect, site)
        if not isinstance(effect, answers.Answer):
            self._check_ways_out(to, effect, site, now)

    def may_hear(self, to: str, effect: say.Effect) -> None:
        """It was on its way when its sender died, or the address refused it: who knows."""
        if isinstance(effect, say.SightLost):
            self._blind.add(to)

    # --- nothing is said twice ------------------------------------------------------------

    def _check_once(self, to: str, effect: say.Effect, now: datetime, *, is_new: bool) -> None:
        key = what_is_said_once(effect, is_new=is_new)
        if key is not None:
            assert (to, *key) not in self._once, f"said twice to {to}: {effect}"
            self._once.add((to, *key))
        if isinstance(effect, say.Nudged) and effect.why is say.Nudge.WAITING:
            last = self._reminded.get((to, effect.stay))
            assert last is None or now - last >= AGAIN / 2, "reminded again so soon"
            self._reminded[to, effect.stay] = now

    def _check_sight(self, to: str, effect: say.Effect, site: Site) -> None:
        if isinstance(effect, say.SightLost):
            assert site.blind, "it isn't lost"
            self._blind.add(to)
        if isinstance(effect, say.SightBack):
            assert not site.blind, "it isn't back"
            assert to in self._blind, f"{to} never heard that it was lost"
            self._blind.discard(to)

    # --- a way out is one -----------------------------------------------------------------

    def _check_ways_out(self, to: str, effect: say.Effect, site: Site, now: datetime) -> None:
        said = words(effect, site, SlackMarkup(), to=to)
        readers = self._crowd if to.removesuffix(BOARD) in site.channels else [to]
        pressed = [parse_button(one.action, one.value) for one in said.buttons]
        assert None not in pressed, "a button of nobody's"
        wishes = [one.wish for one in pressed if one is not None]
        wishes += [parse(text, "slack:T0HQ") for text in TYPED.findall(said.text)]
        for wish in wishes:
            if wish == do.ShowHelp():  # which always helps
                continue
            replies = [step(site, do.Asked(who, wish), now).answer for who in readers]
            assert not all(map(is_dead_end, replies)), f"{said.text!r}: {wish} -> {replies}"


def is_dead_end(reply: answers.Answer | None) -> bool:
    """A refusal, but for what depends on the hour or on a choice that is still to be made."""
    if isinstance(reply, answers.NotUnderstood | answers.Help):
        return True
    later = (answers.Refusal.CLOSED, answers.Refusal.TOO_SOON, answers.Refusal.WHICH_PORT)
    return isinstance(reply, answers.Refused) and reply.why not in later


def what_is_said_once(effect: say.Effect, *, is_new: bool) -> tuple[object, ...] | None:
    match effect:
        case say.Called(turn=turn):
            return "called", turn
        case say.IsItYou(stay=stay):
            return "is it you", stay
        case say.SightLost(since):
            return "sight", since
        case say.PortPost(post) | say.PleaseMove(post) if is_new:
            return "post", post
        case _:
            return None


def check_fields(effect: say.Effect, now: datetime) -> None:
    for name in ("deadline", "free_at"):
        at = getattr(effect, name, None)
        assert at is None or at >= now, f"{name} is past: {effect}"


def check_times(effect: say.Effect, site: Site, now: datetime) -> None:
    """The words name no time of today that is past (the site's clock is UTC)."""
    if isinstance(effect, say.Nudged) and effect.why is not say.Nudge.NOTICE:
        return  # "your time is up" is of the past
    if isinstance(effect, say.Promised) and effect.news is say.PromiseNews.BROKEN:
        return  # "I promised you …, and couldn't keep it", too
    for hour, minute in AHEAD.findall(words(effect, site, SlackMarkup()).text):
        at = now.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
        far = at < now - timedelta(hours=12)  # of tomorrow, which the words needn't say at night
        assert far or at >= now - timedelta(minutes=1), f"{hour}:{minute} is past: {effect}"


def check_place(effect: say.Effect, site: Site) -> None:
    """A number in line is the number of those before, called ones not counted."""
    place, driver = getattr(effect, "place", None), getattr(effect, "driver", None)
    if not place or driver is None:
        return
    before = 0
    for entry in site.queue:
        if entry.driver == driver:
            break
        before += entry.turn is None
    else:
        raise AssertionError(f"{driver} is not in line: {effect}")
    if isinstance(effect, answers.Added | answers.YourPlace | answers.Resumed) and effect.port:
        holder = next(entry for entry in site.queue if entry.driver == driver)
        assert holder.turn is not None
        assert holder.turn.port == effect.port
        return
    assert place == before + 1, f"number {before + 1}: {effect}"


def check_truth(effect: say.Effect, site: Site, *, is_new: bool) -> None:
    turns = {entry.turn.id: entry for entry in site.queue if entry.turn}
    match effect:
        case say.Called(driver, turn=turn):
            assert turn in turns, "the turn is over"
            assert turns[turn].driver == driver
        case say.NextUp(driver):
            waiting = [entry.driver for entry in site.queue if entry.is_waiting]
            assert waiting[:1] == [driver], "somebody else is next"
        case say.PluggedIn(driver, port):
            stay = site.ports[port].stay
            assert stay is not None
            assert stay.driver == driver, "no longer there"
        case say.Lapsed(driver):
            assert any(one.driver == driver and one.is_suspended for one in site.queue)
        case say.PortPost(post, port) if is_new or post in {
            one.post
            for one in site.ports.values()
            if not one.freed  # or that car is gone
        }:
            assert site.ports[port].post == post, "a post about a stretch that is over"
            check_post(effect, site)
        case say.Nudged(driver, port, stay):
            there = site.ports[port].stay
            assert there is not None
            assert (there.id, there.driver) == (stay, driver), "the car is gone"


def check_post(post: say.PortPost, site: Site) -> None:
    """What a channel reads of a port, newly or put right, is how it is."""
    port = site.ports[post.port]
    holder = next((one for one in site.queue if one.turn and one.turn.port == port.id), None)
    match post.news:
        case say.News.FREE:
            assert port.stay is None or port.status is not Status.INUSE
            assert holder is None, "somebody is called"
        case say.News.CALLED | say.News.COMING:
            assert holder is not None, "nobody is called"
            assert holder.driver == post.driver
        case say.News.CHARGING:
            assert port.stay is not None, "no car is there"
            assert port.stay.driver == post.driver
