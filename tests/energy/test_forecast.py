"""What the ports and the line will do (rule 32), as a function of plain values."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given, strategies as st

from chalicelib.energy.forecast import (
    _DRAWS,
    FUTURES,
    Ahead,
    Outlook,
    Waits,
    Wanted,
    chances,
    departures,
    futures,
    hopeless,
    outlook,
    outlooks,
)
from chalicelib.energy.pace import GONE, Pace, pace_of
from chalicelib.energy.sampler import draws
from chalicelib.values import replace

HOUR, MINUTE = 3600.0, 60.0
PACE = Pace()
PROMPT = Pace(late=(0.0,), turn=(5 * MINUTE,), unsaid=(0.0,), missed=0.0)
REACHED = Pace(missed=0.0)  # everybody comes when called
PORTS = st.lists(
    st.builds(
        Ahead,
        st.one_of(st.none(), st.floats(-3 * HOUR, 5 * HOUR)),
        st.booleans(),
        st.booleans(),
        st.one_of(st.just(inf), st.floats(-HOUR, 10 * HOUR)),
        st.one_of(st.none(), st.floats(-3 * HOUR, 5 * HOUR)),
        st.one_of(st.none(), st.floats(-HOUR, HOUR)),
    ),
    max_size=5,
)
NEEDS = st.floats(5 * MINUTE, 4 * HOUR)
LINE = st.lists(st.builds(Waits, NEEDS), min_size=1, max_size=12)
ANY_LINE = st.lists(
    st.builds(
        Waits,
        NEEDS,
        st.one_of(st.just(inf), st.floats(-HOUR, 8 * HOUR)),
        st.one_of(st.just(inf), st.floats(-HOUR, 8 * HOUR)),
        st.frozensets(st.integers(0, 4), max_size=5),
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)
LATE = st.lists(st.integers(-60, 120), max_size=40)


def line(*needs: float) -> list[Waits]:
    return [Waits(one) for one in needs]


def in_minutes(*ends: float) -> list[Ahead]:
    return [Ahead(end * MINUTE) for end in ends]


class TestRule32Forecast:
    def test_a_time(self) -> None:
        """Where people leave in time, the first in line has the first port, the second the next."""
        ports = in_minutes(30, 50)
        assert outlook(0, ports, line(HOUR), PROMPT, 8 * HOUR).at == 30 * MINUTE
        assert outlook(1, ports, line(HOUR, HOUR), PROMPT, 8 * HOUR).at == 50 * MINUTE

    def test_an_outlook_further_back(self) -> None:
        """Who waits for a port to turn over twice hears the earliest, and no time."""
        third = outlook(2, in_minutes(30, 50), line(HOUR, HOUR, HOUR), PROMPT, 8 * HOUR)
        assert third.at is None
        assert third.not_before is not None
        assert 50 * MINUTE < third.not_before <= 95 * MINUTE

    def test_hardly(self) -> None:
        """The last of a long line hears early that it will hardly be today."""
        assert outlook(29, in_minutes(30, 50), line(*[2 * HOUR] * 30), PACE, 8 * HOUR).hardly

    def test_behind_a_car_past_its_end(self) -> None:
        """No time behind it; who waits for the port after that has one."""
        ports = in_minutes(-10, 40)
        assert outlook(0, ports, line(HOUR), PACE, 8 * HOUR) == Outlook()
        prompt = Pace(late=(0.0, 11 * MINUTE), turn=(5 * MINUTE,), missed=0.0)
        later = outlook(1, ports, line(HOUR, HOUR), prompt, 8 * HOUR).at
        assert later is not None
        assert later >= 40 * MINUTE

    def test_gone_for_the_day(self) -> None:
        """Twenty minutes past the end without a word: the port counts no more today."""
        assert set(departures(Ahead(-GONE), PACE.firm())) == {inf}
        assert min(departures(Ahead(-GONE), PACE)) > 0
        assert max(departures(Ahead(-25 * MINUTE, said=True), PACE)) < 11 * MINUTE
        assert outlook(0, in_minutes(-25), line(HOUR), PACE, 8 * HOUR) == Outlook()

    def test_nothing_to_see(self) -> None:
        """No time without sight."""
        assert outlook(0, [Ahead(None)], line(HOUR), PACE, 8 * HOUR) == Outlook()
        assert outlook(0, [], line(HOUR), PACE, 8 * HOUR) == Outlook()

    @given(PORTS, ANY_LINE, LATE, LATE)
    def test_lawful(
        self, ports: list[Ahead], people: list[Waits], late: list[int], turn: list[int]
    ) -> None:
        """Never in the past, at most one thing said, the same each time it is asked for."""
        pace = pace_of(late, [abs(one) for one in turn], turn, [one % 2 for one in late])
        place = len(people) - 1
        told = outlook(place, ports, people, pace, 10 * HOUR)
        assert told == outlook(place, list(ports), list(people), pace, 10 * HOUR)
        assert sum((told.at is not None, told.not_before is not None, told.hardly)) <= 1
        assert (told.at or 0) >= 0
        assert (told.not_before or 0) >= 0

    @given(PORTS, LINE)
    def test_nobody_is_called_before_who_is_ahead(
        self, ports: list[Ahead], people: list[Waits]
    ) -> None:
        """In each future the calls are in the order of the line."""
        for called in futures(ports, people, PACE, 10 * HOUR):
            assert called == sorted(called)
            assert len(called) == len(people)

    @given(PORTS, LINE, st.floats(0, 10 * HOUR), st.floats(0, 2 * HOUR))
    def test_more_time_is_never_worse(
        self, ports: list[Ahead], people: list[Waits], by: float, more: float
    ) -> None:
        """A later time is kept at least as often."""
        place = len(people) - 1
        one = chances([Wanted(place, by, HOUR)], ports, people, PACE)[0]
        other = chances([Wanted(place, by + more, HOUR)], ports, people, PACE)[0]
        assert 0 <= one <= other <= 1

    @given(PORTS, ANY_LINE, LATE, st.floats(0, 10 * HOUR))
    def test_hopeless(
        self, ports: list[Ahead], people: list[Waits], late: list[int], until: float
    ) -> None:
        """Who will hardly be called is told so by the outlook; nobody has a time besides."""
        pace = pace_of(late, [], late, [one % 2 for one in late])
        told = outlooks(ports, people, pace, until)
        found = hopeless(ports, people, pace, until)
        assert [place for place, one in enumerate(told) if one.hardly] == [
            place for place in found if told[place].at is None
        ]

    def test_who_has_no_use_for_it_any_more(self) -> None:
        """Who can't have their need by then any more takes no port: the next one does."""
        ports = in_minutes(60)
        ahead = [Waits(HOUR, latest=30 * MINUTE), Waits(HOUR)]
        assert outlook(1, ports, ahead, PROMPT, 8 * HOUR).not_before == HOUR
        later = outlook(1, ports, line(HOUR, HOUR), PROMPT, 8 * HOUR).not_before
        assert later is not None
        assert later > HOUR
        assert outlook(0, ports, ahead, PROMPT, 8 * HOUR).at is None

    def test_a_port_that_a_car_cannot_use(self) -> None:
        """Who can't use the first port hears of the second; who comes after has the first."""
        ports = in_minutes(30, 50)
        barred = [Waits(HOUR, barred=frozenset({0})), Waits(HOUR)]
        assert outlook(0, ports, barred, PROMPT, 8 * HOUR).at == 50 * MINUTE
        assert outlook(1, ports, barred, PROMPT, 8 * HOUR).at == 30 * MINUTE
        nowhere = [Waits(HOUR, barred=frozenset({0, 1}))]
        assert outlook(0, ports, nowhere, PROMPT, 8 * HOUR).hardly

    def test_who_may_be_passed(self) -> None:
        """No time where somebody who comes later may be called before."""
        told = outlook(0, in_minutes(30), [Waits(HOUR, passable=True)], PROMPT, 8 * HOUR)
        assert told == Outlook(not_before=30 * MINUTE)

    def test_who_said_nothing(self) -> None:
        """Where such people go at any time there is an earliest; where they stay as long as they
        may, or as long as usual, there is a time.
        """
        silent = [Ahead(150 * MINUTE, guess=150 * MINUTE)]
        at_any_time = outlook(0, silent, line(HOUR), PACE, 10 * HOUR)
        assert at_any_time.at is None
        assert at_any_time.not_before is not None
        assert at_any_time.not_before <= 30 * MINUTE
        assert outlook(0, silent, line(HOUR), PROMPT, 10 * HOUR).at == 150 * MINUTE
        usual = [Ahead(150 * MINUTE, guess=40 * MINUTE)]
        assert outlook(0, usual, line(HOUR), PROMPT, 10 * HOUR).at == 40 * MINUTE

    def test_who_said_nothing_and_stays_longer_than_anybody(self) -> None:
        """Then only the end is left to go by."""
        late = Ahead(30 * MINUTE, guess=-90 * MINUTE)
        assert departures(late, PROMPT) == (30 * MINUTE,)

    def test_a_call_that_may_be_missed(self) -> None:
        """Behind somebody who hasn't answered yet there is a time only where people do come."""
        held = [Ahead(100 * MINUTE, lapses=15 * MINUTE)]
        often = replace(PROMPT, missed=0.4)
        assert outlook(0, held, line(HOUR), PROMPT, 10 * HOUR).at == 100 * MINUTE
        assert outlook(0, held, line(HOUR), often, 10 * HOUR).at is None
        coming = [Ahead(100 * MINUTE)]
        assert outlook(0, coming, line(HOUR), often, 10 * HOUR).at == 100 * MINUTE

    def test_how_many_calls_are_missed(self) -> None:
        """The site's own calls count more and more; more than half is never assumed."""
        assert pace_of([], []).missed == pytest.approx(0.1)
        assert pace_of([], [], calls=[0] * 40).missed < 0.03
        assert pace_of([], [], calls=[1] * 40).missed == 0.5


