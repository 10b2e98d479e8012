"""`forget me`: what the house knows of somebody is gone, and nobody else is the worse for it."""

from __future__ import annotations

from chalicelib.core import acts, step
from chalicelib.core.answers import Forgotten, Refusal
from chalicelib.core.effects import ForgetStays, KeepStay
from chalicelib.core.inputs import Add, Admin, Asked, ForgetMe, Remove
from chalicelib.core.model import Lane, Pending, Person
from chalicelib.core.stays import FinishedStay
from chalicelib.core.step import MOST_PEOPLE
from chalicelib.values import replace
from tests.core.day import ONE, Day
from tests.core.mornings import refusal
from tests.fakes import ANA, BOB, BOSS, MONDAY


def test_all_is_forgotten() -> None:
    """Name, card and habits, whose car stood last, and the stays in the log."""
    day = Day(p1=ANA)
    day.see(p1=None)
    assert day.ask(ANA, ForgetMe()) == Forgotten(ANA)
    assert ANA not in day.site.people
    last = day.site.ports[ONE].last_stay
    assert last is not None
    assert (last.driver, last.user, last.credential) == (None, "", "")
    assert ANA not in repr([one for one in day.site.outbox if one.lane is not Lane.LOG])
    assert BOB in day.site.people


def test_a_stay_that_waits_to_be_kept() -> None:
    """It is kept as nobody's; what was kept before is made nobody's."""
    day = Day()
    stay = FinishedStay(9, ONE, MONDAY, MONDAY, ANA)
    kept = Pending(1, Lane.LOG, "log", KeepStay(stay, day.site.policy.keep_stays), MONDAY)
    outcome = step(replace(day.site, outbox=(kept,)), Asked(ANA, ForgetMe(), "ana"), day.now)
    effects = [one.effect for one in outcome.site.outbox]
    assert KeepStay(replace(stay, driver=""), day.site.policy.keep_stays) in effects
    assert ForgetStays(ANA) in effects


def test_not_while_others_reckon_with_them() -> None:
    """Somebody in line or on a port is told what to do first."""
    day = Day(p1=BOB)
    day.ask(ANA, Add())
    assert refusal(day.ask(ANA, ForgetMe())) is Refusal.STILL_HERE
    assert refusal(day.ask(BOB, ForgetMe())) is Refusal.STILL_HERE
    day.ask(ANA, Remove())
    assert isinstance(day.ask(ANA, ForgetMe()), Forgotten)


def test_more_names_than_are_kept() -> None:
    """Of people who have left nothing but a name the first go; who stands in line stays."""
    day = Day()
    many = [f"slack:T0HQ:U{number}" for number in range(MOST_PEOPLE)]
    people = {**{who: Person(f"p{who[-3:]}") for who in many}, **day.site.people}
    day.site = replace(day.site, people=people)
    day.ask(many[0], Add())
    assert len(day.site.people) == MOST_PEOPLE
    assert many[0] in day.site.people
    assert many[1] not in day.site.people
    assert {many[-1], ANA, BOB} <= set(day.site.people)
    day.site = replace(day.site, people=dict(list(day.site.people.items())[1:]))
    known = set(day.site.people)
    day.ask(ANA, Add())
    assert set(day.site.people) == known


def test_nothing_to_undo_brings_them_back() -> None:
    """What an admin could take back holds nothing of who is forgotten, and the rest of others."""
    day = Day()
    day.ask(BOSS, Admin(acts.Link(((ANA, "4711"), (BOB, "4712")))))
    day.ask(ANA, ForgetMe())
    assert day.site.undo is not None
    assert [who for who, _ in day.site.undo.people] == [BOB]
