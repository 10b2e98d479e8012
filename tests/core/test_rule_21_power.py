"""Rule 21: power limits are told once for each change, in the words of drivers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from chalicelib.chat.slack_markup import SlackMarkup
from chalicelib.chat.wording import words
from chalicelib.core import effects as say
from chalicelib.core import step
from chalicelib.core.inputs import Observed, PortSeen
from chalicelib.core.model import Site, Stations, Status

NOON = datetime(2031, 3, 3, 12, 0, tzinfo=UTC)


class TestRule21PowerIsLimited:
    """Two ports that start free, and a building that turns the power down."""

    def setup_method(self) -> None:
        self.site = Site("hq", "HQ", channels=("slack:T0HQ:C0EV",), stations=Stations(group=1))
        self.now = NOON

    def look(self, *shares: float | None) -> list[str]:
        """One look a minute later; what the channel hears of it."""
        self.now += timedelta(minutes=1)
        ports = tuple(
            PortSeen("1:900001", str(number), Status.AVAILABLE, capped=share is not None,
                     percent_shed=None, allowed_kw=None if share is None else 6.6 * share)
            for number, share in enumerate(shares, 1)
        )  # fmt: skip
        before = self.site.serial
        self.site = step(self.site, Observed(self.now, ports), self.now).site
        return [
            words(pending.effect, self.site, SlackMarkup()).text
            for pending in self.site.outbox
            if pending.id > before and isinstance(pending.effect, say.PowerLimited)
        ]

    def test_it_is_told_when_it_held_for_two_looks(self) -> None:
        """One look may be a mistake; the second is told, the third says nothing."""
        assert self.look(0.5, 0.5) == []
        assert self.look(0.5, 0.5) == [
            (
                "Power is limited to about half on all ports until further notice; "
                "charging takes about twice as long."
            )
        ]
        assert self.look(0.5, 0.5) == []

    def test_a_change_and_the_end_are_told_once(self) -> None:
        """Another share is a change, and full power is good news."""
        for _ in range(2):
            self.look(0.5, 0.5)
        self.look(0.0, None)
        assert self.look(0.0, None) == ["Power is turned off on port 1 until further notice."]
        self.look(None, None)
        assert self.look(None, None) == ["Full power is back on all ports."]

    def test_a_night_time_cap_waits_for_the_morning(self) -> None:
        """Nothing is said at night; a cap that still holds is told in working hours."""
        self.now = NOON + timedelta(hours=9)
        assert self.look(0.5, 0.5) == self.look(0.5, 0.5) == []
        self.now = NOON + timedelta(hours=19, minutes=30)
        assert len(self.look(0.5, 0.5)) == 1
