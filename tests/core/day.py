"""A day at a car park with two ports, told by the rules' tests: pure, on fakes' people."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar

from chalicelib.core import next_deadline, outbox, step
from chalicelib.core.answers import Added, Answer, Refused, YourPlace
from chalicelib.core.effects import Called, CallOver, Effect, KeepStay
from chalicelib.core.inputs import Delivered, Input, Tick, Undeliverable, Wish
from chalicelib.core.model import Entry, Lane, Pending, Site, Turn
from chalicelib.core.stays import FinishedStay
from chalicelib.values import replace
from tests.fakes import MONDAY, STATION, asked, look, site_of

Kind = TypeVar("Kind")
ONE, TWO = f"{STATION}/1", f"{STATION}/2"


def both_lanes(site: Site) -> tuple[Pending, ...]:
    """What is next to be said, then what is next to be kept."""
    return outbox.heads(site, Lane.CHAT) + outbox.heads(site, Lane.LOG)


def untimed(answer: Answer | None) -> Answer | None:
    """The answer without the times it names: those are the forecast's (rule 32)."""
    if isinstance(answer, Added | YourPlace):
        return replace(answer, expected=None)
    return answer


class Day:
    """It begins on a Monday at 8:00. Whoever is told something gets it at once.

    `cars` says who is on p1 and p2: None is free, "?" a stranger, "dark" out of reach.
    """

    def __init__(self, site: Site | None = None, **cars: str | None) -> None:
        self.site = site or site_of()
        self.now: datetime = MONDAY
        self.cars: dict[str, str | None] = {"p1": "?", "p2": "?", **cars}
        self.told: list[tuple[str, Effect]] = []
        self.edited: list[tuple[str, int]] = []  # calls that offer nothing any more
        self.kept: list[FinishedStay] = []
        self.delivers = True
        self.see()

    # --- what happens ------------------------------------------------------------------

    def give(self, given: Input) -> Answer | None:
        outcome = step(self.site, given, self.now)
        self.site = outcome.site
        while self.delivers and (heads := both_lanes(self.site)):
            pending = heads[0]
            if isinstance(pending.effect, KeepStay):
                self.kept.append(pending.effect.stay)
            elif isinstance(pending.effect, CallOver):
                self.edited.append((pending.to, pending.effect.turn))
            else:
                self.told.append((pending.to, pending.effect))
            self.site = step(self.site, Delivered(pending.id, f"ts{pending.id}"), self.now).site
        return outcome.answer

    def ask(self, driver: str, wish: Wish) -> Answer | None:
        """Somebody asks; a refusal changes nothing."""
        before = self.site
        answer = self.give(asked(driver, wish))
        assert answer is not None, "silence is a failure"
        if isinstance(answer, Refused):
            assert self.site is before, "a refusal changes nothing"
        return answer

    def see(self, **cars: str | None) -> None:
        """A look, after the cars have changed. Two looks are never of the same instant."""
        self.cars |= cars
        if self.site.looked_at == self.now:
            self.now += timedelta(seconds=1)
        self.give(look(self.now, **self.cars))

    def free(self, *names: str) -> None:
        """The ports are seen to be free, on two looks 20 seconds apart."""
        self.see(**dict.fromkeys(names or ("p1", "p2")))
        self.wait(seconds=20)
        self.see()

    def wait(self, *, looking: bool = True, **length: float) -> None:
        """Time goes by, in which the core is woken whenever it wants to be.

        The chargers are looked at every minute, unless not `looking`.
        """
        end = self.now + timedelta(**length)
        while self.now < end:
            due = next_deadline(self.site)
            pause = min(end, self.now + timedelta(minutes=1))
            self.now = min(pause, due) if due is not None and due > self.now else pause
            self.give(Tick())
            if looking and self.now == pause and self.now < end:
                self.see()

    def lose(self) -> None:
        """No look for so long that sight is lost."""
        self.wait(looking=False, minutes=3)

    def bounce(self, driver: str) -> None:
        """Whatever waits for this driver can't be delivered."""
        for pending in [one for one in self.site.outbox if one.to == driver]:
            self.give(Undeliverable(pending.id, "user_disabled"))

    # --- how it stands -------------------------------------------------------------------

    @property
    def line(self) -> list[str]:
        """Everybody in line, the called and the suspended included, in order."""
        return [entry.driver for entry in self.site.queue]

    @property
    def called(self) -> dict[str, str]:
        """Who is called to which port."""
        return {e.driver: e.turn.port for e in self.site.queue if e.turn is not None}

    def entry(self, driver: str) -> Entry:
        (entry,) = [entry for entry in self.site.queue if entry.driver == driver]
        return entry

    def turn(self, driver: str) -> Turn:
        turn = self.entry(driver).turn
        assert turn is not None
        return turn

    def heard(self, to: str, kind: type[Kind]) -> list[Kind]:
        """What of this kind an address was told, in order."""
        return [effect for one, effect in self.told if one == to and isinstance(effect, kind)]

    def calls(self, driver: str) -> list[Called]:
        return self.heard(driver, Called)


class PowerDay(Day):
    """The looks show power, too: `kw` flows (None: not told), `cap` is allowed."""

    kw: float | None = 6.6
    cap: float | None = None

    def see(self, **cars: str | None) -> None:
        self.cars |= cars
        if self.site.looked_at == self.now:
            self.now += timedelta(seconds=1)
        seen = look(self.now, **self.cars)
        ports = (
            replace(
                port,
                load_kw=self.kw if port.load_kw else port.load_kw,
                capped=self.cap is not None,
                allowed_kw=self.cap,
            )
            for port in seen.ports
        )
        self.give(replace(seen, ports=tuple(ports)))
