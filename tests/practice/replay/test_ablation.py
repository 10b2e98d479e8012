"""A rule withheld: how the days are without it, and that it is back afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest

from chalicelib.core import courtesy, step
from chalicelib.core.inputs import Add
from chalicelib.core.rules import charging, needs, reminders
from chalicelib.energy import forecast
from practice.replay import waste
from practice.replay.ablation import RULES, NoSuchRule, without
from practice.replay.cast import Wants
from practice.replay.measures import Measured, total
from practice.replay.planners import Planners
from tests.fakes import ANA, MONDAY, asked, look, site_of

from .test_compare import EVERYBODY, met, run

SHORT = replace(EVERYBODY, cant_use=0.5)


def told(measured: Measured) -> int:
    return sum(len(result.told) for result in measured.results)


SEVERAL = replace(EVERYBODY, heed=0.6, say=0.6, unplug_ok=0.5, cant_use=0.5)  # of each kind


@cache
def five_days(*off: str) -> Measured:
    """Long enough for habits, with cars that take longer than one may stay."""
    return run("fair", off=off, days=5, ways=SEVERAL, wants=Wants(energy=6.0))


@pytest.mark.parametrize("name", RULES)
def test_it_makes_a_difference(name: str) -> None:
    """Without any one of them the days go otherwise, each visit ends, and nothing disagrees."""
    with_it, without_it = five_days(), five_days(name)
    assert len(without_it.results) == 60
    assert without_it.broken == without_it.failed == []
    if name != "41-budget":  # here nobody hears so much in a day
        assert without_it != with_it


class TestWithout:
    """What is gone with a rule, and only with it."""

    def test_31(self) -> None:
        """Nobody is asked to move because they have what they need."""
        with_it, without_it = run("fair"), run("fair", off=("31",))
        assert met(without_it) < met(with_it)

    def test_31_again(self) -> None:
        """Who doesn't react is told once that somebody waits."""
        ways = replace(EVERYBODY, heed=0.0)
        assert run("fair", off=("31-again",), ways=ways).direct < run("fair", ways=ways).direct

    def test_32(self) -> None:
        """Nobody hears a time, nor that it will hardly be today."""
        with_it, without_it = run("fair", ports=1), run("fair", ports=1, off=("32",))
        assert told(with_it) + total(with_it, "hardly") > 0
        assert told(without_it) + total(without_it, "hardly") == 0

    def test_33(self) -> None:
        """Nothing is promised, and nobody is served otherwise for it."""
        with_it, without_it = run("fair"), run("fair", off=("33",))
        assert total(with_it, "made") > 0
        assert total(without_it, "made") == 0
        assert met(with_it) == met(without_it)

    def test_34(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """People make room without a word."""
        pressed: list[str] = []
        press = Planners._press

        def noted(crowd: Planners, person: object, n: int, action: str) -> bool:
            pressed.append(action)
            return press(crowd, person, n, action)  # type: ignore[arg-type]  # a Person

        monkeypatch.setattr(Planners, "_press", noted)
        run("fair")
        assert "moving" in pressed
        pressed.clear()
        run("fair", off=("34",))
        assert "moving" not in pressed

    def test_35(self) -> None:
        """Nobody's car is unplugged by the next one."""
        ways = replace(EVERYBODY, heed=0.3, unplug_ok=1.0)
        assert any(result.unplugged for result in run("fair", ways=ways).results)
        without_it = run("fair", ways=ways, off=("35",))
        assert not any(result.unplugged for result in without_it.results)

    def test_36(self) -> None:
        """Who can't use a port is called there again and again."""
        with_it, without_it = run("fair", ways=SHORT), run("fair", ways=SHORT, off=("36",))
        in_vain = waste.calls_in_vain
        assert in_vain(with_it.results) < in_vain(without_it.results)

    def test_37(self) -> None:
        """The fair order without its order is the other one."""
        assert run("fair", off=("37",)).results == run("ours").results

    def test_nobody_is_called(self) -> None:
        """A due rule goes by its name, too: without the one that calls nobody gets a turn."""
        measured = run("today", off=("call_next",))
        assert sum(result.calls for result in measured.results) == 0


class TestBackAgain:
    """Afterwards all is as before, also when something went wrong meanwhile."""

    def test_due_rules(self) -> None:
        """Nobody is called without rule 2; with it, again."""

        def called() -> bool:
            site = step(site_of(), asked(ANA, Add()), MONDAY).site
            for seconds in (0, 20):
                now = MONDAY + timedelta(seconds=seconds)
                site = step(site, look(now, p1=None), now).site
            return site.queue[0].turn is not None

        def fail() -> None:
            with without(["2"]):
                assert not called()
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        assert called()

    def test_questions(self) -> None:
        """Wherever a function is known by its name it is the old one again."""

        def known() -> list[object]:
            return [
                charging.end_of, vars(reminders)["end_of"], reminders.LADDER, needs.promise_of,
                forecast.outlook, courtesy.MOST_A_DAY,
            ]  # fmt: skip

        before = known()
        with without(list(RULES)):
            assert all(was is not now for was, now in zip(before, known(), strict=True))
        assert all(was is now for was, now in zip(before, known(), strict=True))

    def test_no_such_rule(self) -> None:
        """It says which there are."""
        with pytest.raises(NoSuchRule, match="call_next"), without(["99"]):
            pass


def test_a_short_cable() -> None:
    """Whose cable doesn't reach a port never plugs in there, called or not."""
    for name in ("nobody", "fair"):
        measured = run(name, ways=replace(EVERYBODY, cant_use=1.0))
        ports = {result.port for result in measured.results if result.port is not None}
        assert {port for _, port in ports} == {"1"}
        assert measured.broken == []


def test_a_heads_up() -> None:
    """Who heard that a port will soon be theirs misses no call, if that makes people ready."""
    often = replace(EVERYBODY, miss=0.6)
    missed = waste.calls_in_vain(run("fair", ways=often).results)
    assert waste.calls_in_vain(run("fair", ways=replace(often, heads_up=True)).results) < missed
