"""Setting up: an invitation, `admin setup`, and the hint of the first time."""

from __future__ import annotations

import pytest

from chalicelib.core.acts import Go, SetPolicy, Setup
from chalicelib.core.answers import Missing, Refusal, Refused, SetupShown, SetupStep, Welcome
from chalicelib.core.effects import Called, FirstHint, SetupTest
from chalicelib.core.inputs import Add, Admin, Invited, Remove
from chalicelib.core.model import Order, Site
from chalicelib.stores.codec import decode, encode
from chalicelib.values import replace
from tests.core.day import Day
from tests.fakes import ANA, BOSS, CHANNEL, site_of

ZOE = "slack:T0HQ:U0ZOE"


def shown(day: Day, go: Go = Go.SHOW) -> SetupStep:
    answer = day.ask(BOSS, Admin(Setup(go)))
    assert isinstance(answer, SetupShown)
    return answer.step


class TestSetup:
    def test_step_by_step(self) -> None:
        """Each step once, in order; after the last it stays at the end."""
        day = Day()
        seen = [shown(day), *(shown(day, Go.NEXT) for _ in range(6))]
        assert seen == [*SetupStep, SetupStep.DONE]

    def test_resumed(self) -> None:
        """Whoever goes on, and whenever: it goes on where it was left."""
        day = Day()
        shown(day, Go.NEXT)
        shown(day, Go.NEXT)
        day.site = decode(encode(day.site))
        day.wait(hours=30)
        day.ask(BOSS, Admin(SetPolicy("order", Order.FAIR)))
        assert shown(day) is SetupStep.HOURS

    def test_again(self) -> None:
        """From the beginning, as often as one likes."""
        day = Day()
        shown(day, Go.NEXT)
        assert shown(day, Go.AGAIN) is SetupStep.CHARGERS

    def test_the_test(self) -> None:
        """It goes to who asks, and to the channel; at night only to who asks."""
        day = Day()
        assert shown(day, Go.TEST) is SetupStep.TEST
        assert len(day.heard(BOSS, SetupTest)) == len(day.heard(CHANNEL, SetupTest)) == 1
        day.wait(hours=13)
        shown(day, Go.TEST)
        assert len(day.heard(BOSS, SetupTest)) == 2
        assert len(day.heard(CHANNEL, SetupTest)) == 1

    def test_for_admins(self) -> None:
        """Others are refused, and nothing has moved."""
        day = Day()
        refused = day.ask(ANA, Admin(Setup(Go.NEXT)))
        assert isinstance(refused, Refused)
        assert refused.why is Refusal.NOT_ADMIN
        assert day.site.setup == 0

    def test_a_site_from_the_future(self) -> None:
        """A step that this program doesn't know is the last that it does."""
        day = Day()
        day.site = replace(day.site, setup=99)
        assert shown(day) is SetupStep.DONE


class TestInvited:
    @pytest.mark.parametrize(
        ("site", "missing"),
        [
            (site_of(), (Missing.PORTS, Missing.SETUP)),
            (site_of(admins=()), (Missing.ADMINS, Missing.PORTS, Missing.SETUP)),
            (site_of(setup=5), (Missing.PORTS,)),
        ],
    )
    def test_what_is_missing(self, site: Site, missing: tuple[Missing, ...]) -> None:
        """What the operator, or an admin, still has to do."""
        day = Day(p1="?", p2="?")
        day.site = site
        assert day.ask(ANA, Invited()) == Welcome(ANA, missing)

    def test_nothing(self) -> None:
        """Where all is done, nothing is."""
        day = Day(site_of(setup=5))
        assert day.ask(ANA, Invited()) == Welcome(ANA, ())


class TestFirstHint:
    def test_once(self) -> None:
        """Whom the site has never met hears how it goes, privately, and never again."""
        day = Day()
        day.ask(ZOE, Add())
        day.ask(ZOE, Remove())
        day.ask(ZOE, Add())
        assert day.heard(ZOE, FirstHint) == [FirstHint(ZOE)]

    def test_a_call_comes_first(self) -> None:
        """Where a port is free the call doesn't wait for the hint."""
        day = Day(p1=None)
        day.free("p1")
        day.ask(ZOE, Add())
        kinds = [type(said) for to, said in day.told if to == ZOE]
        assert kinds == [Called, FirstHint]

    def test_who_is_known(self) -> None:
        """Whom the site knows doesn't."""
        day = Day()
        day.ask(ANA, Add())
        assert day.heard(ANA, FirstHint) == []
