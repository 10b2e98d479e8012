"""Files of charging sessions, as their publishers leave them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from practice.__main__ import main
from practice.replay.arguments import columns as asked
from practice.replay.sessions import Form, Session, Unreadable, read
from tests.practice.replay.test_replay import COLUMNS, file_of, row

HOUR = timedelta(hours=1)


def at(*when: int) -> datetime:
    """On the clock of the place."""
    return datetime(*when)  # type: ignore[arg-type]  # noqa: DTZ001 — naive


def text(folder: Path, content: str) -> Path:
    file = folder / "sessions.csv"
    file.write_text(content, encoding="utf-8")
    return file


class TestSessions:
    """The reader, and the traps of the file that it was made for."""

    def test_years_and_hours(self, tmp_path: Path) -> None:
        """0015 is 2015; hours are the file's unless they are shifted, which nobody does unasked."""
        file = file_of(tmp_path, row("9", "0015-10-01 12:00:00", "0015-10-01 14:30:00"))
        assert read(file).sessions == (Session("9", at(2015, 10, 1, 12), 2.5 * HOUR, None, 6.5),)
        shifted = read(file, Form(shift=-4 * HOUR))
        assert shifted.sessions[0].begins == at(2015, 10, 1, 8)

    def test_what_was_no_visit(self, tmp_path: Path) -> None:
        """A car for two days, a plug for a minute and an end before the beginning are left out."""
        found = read(
            file_of(
                tmp_path,
                row("1", "0015-10-01 12:00:00", "0015-10-03 19:14:00"),
                row("2", "0015-10-01 12:00:00", "0015-10-01 12:01:00"),
                row("3", "0015-10-01 12:00:00", "0015-10-01 11:00:00"),
                row("4", "0015-10-01 12:00:00", "0015-10-01 13:00:00"),
            )
        )
        assert [session.user for session in found.sessions] == ["4"]
        assert found.left_out == 3

    def test_the_busiest_days(self, tmp_path: Path) -> None:
        """By their number of sessions, then in calendar order; the first where it's a tie."""
        found = read(
            file_of(
                tmp_path,
                *(row("1", f"0015-10-0{day} 12:00:00", f"0015-10-0{day} 13:00:00") for day in (1, 2, 3)),
                row("2", "0015-10-03 11:00:00", "0015-10-03 13:00:00"),
            )
        )  # fmt: skip
        assert list(found.busiest(2)) == [date(2015, 10, 1), date(2015, 10, 3)]
        assert [one.user for one in found.busiest(1)[date(2015, 10, 3)]] == ["2", "1"]

    @pytest.mark.parametrize(
        ("columns", "line", "why"),
        [
            ("userId,created", "1,2", "there is no column ended, but: userId, created"),
            (COLUMNS, row("1", "yesterday", "0015-10-01 12:01:00"), "line 2: 'yesterday' is no time"),
            (COLUMNS, "1,6.5", "line 2: "),
            (COLUMNS, row("1", "0015-10-01 12:00:00", "0015-10-01 12:00:30"), "no charging session"),
        ],
    )  # fmt: skip
    def test_other_files(self, tmp_path: Path, columns: str, line: str, why: str) -> None:
        """A file that holds something else is refused with the reason, and where."""
        with pytest.raises(Unreadable, match=why):
            read(file_of(tmp_path, line, columns=columns))

    @pytest.mark.parametrize("name", ["nowhere.csv", "."])
    def test_no_file(self, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
        """A path that can't be read is named; no traceback."""
        assert main(["replay", str(tmp_path / name)]) == 1
        assert "can't replay" in capsys.readouterr().err

    def test_bytes(self, tmp_path: Path) -> None:
        """A file that is no text is refused."""
        (tmp_path / "x").write_bytes(b"\xff\xfe\x00\x80")
        with pytest.raises(Unreadable, match="no CSV"):
            read(tmp_path / "x")


class TestFilesAsTheyCome:
    """Other publishers, other habits."""

    def test_acn(self, tmp_path: Path) -> None:
        """Times as e-mail has them, the end of charging in a column, users that nobody knows."""
        file = text(
            tmp_path,
            "_id,connectionTime,disconnectTime,doneChargingTime,kWhDelivered,userID\n"
            '1,"Wed, 25 Apr 2018 15:08:04 GMT","Wed, 25 Apr 2018 20:20:10 GMT","Wed, 25 Apr 2018 17:08:04 GMT",7.932,\n'
            '2,"Wed, 25 Apr 2018 15:45:00 GMT","Wed, 25 Apr 2018 16:45:00 GMT",,1.2,000123\n',
        )
        one, two = read(file, Form(zone=ZoneInfo("America/Los_Angeles"))).sessions
        assert (one.begins, one.charging, one.kwh) == (at(2018, 4, 25, 8, 8, 4), 2 * HOUR, 7.932)
        assert (two.user, two.charging) == ("000123", None)
        assert one.user != two.user

    def test_boulder(self, tmp_path: Path) -> None:
        """Two forms of time in one file, zones in columns of their own, charging as a length,
        nobody's names.
        """
        file = text(
            tmp_path,
            "Station_Name,Start_Date___Time,Start_Time_Zone,End_Date___Time,End_Time_Zone,Charging_Time__hh_mm_ss_,Energy__kWh_\n"
            "A,1/9/2018 11:02,MDT,1/9/2018 13:30,MDT,2:02:44,6.504\n"
            "A,2023-08-31 08:15:30,MDT,2023-08-31 09:00:00,MDT,0:00:00,0\n",
        )
        first, second = read(file).sessions
        assert (first.begins, first.kwh) == (at(2018, 1, 9, 11, 2), 6.504)
        assert first.charging == timedelta(hours=2, minutes=2, seconds=44)
        assert (second.begins, second.charging) == (at(2023, 8, 31, 8, 15, 30), timedelta(0))

    def test_cary(self, tmp_path: Path) -> None:
        """No end, but how long it charged; UTC, where the place's zone is to be said."""
        file = text(
            tmp_path,
            "start_date,station_name,charging_time_hh_mm_ss,energy_kwh\n2022-07-01T14:05:00+00:00,A,01:00:00,6.5\n",
        )
        (one,) = read(file, Form(zone=ZoneInfo("America/New_York"))).sessions
        assert (one.begins, one.length, one.kwh) == (at(2022, 7, 1, 10, 5), HOUR, 6.5)

    def test_dft(self, tmp_path: Path) -> None:
        """Dates and times apart, hours as a number beside."""
        file = text(
            tmp_path,
            '"","ChargingEvent","CPID","StartDate","StartTime","EndDate","EndTime","Energy","PluginDuration"\n'
            '"1",NA,"50962",2017-12-31,22:50:00,2018-01-01,00:42:00,6.662,1.86666666666667\n',
        )
        (one,) = read(file).sessions
        assert (one.begins, one.length) == (at(2017, 12, 31, 22, 50), timedelta(minutes=112))
        by_length = Form(asked("begins=StartDate+StartTime,length=PluginDuration"))
        assert read(file, by_length).sessions[0].length == timedelta(minutes=112)

    def test_semicolons_and_commas(self, tmp_path: Path) -> None:
        """Semicolons between columns, decimal commas, days before months, our names for theirs."""
        file = text(
            tmp_path,
            "Kunde;Beginn;Ende;Energie\nA;24.12.2023 08:15;24.12.2023 10:15;12,5\nB;02.01.2024 09:00;02.01.2024 09:30;3\n",
        )
        form = Form(asked("user=Kunde,begins=Beginn,ends=Ende,kwh=Energie"))
        assert read(file, form).sessions == (
            Session("A", at(2023, 12, 24, 8, 15), 2 * HOUR, None, 12.5),
            Session("B", at(2024, 1, 2, 9), 0.5 * HOUR, None, 3.0),
        )

    def test_months_first_or_days_first(self, tmp_path: Path) -> None:
        """One form for the whole file: where months first doesn't fit all, days first may."""
        head = "user,start,end,kwh\n"
        american = text(tmp_path, head + "A,7/4/2017 9:05,7/4/2017 11:05,3\nB,7/14/2017 9:05,7/14/2017 10:05,3\n")  # fmt: skip
        assert [one.begins.day for one in read(american).sessions] == [4, 14]
        british = text(tmp_path, head + "A,4/7/2017 9:05,4/7/2017 11:05,3\nB,14/7/2017 9:05,14/7/2017 10:05,3\n")  # fmt: skip
        assert [one.begins.day for one in read(british).sessions] == [4, 14]

    def test_an_offset_is_the_place_s_clock(self, tmp_path: Path) -> None:
        """Eight in the morning there is eight; lengths are of real time."""
        file = text(
            tmp_path,
            "user,start,end\nA,2021-10-31T01:30:00+02:00,2021-10-31T03:30:00+01:00\n",
        )
        assert read(file).sessions == (Session("A", at(2021, 10, 31, 1, 30), 3 * HOUR),)

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("2021-10-05T08:00:00+02:00", "2021-10-05T09:00:00"),
            ("2021-10-05T08:00:00", "2021-10-05T09:00:00Z"),
        ],
    )
    def test_mixed_clocks(self, tmp_path: Path, first: str, second: str) -> None:
        """Times with and without an offset can't be of one clock: refused, with the line."""
        end = "2021-10-05T10:00:00"
        lines = [f"A,{first},{end}{first[19:]}", f"B,{second},{end}{second[19:]}"]
        with pytest.raises(Unreadable, match=r"line 3: .* offset from UTC"):
            read(text(tmp_path, "\n".join(["user,start,end", *lines])))

    def test_a_mixed_line(self, tmp_path: Path) -> None:
        """Also within a line."""
        with pytest.raises(Unreadable, match=r"line 2: .* offset from UTC"):
            read(text(tmp_path, "user,start,end\nA,2021-10-05T08:00:00Z,2021-10-05T09:00:00\n"))

    def test_columns_that_are_not_there(self, tmp_path: Path) -> None:
        """The name, and those that there are."""
        file = text(tmp_path, "a,b\n1,2\n")
        with pytest.raises(Unreadable, match="no column x, but: a, b"):
            read(file, Form({"begins": "x"}))

    def test_nonsense_energy_and_done(self, tmp_path: Path) -> None:
        """A figure that can't be, and an end of charging outside the session, aren't known."""
        file = text(
            tmp_path,
            "user,start,end,done,kwh\nA,2021-10-05 08:00,2021-10-05 09:00,2021-10-05 12:00,99999\n",
        )
        (one,) = read(file).sessions
        assert (one.charging, one.kwh) == (None, None)

    def test_hours_are_shown(self, tmp_path: Path) -> None:
        """Whoever plays a file sees when its cars come, and can shift them."""
        file = file_of(
            tmp_path,
            *(row("1", f"0015-10-01 {hour}:00:00", f"0015-10-01 {hour}:30:00") for hour in (12, 17)),
        )  # fmt: skip
        assert read(file).peaks() == "12:00, 17:00"
        assert read(file, Form(shift=-4 * HOUR)).peaks() == "08:00, 13:00"
