"""`python -m bot meter …`, `energy …` and `site set --meter`, as an operator types them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.__main__ import main
from chalicelib import wiring
from chalicelib.core.model import Person, Port, Site
from chalicelib.core.stays import FinishedStay
from chalicelib.edges import Series
from chalicelib.energy.readings import Reading
from chalicelib.meters.keys import Meters
from chalicelib.settings import Settings, read
from chalicelib.stores import open_store
from chalicelib.values import replace
from tests.fakes import ANA, BOB

NOW = datetime.fromtimestamp(1_789_999_800, UTC)
HQ = ["site", "add", "hq", "--channel", "slack:T0HQ:C0EV", "--manual", "2"]
Said = tuple[int, str, str]
Bot = Callable[..., Said]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    environ = {
        "EV_STORE": f"sqlite:{tmp_path / 'ev.db'}",
        "EV_CLOCK": f"0@0@{NOW.timestamp()}",
        "PUBLIC_URL": "https://ev.example.org",
    }
    for name, text in environ.items():
        monkeypatch.setenv(name, text)
    return read(environ)


@pytest.fixture
def meters(settings: Settings) -> Meters:
    return wiring.meters_of(settings)


@pytest.fixture
def series(settings: Settings) -> Series:
    return wiring.series_of(settings)


@pytest.fixture
def bot(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Bot:
    """Run one command: the exit code, what was printed, what was complained."""

    def run(*words: str) -> Said:
        try:
            code = main([*words])
        except SystemExit as end:  # argparse's way
            code = int(end.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


class TestMeter:
    """`meter add|list|remove|key`."""

    def test_the_key_stands_alone_on_the_last_line(self, bot: Bot, meters: Meters) -> None:
        """For scripts: `| tail -1`."""
        code, out, _ = bot("meter", "add", "building")
        key = out.splitlines()[-1]
        assert code == 0
        assert meters.proven("building", key)
        code, out, _ = bot("meter", "key", "building")
        assert code == 0
        assert meters.proven("building", out.splitlines()[-1])
        assert not meters.proven("building", key)

    @pytest.mark.parametrize("name", ["Building", "a b", "=1+1", "-x", "", "a" * 41, "ä"])
    def test_an_odd_name(self, bot: Bot, name: str) -> None:
        """2, and what a name is."""
        code, _, complaint = bot("meter", "add", "--", name)
        assert code == 2
        assert "small letters, digits and dashes" in complaint

    @pytest.mark.parametrize(
        ("words", "why"),
        [
            (["meter", "add", "building"], "there is a meter building already; see `meter key`"),
            (["meter", "key", "other"], "there is no meter other; see `meter list`"),
            (["meter", "remove", "other"], "there is no meter other"),
            (["energy", "export", "other"], "there is no meter other"),
            (["energy", "link", "other"], "there is no meter other"),
            (["site", "add", "x", "--channel", "slack:T:C", "--manual", "1", "--meter", "other"],
             "there is no meter other"),
        ],
    )  # fmt: skip
    def test_what_cannot_be(self, bot: Bot, words: list[str], why: str) -> None:
        """1, and what to do."""
        bot("meter", "add", "building")
        code, _, complaint = bot(*words)
        assert code == 1
        assert why in complaint

    def test_the_list(self, bot: Bot, series: Series) -> None:
        """Where each is, and how long it has been silent."""
        bot("meter", "add", "building")
        bot("meter", "remove", "building")
        assert bot("meter", "list")[1] == "There are no meters yet.\n"
        bot("meter", "add", "building")
        bot("meter", "add", "roof", "--timezone", "Europe/Oslo")
        bot(*HQ, "--timezone", "America/Los_Angeles", "--meter", "building")
        series.keep("building", [Reading(NOW - timedelta(minutes=4), 3.0)])
        assert bot("meter", "list")[1].splitlines() == [
            "building\thq\tAmerica/Los_Angeles\t4 minutes ago",
            "roof\tno site\tEurope/Oslo\tno readings",
        ]

    def test_a_meter_goes_by_its_sites_clock(self, bot: Bot, meters: Meters) -> None:
        """When it is given one, and when the site moves."""
        bot("meter", "add", "building")
        bot(*HQ)
        assert bot("site", "set", "hq", "--meter", "building")[0] == 0
        assert bot("site", "set", "hq", "--timezone", "Europe/Oslo")[0] == 0
        meter = meters.get("building")
        assert meter
        assert meter.zone == "Europe/Oslo"
        assert "meter:    building" in bot("site", "show", "hq")[1]
        bot("site", "set", "hq", "--meter", "none")
        assert "meter:    none" in bot("site", "show", "hq")[1]

    def test_removing_keeps_the_readings(self, bot: Bot, series: Series) -> None:
        """Unless it is said otherwise."""
        for words, kept in (([], 1), (["--purge"], 0)):
            bot("meter", "add", "building")
            series.keep("building", [Reading(NOW, 3.0)])
            code, out, _ = bot("meter", "remove", "building", *words)
            assert code == 0
            assert "building is removed" in out
            found = series.slots("building", NOW - timedelta(days=1), NOW + timedelta(days=1))
            assert len(list(found)) == kept


@pytest.fixture
def week(bot: Bot, series: Series) -> Bot:
    """A meter that counts 12 kWh an hour, for a week until now."""
    bot("meter", "add", "building", "--timezone", "Europe/Oslo")
    slots = range(-7 * 288, 1)
    readings = [Reading(NOW + timedelta(minutes=5 * n), 12.0, 90_000.0 + n) for n in slots]
    series.keep("building", readings)
    return bot


class TestExport:
    """`energy export`."""

    def test_csv(self, week: Bot) -> None:
        """To the terminal; what is said about it goes elsewhere."""
        begin = (NOW - timedelta(days=7)).isoformat()
        code, out, said = week("energy", "export", "building", "--by", "5min", "--from", begin)
        found = list(csv.DictReader(io.StringIO(out)))
        assert code == 0
        assert len(found) == 7 * 288
        assert sum(float(one["energy_kWh"]) for one in found) == pytest.approx(7 * 288)
        assert said == "2016 rows, 2016.000 kWh in all.\n"

    def test_into_a_file(self, week: Bot, tmp_path: Path) -> None:
        """Each form; a picture has to have one."""
        for form, begins in (("csv", b"from,to"), ("json", b'{"meter"'), ("png", b"\x89PNG")):
            file = tmp_path / f"out.{form}"
            code, out, _ = week("energy", "export", "building", "--as", form, "--out", str(file))
            assert (code, out) == (0, "")
            assert file.read_bytes().startswith(begins)
        code, _, complaint = week("energy", "export", "building", "--as", "png")
        assert code == 1
        assert "--out FILE" in complaint

    def test_it_says_how_far_it_is(self, week: Bot) -> None:
        """On a long way."""
        begin = (NOW - timedelta(days=700)).isoformat()
        code, out, said = week("energy", "export", "building", "--by", "5min", "--from", begin)
        assert code == 0
        assert len(out.splitlines()) == 700 * 288 + 1
        assert "%" in said.splitlines()[0]
        assert said.splitlines()[-1] == "201600 rows, 2016.000 kWh in all."

    @pytest.mark.parametrize(
        ("words", "why"),
        [
            (["--from", "2026-10-01", "--to", "2026-09-01"], "from is not before to"),
            (["--from", "1976-01-01"], "longer than 1100 days"),
            (["--from", "yesterday"], "from is a day such as"),
            (["--from", "2026-09-01T08:00"], "from has no zone"),
            (["--zone", "Europe/Atlantis"], "zone is a time zone"),
        ],
    )
    def test_a_bad_question(self, week: Bot, words: list[str], why: str) -> None:
        """1, and nothing on the terminal that a script would take for data."""
        code, out, complaint = week("energy", "export", "building", *words)
        assert (code, out) == (1, "")
        assert why in complaint

    def test_a_link(self, week: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
        """It ends after so many days, and leads where PUBLIC_URL says."""
        code, out, _ = week("energy", "link", "building", "--by", "day", "--days", "7")
        parts = urlsplit(out.strip())
        assert code == 0
        assert (parts.netloc, parts.path) == ("ev.example.org", "/energy")
        expires = float(parse_qs(parts.query)["expires"][0])
        assert 0 <= expires - (NOW + timedelta(days=7)).timestamp() < 60
        monkeypatch.setenv("PUBLIC_URL", "")
        code, _, complaint = week("energy", "link", "building")
        assert code == 1
        assert "PUBLIC_URL" in complaint


STAY = FinishedStay(
    1, "m/1", NOW - timedelta(hours=3), NOW - timedelta(hours=1), ANA, 9.5,
    idle=timedelta(minutes=30),
)  # fmt: skip


class TestSessions:
    """`energy sessions`: what cars drew, for facilities."""

    @pytest.fixture
    def three(self, bot: Bot, settings: Settings) -> Bot:
        bot(*HQ, "--timezone", "Europe/Oslo")
        store = open_store(settings.store)
        site = store.load("hq")
        assert isinstance(site, Site)
        people = {ANA: Person("=HYPERLINK(1)"), BOB: Person("Bob")}
        ports = {"m/1": Port("m/1", "1"), "m/2": Port("m/2", "2")}
        store.save(replace(site, people=people, ports=ports), None)
        other = replace(STAY, id=2, port="m/2", driver=BOB, kwh=None)
        old = replace(
            STAY, id=3, driver="", since=NOW - timedelta(days=32), kwh=4.0, about=True,
            until=NOW - timedelta(days=30),
        )  # fmt: skip
        for one in (STAY, other, old):
            store.stays.add("hq", one, timedelta(days=90000))
        return bot

    def rows(self, said: Said) -> list[dict[str, str]]:
        assert said[0] == 0, said
        return list(csv.DictReader(io.StringIO(said[1])))

    def test_each(self, three: Bot) -> None:
        """With energy, idle time, and whether the energy is a guess."""
        old, one, other = self.rows(three("energy", "sessions", "hq"))
        assert (one["energy_kWh"], one["energy_is"], one["idle_minutes"]) == ("9.5", "counted", "30")  # fmt: skip
        assert (one["hours"], one["port"], one["driver"]) == ("2.0", "1", "")
        assert (old["energy_is"], other["energy_kWh"], other["energy_is"]) == ("about", "", "")

    def test_names_are_told_only_when_asked_for(self, three: Bot) -> None:
        """And none of them is a formula."""
        found = self.rows(three("energy", "sessions", "hq", "--names"))
        assert [one["driver"] for one in found] == ["", "'=HYPERLINK(1)", "Bob"]

    @pytest.mark.parametrize("by", ["port", "driver", "month"])
    def test_sums(self, three: Bot, by: str) -> None:
        """All that there is, whatever the rows are."""
        found = self.rows(three("energy", "sessions", "hq", "--by", by, "--names"))
        assert sum(float(one["energy_kWh"]) for one in found) == 13.5
        assert sum(int(one["sessions"]) for one in found) == 3
        assert sum(int(one["without_energy"]) for one in found) == 1

    def test_a_time(self, three: Bot) -> None:
        """Whatever ended in it."""
        begin = (NOW - timedelta(days=2)).isoformat()
        said = three("energy", "sessions", "hq", "--from", begin)
        assert len(self.rows(said)) == 2
        assert said[2] == "2 sessions, 9.500 kWh in all.\n"

    def test_no_such_site(self, bot: Bot) -> None:
        """1."""
        bot(*HQ)
        code, _, complaint = bot("energy", "sessions", "nowhere")
        assert code == 1
        assert "nowhere" in complaint


def test_a_backup_carries_the_meters(bot: Bot, tmp_path: Path, meters: Meters) -> None:
    """Their keys' digests, so that devices go on after a restore; not the readings."""
    key = bot("meter", "add", "building")[1].splitlines()[-1]
    bot(*HQ, "--meter", "building")
    file = tmp_path / "backup"
    assert bot("backup", str(file))[0] == 0
    assert bot("meter", "remove", "building")[0] == 0
    bot("site", "remove", "hq")
    code, out, complaint = bot("restore", str(file))
    assert code == 0, (out, complaint)
    assert meters.proven("building", key)
    assert json.dumps(key) not in file.read_bytes().decode(errors="replace")
