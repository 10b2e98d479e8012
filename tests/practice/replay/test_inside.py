"""One process plays a day as the real ones do."""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from practice.common.posts import NoSuchButton, NoSuchMessage, Post
from practice.replay.behaviour import Crowd, Manners, Person
from practice.replay.days import EARLY, POLL, Days
from practice.replay.inside import Inside
from practice.replay.replay import cast, perform
from practice.replay.sessions import Session

CLOCK = re.compile(r"\b\d\d:\d\d\b")
MINUTES = re.compile(r"\b\d+ minutes\b")
BEGIN = datetime(2015, 10, 1, 8)  # noqa: DTZ001 — on the clock of the place
MINUTE = timedelta(minutes=1)
BUSY = [
    Session(str(user), BEGIN + 11 * user * MINUTE, (50 + 17 * (user % 3)) * MINUTE)
    for user in range(7)
]
MANNERS = Manners(overstay=0.3, miss=0.2, heed=0.5)


def inside(people: list[Person], ports: int = 2, manners: Manners = MANNERS) -> tuple[Days, list[Post]]:  # fmt: skip
    """The run, and all that was shown."""
    first = min(person.visit.arrives for person in people if person.visits)
    here = Inside(first - EARLY, ports, POLL)
    days = Days(here, Crowd(here, people, manners))
    posts: list[Post] = []
    take_in: Callable[[Post], None] = here.slack.heard

    def hear(post: Post) -> None:
        posts.append(post)
        take_in(post)

    here.slack.heard = hear
    days.run()
    return days, posts


def story(posts: list[Post]) -> list[tuple[str, str]]:
    """Who was told what, but for the seconds: times of day and lengths may differ by one."""
    said = [post for post in posts if post["by"] == "bot" and not post["deleted"]]
    return sorted((p["to"], MINUTES.sub("N minutes", CLOCK.sub("HH:MM", p["text"]))) for p in said)


def calls(posts: list[Post]) -> list[str]:
    """Who was called where, in order."""
    return [
        f"{post['to']}: {found[1]}"
        for post in posts
        if not post["edited"] and (found := re.search(r"plug in at (port \d+)", post["text"]))
    ]


@pytest.mark.timeout(900)
def test_the_same_day_as_the_real_processes() -> None:
    """The same calls in the same order, the same cars on the ports, the same words."""
    days, posts = inside(cast([BUSY], 9, 1))
    ours = days.crowd.tally
    for rate in (400, 150, 80):  # where the machine is busy the real ones are late: then slower
        play, warnings = perform(
            Namespace(ports=2, rate=rate, store=""), cast([BUSY], 9, 1), MANNERS
        )
        real: list[dict[str, Any]] = play._here.slack.workspace.feed.after(0)
        if story(posts) == story(real):
            break
    theirs = play.crowd.tally
    assert warnings == []
    assert calls(posts) == calls(real)
    assert len(calls(posts)) >= 5
    assert (ours.charged, ours.missed, ours.heeded) == (
        theirs.charged,
        theirs.missed,
        theirs.heeded,
    )
    assert story(posts) == story(real)
    assert days.agreement.broken == play.agreement.broken == []


def test_the_same_seed_the_same_day() -> None:
    """Nothing depends on what this machine is about."""
    first, second = (inside(cast([BUSY], 9, 4))[1] for _ in range(2))
    assert [(p["at"], p["to"], p["text"]) for p in first] == [
        (p["at"], p["to"], p["text"]) for p in second
    ]


def test_nights_and_weekends() -> None:
    """Six days on end: everybody goes home, and nothing disagrees."""
    days, _ = inside(cast([BUSY] * 6, 9, 2))
    assert days.crowd.tally.arrivals == 42
    assert days.agreement.broken == []
    assert days.lost_sight == 0
    assert days.agreement.checks > 3000


def test_buttons_that_are_gone() -> None:
    """A button is pressed on the message as it stands now, by who sees it."""
    here = Inside(BEGIN.astimezone(), 1, POLL)
    here.slack.heard = lambda _post: None
    here.look()
    answer = here.slack.say("ana", "/ev nonsense")
    with pytest.raises(NoSuchButton):
        here.slack.press("ana", answer["n"], "moving")
    with pytest.raises(NoSuchMessage):
        here.slack.press("bob", answer["n"], "moving")
