"""What every log of finished stays must do. A backend's test subclasses this.

`stays` is a fresh StayLog on the clock `now`, which is real time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.core.stays import FinishedStay, StayEnd
from chalicelib.edges import StayLog
from chalicelib.values import replace

NOON = datetime(2026, 3, 2, 12, 0, 0, 125, tzinfo=UTC)
ALWAYS = (NOON - timedelta(days=4000), NOON + timedelta(days=4000))
ANA, BOB = "slack:T0HQ:U0ANA", "slack:T0HQ:U0BOB"
MONTH = timedelta(days=30)
HOUR = timedelta(hours=1)
STAY = FinishedStay(
    7, "1:900001/1", NOON - 2 * HOUR, NOON, ANA, 12.25, about=True,
    idle=timedelta(minutes=17, seconds=30), end=StayEnd.FULL,
    waited=timedelta(minutes=25), need=10.5, met=True,
)  # fmt: skip


def stay(number: int, until: datetime = NOON, driver: str = ANA) -> FinishedStay:
    return replace(STAY, id=number, since=until - 2 * HOUR, until=until, driver=driver)


class StayLogContract:
    """Adding, reading, forgetting."""

    def test_what_was_added_is_read(self, stays: StayLog) -> None:
        """Every field comes back; what isn't known comes back as not known."""
        unknown = FinishedStay(8, "1:900001/2", NOON - HOUR, NOON + HOUR)
        stays.add("hq", STAY, MONTH)
        stays.add("hq", unknown, MONTH)
        assert stays.read("hq", *ALWAYS) == [STAY, unknown]
        assert stays.read("annex", *ALWAYS) == []

    def test_a_stay_is_there_once(self, stays: StayLog) -> None:
        """Added again it is the same entry; one that went on after all counts to its later end,
        in whatever order the ends arrive.
        """
        later = replace(STAY, until=NOON + HOUR, kwh=14.0)
        for one in (STAY, STAY, later, STAY):
            stays.add("hq", one, MONTH)
        assert stays.read("hq", *ALWAYS) == [later]

    def test_a_better_figure(self, stays: StayLog) -> None:
        """Told again with the same end, the last word counts."""
        stays.add("hq", STAY, MONTH)
        exact = replace(STAY, kwh=12.4, about=False)
        stays.add("hq", exact, MONTH)
        assert stays.read("hq", *ALWAYS) == [exact]

    def test_ids_come_again(self, stays: StayLog) -> None:
        """A site that was made anew counts from one again: another beginning is another stay."""
        other = replace(STAY, since=NOON - HOUR)
        stays.add("hq", STAY, MONTH)
        stays.add("hq", other, MONTH)
        assert stays.read("hq", *ALWAYS) == [STAY, other]

    def test_sites_don_t_mix(self, stays: StayLog) -> None:
        """Names that begin alike, or look like a part of a key, are other sites."""
        for name in ("hq", "hq#2026-03", "h", "hq 2"):
            stays.add(name, replace(STAY, port=name), MONTH)
        for name in ("hq", "hq#2026-03", "h", "hq 2"):
            assert [one.port for one in stays.read(name, *ALWAYS)] == [name]

    def test_a_stretch_of_time(self, stays: StayLog) -> None:
        """By their ends: `since` is in, `until` is not, over months and to the microsecond."""
        tick = timedelta(microseconds=1)
        ends = [NOON + days * MONTH for days in (-3, -1, 0, 1)]
        for number, end in enumerate(reversed(ends)):
            stays.add("hq", stay(number, end), 400 * MONTH)
        assert [one.until for one in stays.read("hq", *ALWAYS)] == ends
        assert [one.until for one in stays.read("hq", ends[1], ends[3])] == ends[1:3]
        assert [one.until for one in stays.read("hq", ends[1] + tick, ends[3] + tick)] == ends[2:]

    def test_a_stay_over_the_end_of_a_month(self, stays: StayLog) -> None:
        """It is found by its end, and is one entry when it goes on in the next month."""
        began = datetime(2026, 2, 27, 20, tzinfo=UTC)
        for end in (datetime(2026, 2, 28, 23, tzinfo=UTC), datetime(2026, 3, 2, 8, tzinfo=UTC)):
            stays.add("hq", replace(STAY, since=began, until=end), MONTH)
        found = stays.read(
            "hq", datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)
        )
        assert [one.since for one in found] == [began]
        assert len(stays.read("hq", *ALWAYS)) == 1

    def test_it_is_kept_as_long_as_said(self, stays: StayLog, now: list[float]) -> None:
        """Then it is gone, swept or not; a longer time to keep holds for what comes later."""
        stays.add("hq", stay(1), timedelta(days=1))
        stays.add("hq", stay(2), timedelta(days=90))
        now[0] += 86_401
        assert [one.id for one in stays.read("hq", *ALWAYS)] == [2]
        stays.add("hq", stay(1), timedelta(days=200))
        now[0] += 89 * 86_400
        assert [one.id for one in stays.read("hq", *ALWAYS)] == [1]

    def test_a_driver_is_forgotten(self, stays: StayLog) -> None:
        """Their stays stay, as nobody's; others', and those at other sites, are left alone."""
        for number, driver in enumerate((ANA, BOB, ANA)):
            stays.add("hq", stay(number, NOON + number * MONTH, driver), 400 * MONTH)
        stays.add("annex", STAY, MONTH)
        stays.forget("hq", ANA)
        assert [one.driver for one in stays.read("hq", *ALWAYS)] == ["", BOB, ""]
        assert [one.kwh for one in stays.read("hq", *ALWAYS)] == [12.25] * 3
        assert [one.driver for one in stays.read("annex", *ALWAYS)] == [ANA]

    def test_a_site_is_forgotten(self, stays: StayLog) -> None:
        """All of it, and nothing else; twice is harmless."""
        stays.add("hq", STAY, MONTH)
        stays.add("hq", stay(8, NOON + 2 * MONTH), MONTH)
        stays.add("annex", STAY, MONTH)
        stays.delete("hq")
        stays.delete("hq")
        assert stays.read("hq", *ALWAYS) == []
        assert stays.read("annex", *ALWAYS) == [STAY]

    def test_a_year_of_a_busy_site(self, stays: StayLog) -> None:
        """More than a page of them, in order."""
        for number in range(300):
            stays.add("hq", stay(number, NOON + number * HOUR), 400 * MONTH)
        assert [one.id for one in stays.read("hq", *ALWAYS)] == list(range(300))


@pytest.fixture
def now() -> list[float]:
    """For who subclasses this: real time, in seconds since 1970."""
    return [NOON.timestamp()]
