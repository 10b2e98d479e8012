"""How the days begin on which several rules are shown."""

from __future__ import annotations

from chalicelib.core.acts import Act
from chalicelib.core.answers import (
    Expected,
    Refusal,
    Refused,
    Whenever,
)
from chalicelib.core.effects import (
    Effect,
    Promised,
    PromiseNews,
)
from chalicelib.core.inputs import (
    Add,
    Admin,
    SayNeed,
    When,
    Wish,
)
from chalicelib.core.model import Stay, Word
from chalicelib.energy.needs import Need, Unit
from tests.core.day import ONE, Day, PowerDay
from tests.fakes import ANA, BOB, BOSS, CLEO


def kwh(amount: float) -> Need:
    return Need(Unit.KWH, amount)


class ForesightDay(PowerDay):
    """What is foreseen for those who ask."""

    def when(self, driver: str) -> Expected:
        answer = self.ask(driver, When())
        assert isinstance(answer, Whenever)
        return answer.expected

    def stay_on(self, port: str) -> Stay:
        stay = self.site.ports[port].stay
        assert stay is not None
        return stay

    @property
    def word(self) -> Word:
        return self.site.word[-1]

    def news(self, driver: str) -> list[PromiseNews]:
        return [one.news for one in self.heard(driver, Promised)]


def needs_known() -> ForesightDay:
    """At 8:00 Ana and Cleo plug in; she needs an hour, he has said nothing."""
    day = ForesightDay(p1=ANA, p2=CLEO)
    day.ask(ANA, SayNeed(kwh(6.6)))
    return day


class HandoverDay(PowerDay):
    """What is said of port 1."""

    @property
    def stay(self) -> Stay:
        stay = self.site.ports[ONE].stay
        assert stay is not None
        return stay

    def refused(self, driver: str, wish: Wish) -> Refusal:
        answer = self.ask(driver, wish)
        assert isinstance(answer, Refused)
        return answer.why


def two_wait() -> HandoverDay:
    """At 8:00 Ana is on port 1, a stranger on port 2, and Bob and Cleo wait."""
    day = HandoverDay(p1=ANA)
    day.ask(BOB, Add())
    day.ask(CLEO, Add())
    return day


def one_is_called() -> Day:
    """Ana is called to port 1; Bob and Cleo wait; a stranger is on port 2."""
    day = Day()
    for driver in (ANA, BOB, CLEO):
        day.ask(driver, Add())
    day.free("p1")
    day.told.clear()
    return day


def act(day: Day, what: Act, by: str = BOSS) -> Effect | None:
    """`admin VERB …` by an admin."""
    return day.ask(by, Admin(what))


def refusal(answer: Effect | None) -> Refusal:
    assert isinstance(answer, Refused)
    return answer.why


def three_wait() -> Day:
    """Both ports are taken by strangers; Ana, Bob and Cleo wait."""
    day = Day()
    for driver in (ANA, BOB, CLEO):
        day.ask(driver, Add())
    return day
