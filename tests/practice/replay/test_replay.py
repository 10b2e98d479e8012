"""Real days through the car park: reading them, playing them, and noticing what is wrong."""

from __future__ import annotations

from collections import deque
from dataclasses import replace as ordinary
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast as as_type

import pytest

from chalicelib.core.draft import Draft
from chalicelib.core.model import Entry, Port, Site, Status, Stay, Turn
from chalicelib.core.rules.charging import new_ladder
from chalicelib.values import replace
from practice.__main__ import main, parser
from practice.carpark import CarPark
from practice.common.people import BY_NAME, make_ports
from practice.replay.agreement import Agreement
from practice.replay.behaviour import Crowd, Doing, Manners, Person
from practice.replay.days import at, is_day, morning_after
from practice.replay.replay import cast
from practice.replay.sessions import Session
from practice.replay.tally import Tally, wait_words
from practice.world import World, address
from tests.fakes import FakeClock

COLUMNS = (
    "sessionId,kwhTotal,dollars,created,ended,startTime,endTime,chargeTimeHrs,weekday,platform,"
    "distance,userId,stationId,locationId,managerVehicle,facilityType,Mon,Tues,Wed,Thurs,Fri,Sat,"
    "Sun,reportedZip"
)
MINUTE = timedelta(minutes=1)


def row(user: str, created: str, ended: str) -> str:
    """A line with the columns of the data set; only three of them matter."""
    return f"1,6.5,0,{created},{ended},12,14,2.0,Thu,ios,NA,{user},7,8,0,3,0,0,0,1,0,0,0,0"


def file_of(folder: Path, *rows: str, columns: str = COLUMNS) -> Path:
    file = folder / "sessions.csv"
    file.write_text("\n".join((columns, *rows)) + "\n", encoding="utf-8")
    return file


MORNING = [
    Session(str(user), datetime(2015, 10, 1, 8, user), timedelta(hours=2))  # noqa: DTZ001 — naive
    for user in range(5)
]


class TestCast:
    """Who plays whom."""

    def test_by_the_seed(self) -> None:
        """The same seed gives the same people the same visits; each visit is given once."""
        one, other = (cast([MORNING], 3, 7) for _ in range(2))
        assert [p.visits for p in one] == [p.visits for p in other]
        arrivals = sorted(visit.arrives for person in one for visit in person.visits)
        assert arrivals == [at(0, session.begins.time()) for session in MORNING]

    def test_one_user_is_one_driver(self) -> None:
        """Two sessions of a user are the same driver's, one after the other."""
        twice = [MORNING[0], ordinary(MORNING[0], begins=MORNING[4].begins)]
        visits = [person.visits for person in cast([twice], 3, 1) if person.visits]
        assert [len(each) for each in visits] == [2]
        assert visits[0][0].arrives < visits[0][1].arrives

    def test_working_days(self) -> None:
        """The sixth day is the Monday after."""
        eight = datetime(2026, 3, 2, 8).time()  # noqa: DTZ001 — a time of day
        assert [at(day, eight).strftime("%a %d") for day in (0, 4, 5)] == ["Mon 02", "Fri 06", "Mon 09"]  # fmt: skip

    def test_nights(self) -> None:
        """A night leads to the next working morning, over a weekend too."""
        friday, early = at(4, datetime(2026, 3, 2, 21).time()), at(1, datetime(2026, 3, 2, 3).time())  # noqa: DTZ001 — times of day  # fmt: skip
        assert not is_day(friday)
        assert morning_after(friday).strftime("%a %H:%M") == "Mon 05:30"
        assert morning_after(early).strftime("%a %H:%M") == "Tue 05:30"


class TestTally:
    def test_waits(self) -> None:
        """Median and p90 in minutes; nobody is a word."""
        assert wait_words([]) == "nobody waited"
        assert wait_words([10 * MINUTE]) == "median 10 min, p90 10 min, longest 10 min"
        assert wait_words([n * MINUTE for n in range(11)]) == "median 5 min, p90 9 min, longest 10 min"  # fmt: skip

    def test_port_use(self) -> None:
        """Hours outside 07:00 to 19:00 don't count."""
        tally = Tally()
        tally.used(at(0, datetime(2026, 3, 2, 6).time()), at(0, datetime(2026, 3, 2, 8).time()))  # noqa: DTZ001 — times of day  # fmt: skip
        tally.used(at(0, datetime(2026, 3, 2, 18).time()), at(1, datetime(2026, 3, 2, 8).time()))  # noqa: DTZ001 — times of day  # fmt: skip
        assert tally.in_use == timedelta(hours=2)


