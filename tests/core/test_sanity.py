"""A site whose saved values no rule would have made: its own trouble, and no other site's."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from bot.listener.run import Pump
from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.text.wording import words
from chalicelib.core import sanity
from chalicelib.core.inputs import Add, Input, Remove, ShowStatus, Suspend, Tick
from chalicelib.core.model import Site
from chalicelib.edges import Fault, NewerFormat, StoreUnavailable
from chalicelib.stores import codec
from chalicelib.values import replace
from tests.core.day import Day
from tests.fakes import ANA, BOB, CLEO, World, asked, look, site_of, world

ODD: list[Any] = [
    None, 0, -1, 10**12, 2**63, 1.5, math.nan, math.inf, "", "x", "Mars/Olympus", "\x00", True, [], {},
    [1], {"a": 1}, "2031-03-03T16:00:00", datetime(1, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, tzinfo=UTC), "P9999D", "-P1D",
]  # fmt: skip
Path = tuple[Any, ...]


@pytest.fixture(scope="module")
def busy() -> Site:
    """A site with a car, a called driver, a suspended one, and something to say."""
    day = Day(p1=BOB, p2=None)
    day.delivers = False
    day.ask(ANA, Add())
    day.ask(CLEO, Add())
    day.free("p2")
    day.ask(CLEO, Suspend(timedelta(minutes=30)))
    day.wait(minutes=2)
    return day.site


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place in it."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()  # fmt: skip
    for key, one in inner:
        yield from paths(one, (*path, key))
    yield path


def with_at(value: Any, path: Path, odd: Any) -> bytes:
    whole = [deepcopy(value)]
    at: Any = whole
    for key in (0, *path[:-1]):
        at = at[key]
    if path:
        at[path[-1]] = odd
    else:
        whole = [odd]
    return bytes([codec.FORMAT]) + zlib.compress(msgspec.msgpack.encode(whole[0]))


def odd_rows(site: Site) -> Iterator[tuple[Path, Any, bytes]]:
    plain = msgspec.msgpack.decode(zlib.decompress(codec.encode(site)[1:]))
    for path in paths(plain):
        for odd in ODD:
            yield path, odd, with_at(plain, path, odd)


def test_any_value_anywhere(busy: Site) -> None:
    """Odd values in any place: unreadable, a known trouble, or no trouble at all. What is
    neither, and yet fails, would end the process for everybody.
    """
    hall = world(busy)
    version, _, _ = hall.store.bodies["hq"]
    hall.clock.at = (busy.stepped_at or hall.clock.at) + timedelta(minutes=1)
    seen = look(hall.clock.at, p1=None, p2=ANA)
    inputs: list[Input] = [Tick(), seen, asked(ANA, Remove()), asked(BOB, ShowStatus())]
    for path, odd, body in odd_rows(hall.site()):
        if path == ("version",):
            continue  # "busy", after two seconds
        for given in inputs:
            hall.store.bodies["hq"] = (version, None, body)
            try:
                hall.concierge.handle("hq", given)
            except Fault:
                break
            except Exception as error:
                raise AssertionError(f"{path} = {odd!r}: {given}") from error


@pytest.mark.parametrize("body", ["text", None, 7, b"", b"\x02", b"\x00abc", b"\xfa", b"\x03{}"])
def test_any_body(body: Any) -> None:
    """What a row holds instead of a site is that site's trouble."""
    with pytest.raises((StoreUnavailable, NewerFormat)):
        codec.decode(body)


def test_the_others_go_on(busy: Site) -> None:
    """A pump wakes and delivers for the site beside it."""
    hall: World = world(busy)
    hall.store.put(site_of(id="aaa", timezone="Mars/Olympus", stepped_at=hall.clock.at))
    version, _, body = hall.store.bodies["aaa"]
    hall.clock.at = busy.stepped_at or hall.clock.at
    hall.store.bodies["aaa"] = (version, hall.clock.at, body)
    pump = Pump()
    pump.ring("hq")
    pump.turn(hall.concierge)
    assert hall.messenger.said(ANA)


def test_a_bug_is_a_bug(busy: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that fails on a sane site still ends the process: it would fail on any."""
    assert sanity.trouble(busy) == ""
    hall = world(busy)
    monkeypatch.setattr("chalicelib.concierge.steps.step", lambda *_: dict[str, int]()["a bug"])
    with pytest.raises(KeyError, match="a bug"):
        hall.concierge.tick("hq")


def test_words_of_every_answer(busy: Site) -> None:
    """The busy site itself can be told of."""
    outcome = world(busy).concierge.handle("hq", asked(BOB, ShowStatus()))
    assert outcome.answer is not None
    assert words(outcome.answer, outcome.site, SlackMarkup()).text


@pytest.mark.parametrize(
    ("name", "value", "is_wrong"),
    [
        ("late", sanity.LONGEST, False),
        ("late", -sanity.LONGEST, False),
        ("late", sanity.LONGEST + timedelta(seconds=1), True),
        ("confirm", timedelta(0), True),
        ("confirm", timedelta(seconds=1), False),
        ("answer", timedelta(0), False),
        ("at", datetime(2031, 3, 3, tzinfo=UTC), False),
        ("at", datetime(2031, 3, 3, tzinfo=UTC).replace(tzinfo=None), True),
        ("at", datetime(1, 1, 1, tzinfo=UTC), True),
        ("day", datetime(2031, 3, 3, tzinfo=UTC).date(), False),
        ("day", datetime(9999, 3, 3, tzinfo=UTC).date(), True),
        ("rated_kw", 0.0, True),
        ("rated_kw", math.nan, True),
        ("load_kw", 0.0, False),
        ("load_kw", math.inf, True),
        ("closed", True, False),
        ("each", (0.0, {"a": math.nan}), True),
    ],
)
def test_what_no_rule_would_make(name: str, value: object, is_wrong: bool) -> None:
    """Moments out of time, lengths that are none, numbers that are none, wherever they are."""
    assert bool(list(sanity.wrong_values(name, value))) is is_wrong


def test_a_turn_at_no_port(busy: Site) -> None:
    """It is named, so that an operator finds it."""
    assert sanity.trouble(replace(busy, ports={})) == "a turn is on a port that isn't there"
