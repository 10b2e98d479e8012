"""Policies side by side: the people, what is counted, and what the table says."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from practice.__main__ import main, parser
from practice.replay import measures
from practice.replay.cast import MIX, Wants, assigned, commuters
from practice.replay.compare import IDEALS, Trial, one
from practice.replay.policies import POLICIES
from practice.replay.sessions import Session, Sessions
from practice.replay.workdays import LEAST_POWER, Result, Told, Ways, power_share, work_days
from tests.fakes import MONDAY
from tests.practice.replay.test_replay import file_of, row

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
EIGHT = datetime(2015, 10, 1, 8)  # noqa: DTZ001 — on the clock of the place
FOUND = Sessions(
    tuple(
        Session(str(user), EIGHT + 13 * user * MINUTE, 2 * HOUR, None, 4.0) for user in range(12)
    ),
    0,
)
EVERYBODY = Ways(heed=1.0, miss=0.0)
TRIAL = Trial(FOUND, 3, 2, 12, 1, EVERYBODY, Wants())


def run(name: str, **more: object) -> measures.Measured:
    return one(replace(TRIAL, **more), name, lambda *_: None)  # type: ignore[arg-type]  # of a Trial


def met(measured: measures.Measured) -> int:
    return sum(result.is_met for result in measured.results)


class TestPeople:
    """Who comes, and what they need."""

    def test_the_same_under_every_policy(self) -> None:
        """The seed decides who comes when, how much they need, and when they go home."""
        first, second = (commuters(FOUND, 4, 10, 7, Wants(None)) for _ in range(2))
        assert [person.visits for person in first] == [person.visits for person in second]
        shares = {
            round(visit.need_kwh / visit.fill_kwh, 2)
            for person in first
            for visit in work_days(person)
        }
        assert shares == set(MIX)

    def test_one_visit_a_day(self) -> None:
        """A user is the same driver each day; who comes twice a day is two drivers; those who
        are too many stay away.
        """
        usual: dict[str, int] = {}
        twice = [*FOUND.sessions[:3], FOUND.sessions[0]]
        monday = dict(assigned(twice, 5, usual, "a"))
        tuesday = dict(assigned(twice, 5, usual, "b"))
        assert len(set(monday.values())) == 4
        assert [monday[place] for place in (1, 2)] == [tuesday[place] for place in (1, 2)]
        assert len(assigned(FOUND.sessions, 5, {}, "c")) == 5

    def test_days_come_again(self) -> None:
        """So many different days, then the same people with other dice."""
        people = commuters(FOUND, 3, 12, 1, Wants(different=1))
        first, again, _ = work_days(people[0])
        assert first.arrives.time() == again.arrives.time()
        assert first.leaves.time() != again.leaves.time()

    def test_a_day_s_order(self) -> None:
        """They need no more than the car takes, by no later than they go home."""
        for person in commuters(FOUND, 10, 12, 1, Wants()):
            for visit in work_days(person):
                assert visit.arrives < visit.by <= visit.leaves
                assert visit.home < visit.leaves
                assert visit.need_kwh == pytest.approx(0.4 * visit.fill_kwh)

    def test_power_falls_at_the_end(self) -> None:
        """All of it at first, then evenly less over the last of a fill."""
        assert [power_share(filled) for filled in (0.0, 0.5, 0.84)] == [1.0] * 3
        late = [power_share(filled) for filled in (0.85, 0.9, 0.95, 0.99)]
        assert late == sorted(late, reverse=True)
        assert late[-1] > LEAST_POWER


class TestPolicies:
    """Small days on which it is plain what must come out."""

    @pytest.mark.parametrize("name", [*POLICIES, *IDEALS])
    def test_everybody_is_accounted_for(self, name: str) -> None:
        """Each visit ends, once, and nothing disagrees."""
        measured = run(name)
        assert len(measured.results) == 36
        assert all(result.left_at is not None for result in measured.results)
        assert measured.broken == measured.failed == []
        assert (measured.checks > 0) is (name in POLICIES and POLICIES[name].policy is not None)

    def test_the_ideal_is_the_roof(self) -> None:
        """No policy does better than cars that change places by themselves."""
        roof = met(run("all"))
        assert all(met(run(name)) <= roof for name in POLICIES)
        assert met(run("ideal")) <= roof

    def test_who_never_reacts(self) -> None:
        """With people who never react, a car stays until its driver goes home."""
        measured = run("today", ways=Ways(heed=0.0))
        assert not any(result.moved for result in measured.results)

    def test_a_shorter_limit(self) -> None:
        """With people who do react, a shorter limit puts more cars on the ports."""
        longer, shorter = run("today", days=6), run("limit 90", days=6)
        assert measures.plugged(shorter) > measures.plugged(longer)

    def test_enough_ports(self) -> None:
        """Where nobody has to wait, everybody gets what they need."""
        for name in ("nobody", "today"):
            measured = run(name, ports=12, wants=Wants(0.2))
            assert met(measured) == measures.plugged(measured) == 36

    def test_ghosts_and_caps(self) -> None:
        """Who stands in line and is gone, and a building that gives less at noon, confuse nobody."""
        measured = run("today", ways=replace(EVERYBODY, ghosts=0.3, cap_noon=True, overstay=0.2))
        assert measured.broken == []
        assert len(measured.results) == 36


class TestMeasures:
    """What is counted."""

    @staticmethod
    def result(day: int, driver: str = "ana", **more: object) -> Result:
        return replace(Result(day, driver, MONDAY, 5.0, MONDAY + 2 * HOUR), **more)  # type: ignore[arg-type]  # any of its fields

    def test_met_in_time(self) -> None:
        """By the asked time, not after it."""
        assert self.result(0, met_at=MONDAY + 2 * HOUR).is_met
        assert not self.result(0, met_at=MONDAY + 2 * HOUR + MINUTE).is_met
        assert not self.result(0).is_met

    def test_two_visits_running(self) -> None:
        """In vain after a visit in vain; another driver's doesn't count."""
        results = [
            self.result(0), self.result(1), self.result(2, plugged_at=MONDAY), self.result(3),
            self.result(1, "bob"),
        ]  # fmt: skip
        assert measures.twice(measures.Measured("x", results)) == 1

    def test_told_times(self) -> None:
        """Called within twenty minutes is true; who never was after that counts, too."""
        told = Told(MONDAY, MONDAY + HOUR)
        results = [
            self.result(0, told=[told], called=[MONDAY - HOUR, MONDAY + HOUR + 20 * MINUTE]),
            self.result(0, told=[told], called=[MONDAY + 2 * HOUR]),
            self.result(0, told=[told], called=[MONDAY - HOUR]),
        ]
        measured = measures.Measured("x", results, checks=1)
        assert (measures.near(measured), measures.never(measured)) == ("33 %", "33 %")
        assert measures.off_by(measured) == "40, 56"

    def test_intervals(self) -> None:
        """They hold the figure, are narrow where days are alike, and come out the same again."""
        ours, theirs = [10.0, 12.0] * 50, [8.0, 9.0] * 50
        assert measures.ratio(ours, theirs, 1) == measures.ratio(ours, theirs, 1)
        assert measures.ratio(ours, theirs, 1).startswith("×1.29 (1.2")
        assert measures.gap(ours, theirs, [12.0, 15.0] * 50, 1) == "50 % (50–50)"
        assert measures.mean([3.0] * 10) == "3.0 ±0.0"


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A table with a column a policy, and a file with a line a policy and day."""
    rows = [
        row(str(user), f"0015-10-0{day} 08:{10 + user}:00", f"0015-10-0{day} 11:00:00")
        for day in (1, 2)
        for user in range(6)
    ]
    file, out = str(file_of(tmp_path, *rows)), tmp_path / "out.csv"
    drawn = tmp_path / "out.svg"
    words = (
        f"--compare --days 2 --ports 2 --policies nobody,today,ideal --csv {out} --picture {drawn}"
    )
    assert main(["replay", file, *words.split()]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[1].split() == ["nobody", "today", "ideal"]
    assert "needs met a day" in said
    with out.open(encoding="utf-8", newline="") as lines:
        table = list(csv.DictReader(lines))
    assert [(line["policy"], line["day"]) for line in table[:3]] == [("nobody", "1"), ("nobody", "2"), ("today", "1")]  # fmt: skip
    assert {line["arrivals"] for line in table} == {"6"}
    svg = ET.fromstring(drawn.read_text(encoding="utf-8"))
    assert "nobody" in str(svg.findtext("{http://www.w3.org/2000/svg}desc"))


def test_a_place_that_can_t_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is named, after the table."""
    file = file_of(tmp_path, row("1", "0015-10-01 08:00:00", "0015-10-01 09:00:00"))
    words = [
        "--compare",
        "--policies",
        "ideal",
        "--days",
        "1",
        "--csv",
        str(tmp_path / "no" / "x"),
    ]
    assert main(["replay", str(file), *words]) == 1
    assert "can't write" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("--policies nobody,mine", "no policy 'mine', but: nobody"),
        ("--off 99", "no rule 99 to switch off, but: "),
    ],
)
def test_names_that_are_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: str, why: str
) -> None:
    """They are named, and so are those that there are."""
    file = file_of(tmp_path, row("1", "0015-10-01 08:00:00", "0015-10-01 09:00:00"))
    assert main(["replay", str(file), "--compare", *words.split()]) == 1
    assert why in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    ["--need-share 2", "--energy 0", "--zone Nowhere", "--shift-hours 99", "--columns x=y", "--say x"],
)  # fmt: skip
def test_options_are_checked(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A value out of range is refused by name, with exit code 2."""
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(["replay", "x.csv", *words.split()])
    assert ended.value.code == 2
    assert words.split(maxsplit=1)[0] in capsys.readouterr().err
