"""The trail of a site: what happened, to whom, at which port, by whom (`why` tells it)."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.core import acts
from chalicelib.core.effects import SightLost
from chalicelib.core.inputs import (
    Add,
    Admin,
    CannotUse,
    DoneMoving,
    Give,
    Observed,
    OnMyWay,
    Pass,
    RememberMe,
    Resume,
    SayNeed,
    ShowLine,
    ThatsMe,
    Undeliverable,
)
from chalicelib.core.model import Person, Stay, What
from chalicelib.energy.needs import Need, Unit
from chalicelib.values import replace
from tests.core.day import ONE, TWO, Day
from tests.fakes import ANA, BOB, BOSS, CHANNEL, CLEO, IDS, look

Told = tuple[What, str, str]


def story(day: Day, driver: str) -> list[Told]:
    """What stands there of somebody: what, at which port, and by whom."""
    return [(one.what, one.port, one.by) for one in day.site.trail if one.driver == driver]


def full() -> Day:
    """Three in line, and both ports become free: Ana and Bob are called."""
    day = Day()
    for driver in (ANA, BOB, CLEO):
        day.ask(driver, Add())
    day.free("p1", "p2")
    return day


def unknown_card(day: Day, card: str) -> Observed:
    """A look at port 1, where somebody has shown a card that nobody knows."""
    day.now += timedelta(minutes=1)
    seen = look(day.now, p1="?", p2="?")
    return replace(seen, ports=(replace(seen.ports[0], user=card), seen.ports[1]))


def on(day: Day) -> Stay:
    stay = day.site.ports[ONE].stay
    assert stay is not None
    return stay


def test_from_the_line_to_the_road() -> None:
    """Added, called, coming, plugged in and gone: each with its port."""
    day = full()
    day.ask(ANA, OnMyWay())
    day.see(p1=ANA)
    day.see(p1=None)
    assert story(day, ANA) == [
        (What.ADDED, "", ""),
        (What.CALLED, ONE, ""),
        (What.COMING, ONE, ""),
        (What.PLUGGED, ONE, ""),
        (What.UNPLUGGED, ONE, ""),
    ]


def test_passed() -> None:
    """Who passes names the port."""
    day = full()
    day.ask(BOB, Pass())
    assert (What.PASSED, TWO, BOB) in story(day, BOB)
    assert story(day, CLEO)[-1] == (What.CALLED, TWO, "")


def test_given() -> None:
    """A place that is given stands with both, by who gave it."""
    day = Day()
    for driver in (ANA, BOB):
        day.ask(driver, Add())
    day.ask(ANA, Give("@bob"))
    assert story(day, ANA)[-1] == (What.GAVE, "", ANA)
    assert story(day, BOB)[-1] == (What.RECEIVED, "", ANA)


def test_missed() -> None:
    """A turn that lapses names its port; who resumes did it themselves."""
    day = full()
    day.wait(minutes=16)
    assert (What.LAPSED, ONE, "") in story(day, ANA)
    day.ask(ANA, Resume())
    assert (What.RESUMED, "", ANA) in story(day, ANA)


def test_taken_out_and_put_in() -> None:
    """An admin's acts stand with the admin."""
    day = full()
    day.ask(BOSS, Admin(acts.Take(CLEO)))
    day.ask(BOSS, Admin(acts.Put(CLEO)))
    assert [by for _, _, by in story(day, CLEO)[-2:]] == [BOSS, BOSS]


def test_linked() -> None:
    """Who links a card of their own did it; for somebody else it is the admin."""
    day = Day()
    day.ask(BOSS, Admin(acts.Link(((ANA, "4711"),))))
    assert story(day, ANA) == [(What.LINKED, "", BOSS)]
    day.give(unknown_card(day, "4712"))
    day.ask(BOB, ThatsMe(on(day).id))
    day.ask(BOB, RememberMe(on(day).id))
    assert story(day, BOB)[-1] == (What.LINKED, "", BOB)


def test_undeliverable() -> None:
    """A message that nobody takes stands with the address."""
    day = full()
    day.delivers = False
    day.lose()
    (lost,) = [one for one in day.site.outbox if isinstance(one.effect, SightLost)]
    day.give(Undeliverable(lost.id, "not_in_channel"))
    assert story(day, CHANNEL) == [(What.UNDELIVERABLE, "", "")]


def test_reached_again() -> None:
    """Who takes no messages, and writes: they have resumed, at their own word."""
    day = full()
    day.delivers = False
    day.ask(ANA, Pass())
    day.wait(minutes=1)
    waiting = [one for one in day.site.outbox if one.to == CLEO]
    day.give(Undeliverable(waiting[0].id, "user_disabled"))
    assert story(day, CLEO)[-1][0] is What.UNREACHABLE
    day.ask(CLEO, ShowLine())
    assert (What.RESUMED, "", CLEO) in story(day, CLEO)


def test_unlinked() -> None:
    """Whose card it was, and which admin took it."""
    day = Day()
    day.ask(BOSS, Admin(acts.Unlink(ANA)))
    assert story(day, ANA) == [(What.UNLINKED, "", BOSS)]


def test_what_is_needed() -> None:
    """By who said it: in line, and on a port."""
    day = Day(p1=ANA)
    day.ask(ANA, SayNeed(Need(Unit.KWH, 8.0)))
    day.ask(BOB, Add())
    day.ask(BOB, SayNeed(Need(Unit.KWH, 8.0)))
    assert story(day, ANA)[-1] == (What.NEEDS, ONE, ANA)
    assert story(day, BOB)[-1] == (What.NEEDS, "", BOB)


def test_a_turn_that_is_taken_back() -> None:
    """By nobody, when the port went out of reach."""
    day = full()
    day.see(p1="dark")
    day.wait(minutes=4)
    assert (What.WITHDRAWN, ONE, "") in story(day, ANA)


def test_a_port_that_somebody_cannot_use() -> None:
    """A turn there is passed on by who can't use it."""
    day = full()
    day.ask(ANA, CannotUse())
    assert (What.PASSED, ONE, ANA) in story(day, ANA)


def test_moving() -> None:
    """Who says that they move says it of their port."""
    day = Day(p1=ANA)
    day.ask(ANA, DoneMoving())
    assert story(day, ANA)[-1] == (What.MOVES, ONE, ANA)


def test_called_elsewhere() -> None:
    """A call that nobody takes, of who has another address: at which port it was."""
    day = Day()
    elsewhere = "hipchat:t:ana"
    people = {**day.site.people, elsewhere: Person("ana", (IDS[ANA],))}
    day.site = replace(day.site, people=people)
    day.ask(ANA, Add())
    day.delivers = False
    day.free("p1")
    day.bounce(ANA)
    assert story(day, ANA)[-1] == (What.UNREACHABLE, ONE, "")
    assert story(day, elsewhere)[-1] == (What.CALLED, ONE, "")
