"""`python -m bot report …`: words, tables, and the log for playing it again."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.__main__ import main
from chalicelib.clock import SystemClock
from chalicelib.core.stays import FinishedStay, StayEnd
from chalicelib.stores import open_store
from practice.__main__ import main as practice
from practice.replay.sessions import read
from tests.fakes import ANA, BOB, site_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A site with a log: Ana waited for half an hour and took 6 kWh, Bob went without."""
    spec = f"sqlite:{tmp_path / 'sites.sqlite'}"
    kept, now = open_store(spec), SystemClock().now()
    kept.save(site_of(), None)
    charged = FinishedStay(
        1, "1:1/1", now - 3 * HOUR, now - HOUR, ANA, 6.0, idle=HOUR / 2, waited=HOUR / 2, need=5.0, met=True,
    )  # fmt: skip
    stranger = FinishedStay(2, "1:1/2", now - 4 * HOUR, now - 2 * HOUR)
    vain = FinishedStay(3, "", now - 2 * HOUR, now - HOUR, BOB, end=StayEnd.AWAY, need=8.0, met=False)  # fmt: skip
    for one in (charged, stranger, vain):
        kept.stays.add("hq", one, 90 * DAY)
    monkeypatch.setenv("EV_STORE", spec)
    return spec


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.usefixtures("store")
class TestReport:
    """For who runs it, and for facilities."""

    @pytest.mark.parametrize(("span", "said"), [("week", "last seven days"), ("month", "last four weeks")])  # fmt: skip
    def test_words(self, capsys: pytest.CaptureFixture[str], span: str, said: str) -> None:
        """As in chat."""
        assert main(["report", "show", "hq", "--span", span]) == 0
        out = capsys.readouterr().out
        assert said in out
        assert "2 cars" in out
        assert (
            "1 person stood in line and went without; they had said that they need 8 kWh." in out
        )
        assert "1 of 2 that were said were met" in out

    def test_a_table(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A line a day, no names."""
        assert main(["report", "csv", "hq"]) == 0
        rows = table(capsys.readouterr().out)
        assert len(rows) == 7
        assert sum(int(row["cars"]) for row in rows) == 2
        assert sum(int(row["went_without"]) for row in rows) == 1

    def test_people(self, capsys: pytest.CaptureFixture[str]) -> None:
        """By name; nobody's cars together."""
        assert main(["report", "people", "hq"]) == 0
        found = {row["driver"]: row for row in table(capsys.readouterr().out)}
        assert set(found) == {"ana", "bob", ""}
        assert (found["ana"]["energy_kWh"], found["bob"]["times_without"]) == ("6.0", "1")

    def test_the_log(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        """Who came when, without names: the replay reads it as it is."""
        assert main(["report", "export", "hq"]) == 0
        out, err = capsys.readouterr()
        assert "3 visits of 2 people" in err
        assert "--what-if --ports" in err
        assert not {"ana", "bob", ANA, BOB} & set(out.replace("\n", ",").split(","))
        file = tmp_path / "log.csv"
        file.write_text(out, encoding="utf-8")
        found = read(file).sessions
        assert {one.need: one.kwh for one in found} == {5.0: 6.0, 8.0: None, None: None}
        ana = next(one for one in found if one.need == 5.0)
        assert ana.length == 2.5 * HOUR  # from when she stood in line
        assert ana.charging == 2 * HOUR

    def test_no_such_site(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Said in a line."""
        assert main(["report", "show", "nowhere"]) == 1
        assert "there is no site nowhere" in capsys.readouterr().err

    @pytest.mark.parametrize("words", [["report"], ["report", "show", "hq", "--span", "year"]])
    def test_bad_words(self, words: list[str]) -> None:
        """The command line says what there is."""
        with pytest.raises(SystemExit):
            main(words)


def log_of(days: int, cars: int, hours: float) -> str:
    """So many cars a day, one each quarter of an hour, of as many people."""
    lines = ["user,created,ended,done,kWh,need_kWh"]
    for day in range(days):
        for number in range(cars):
            came = datetime(2031, 3, 3 + day, 8, tzinfo=UTC) + number * HOUR / 4
            left = came + hours * HOUR
            lines.append(f"driver {number},{came.isoformat()},{left.isoformat()},,8.0,6.0")
    return "\n".join(lines) + "\n"


class TestWhatIf:
    """From a site's own log to figures that facilities can use."""

    def test_too_few_ports(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Two more ports bring more needs met than one alone; the table says so, and a sentence."""
        file = tmp_path / "log.csv"
        file.write_text(log_of(1, 12, 3), encoding="utf-8")
        assert practice(["replay", str(file), "--what-if", "--ports", "1", "--heed", "1"]) == 0
        out = capsys.readouterr().out
        assert "One day of this log, 12 people" in out
        (row,) = [line for line in out.splitlines() if line.startswith("needs met a day")]
        as_it_is, _, more, _ = row.removeprefix("needs met a day").split()
        assert float(more) > float(as_it_is)
        assert "order fair" in out
        assert "3 ports" in out
        assert "may be unplugged" in out
        assert "no promise" in out

    def test_no_line(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Twelve ports for six cars: it says that nothing is to be gained."""
        file = tmp_path / "log.csv"
        file.write_text(log_of(1, 6, 2), encoding="utf-8")
        assert practice(["replay", str(file), "--what-if", "--ports", "12"]) == 0
        assert "Nobody has to wait here" in capsys.readouterr().out