@pytest.mark.parametrize(
    "words",
    ["--ports 0", "--drivers 99", "--days x", "--miss 2", "--rate 0", "--heed -1"],
)
def test_options_are_checked(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A number out of range is refused by name, with exit code 2."""
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(["replay", "x.csv", *words.split()])
    assert ended.value.code == 2
    assert words.split(maxsplit=1)[0] in capsys.readouterr().err


# --- noticing what is wrong ---------------------------------------------------------------


ANA, BOB = BY_NAME["ana"], BY_NAME["bob"]
PORT = "1:900001/1"
NOON = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)  # at the car park


class Place:
    """Of a world, what the checks look at."""

    def __init__(self) -> None:
        self.clock = FakeClock(NOON)
        self.carpark = CarPark(self.clock, make_ports(1))


class Watched:
    """Ana, one port, and the checks that look at both every minute."""

    def __init__(self) -> None:
        self.place = Place()
        self.ana = Person(ANA, deque())
        here = as_type(World, self.place)
        self.checks = Agreement(here, Crowd(here, [self.ana], Manners()), MINUTE)
        self.site = Site("hq", "HQ", timezone="America/Los_Angeles", ports={PORT: Port(PORT, "1", Status.AVAILABLE)})  # fmt: skip

    def stand(self, **turn: object) -> None:
        """Ana is in line, by her own account and by the notes."""
        self.ana.doing = Doing.WAITING
        entry = Entry(address(ANA), NOON)
        if turn:
            entry = entry.called(Turn(7, PORT, NOON, **turn))  # type: ignore[arg-type]  # of a Turn
        self.site = replace(self.site, queue=(entry,))

    def park(self, *, seen: bool) -> None:
        """Ana's car is on the port."""
        self.place.carpark.plug("1:900001", "1", ANA)
        self.ana.doing = Doing.CHARGING
        if seen:
            stay = Stay(1, NOON, new_ladder(Draft(self.site, NOON), NOON), address(ANA))
            port = replace(self.site.ports[PORT], status=Status.INUSE, stay=stay)
            self.site = replace(self.site, ports={PORT: port})

    def say(self, text: str, to: str = "channel", edited: int | None = None) -> None:
        at = self.place.clock.now().isoformat()
        self.checks.hear({"n": 1, "to": to, "text": text, "blocks": [], "at": at, "by": "bot", "edited": edited})  # fmt: skip

    def after(self, minutes: int) -> list[str]:
        """What is broken after so many minutes with a look each."""
        for _ in range(minutes):
            self.place.clock.advance(seconds=60)
            self.site = replace(self.site, looked_at=self.place.clock.now())
            self.checks.check(self.site)
        return self.checks.broken


@pytest.fixture
def watched() -> Watched:
    return Watched()


class TestAgreement:
    """A disagreement counts when it lasts, and once."""

    def test_all_is_well(self, watched: Watched) -> None:
        """A car that the notes know, and the channel too."""
        watched.park(seen=True)
        watched.say("Port 1: Ana is charging.")
        assert watched.after(10) == []

    def test_an_unseen_car(self, watched: Watched) -> None:
        """The notes may be behind by some looks, not by more; it is told once."""
        watched.park(seen=False)
        assert watched.after(3) == []
        (broken,) = watched.after(7)
        assert "1:900001/1 has ana on it, the notes say None" in broken

    def test_in_line_and_charging(self, watched: Watched) -> None:
        """A driver who plugged in leaves the line."""
        watched.stand()
        watched.park(seen=True)
        assert any("ana is charging, and in line" in what for what in watched.after(10))

    def test_lost_from_the_line(self, watched: Watched) -> None:
        """Who waits is in line."""
        watched.ana.doing = Doing.WAITING
        assert any("ana is waiting, and not in line" in what for what in watched.after(10))

    def test_a_free_port(self, watched: Watched) -> None:
        """No port stands free while somebody waits."""
        watched.stand()
        assert any("1:900001/1 stands free" in what for what in watched.after(10))

    def test_a_call_that_was_not_sent(self, watched: Watched) -> None:
        """The notes say that Ana was told of her turn; she has no such message: at once."""
        watched.stand(told_at=NOON)
        assert any("was sent nothing" in what for what in watched.after(1))

    def test_a_call_that_waits(self, watched: Watched) -> None:
        """A call that is never sent counts, too."""
        watched.stand(coming=False)
        assert any("and not told" in what for what in watched.after(10))

    def test_two_calls_to_one_port(self, watched: Watched) -> None:
        """Never more than one call per port, not for a moment."""
        watched.stand(coming=False)
        (entry,) = watched.site.queue
        watched.site = replace(watched.site, queue=(entry, replace(entry, driver=address(BOB))))
        assert any("is 2 drivers' turn" in what for what in watched.after(1))

    @pytest.mark.parametrize(
        "text",
        ["Port 1 is free.", "Port 1 is free: Bob is on the way.", "Port 1: Bob is charging."],
    )
    def test_the_last_word(self, watched: Watched, text: str) -> None:
        """What the channel heard last of a port is true."""
        watched.park(seen=True)
        watched.say(text)
        assert any(
            "port 1 is charging ana, the channel says" in what for what in watched.after(10)
        )
        watched.say("Port 1: Ana is charging.", edited=1)
        assert len(watched.after(10)) == 1

    def test_lags(self, watched: Watched) -> None:
        """From a car that goes to the channel's knowing it, in site time."""
        watched.park(seen=True)
        watched.after(1)
        watched.place.carpark.unplug("1:900001", "1")
        watched.checks.check(watched.site)
        watched.place.clock.advance(seconds=75)
        watched.say("Port 1 is free.")
        lags = watched.checks._crowd.tally.lags
        assert lags["a car gone to told in the channel"] == timedelta(seconds=75)


# --- for real -----------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["", "--inside"])
def test_a_morning(where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Invented sessions through the real process: all charge, the line is used, all agrees."""
    rows = [
        row(str(user), f"0015-10-01 12:{user:02}:00", f"0015-10-01 12:{15 + 2 * user:02}:00")
        for user in range(1, 7)
    ]
    words = "--ports 2 --drivers 5 --days 1 --rate 800 --miss 0.2 --walk-up 0.2 --overstay 0.1"
    code = main(["replay", str(file_of(tmp_path, *rows)), *words.split(), *where.split()])
    said = capsys.readouterr()
    assert code == 0, said
    table = dict(line.split("  ", 1) for line in said.out.splitlines() if "  " in line)
    assert table["arrivals"].strip() == "6"
    assert table["charged"].strip().startswith("6 ")
    assert table["waits of those who waited"].strip().startswith("median ")
    assert table["Slack's rules broken"].strip() == "0 times"