class TestRule33Chance:
    @given(PORTS, LINE, st.lists(st.floats(-HOUR, 12 * HOUR), min_size=12, max_size=12))
    def test_of_several_at_once(
        self, ports: list[Ahead], people: list[Waits], latest: list[float]
    ) -> None:
        """One set of futures for the whole line says the same as all of them for each, but for
        who'd have theirs only where others miss their calls.
        """
        ports = [replace(one, lapses=None) for one in ports]
        asked = [Wanted(place, latest[place] + HOUR, HOUR) for place in range(len(people))]
        rows = list(
            zip(draws(FUTURES, _DRAWS), futures(ports, people, REACHED.firm(), inf), strict=True)
        )
        for one, odds in zip(asked, chances(asked, ports, people, REACHED), strict=True):
            column = (len(ports) + 2 * one.place + 1) % _DRAWS
            kept = sum(
                called[one.place] + PACE.turn[int(row[column] * len(PACE.turn))]
                <= one.by - one.needs
                for row, called in rows
            )
            assert odds == kept / FUTURES

    def test_sure_and_hopeless(self) -> None:
        """A free port and an hour for half an hour's need is sure; less time than it takes isn't."""
        free = [Ahead(0.0, free=True)]
        assert chances([Wanted(0, HOUR, HOUR / 2)], free, line(HOUR), PACE)[0] == 1
        assert chances([Wanted(0, HOUR, 2 * HOUR)], free, line(HOUR), PACE)[0] == 0

    def test_one_in_five_people(self) -> None:
        """Behind a single car nothing is sure while some here stay for the day."""
        assert chances([Wanted(0, 8 * HOUR, HOUR)], in_minutes(30), line(HOUR), PACE)[0] < 0.95


class TestSampler:
    def test_even(self) -> None:
        """Each column of draws is spread evenly, and the same in every process."""
        table = draws(FUTURES, 8)
        for column in zip(*table, strict=True):
            assert sorted(column) == [(n + 0.5) / FUTURES for n in range(FUTURES)]
        assert [round(one, 3) for one in table[0][:3]] == FIRST_DRAWS


FIRST_DRAWS = [0.005, 0.195, 0.745]
