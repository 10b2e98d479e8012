"""Needs: how much, by when, and how much of it is there (rules 28 and 29)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from chalicelib.core import answers as say, hours
from chalicelib.core.answers import Odds, Refusal
from chalicelib.core.draft import Draft
from chalicelib.core.due import Due
from chalicelib.core.effects import HowMuch, Question
from chalicelib.core.hours import ClockTime
from chalicelib.core.inputs import NoNeed, PickNeed, SayNeed, ShowNeed
from chalicelib.core.model import Port, Promise, Rung, Status, Stay, What
from chalicelib.core.reply import Reply, refuse
from chalicelib.energy import stays, taper
from chalicelib.energy.needs import (
    MOST_FOR_A_HABIT,
    Need,
    Unit,
    energy_of,
    habit_of,
    is_more,
)
from chalicelib.energy.stays import HOLDS, Taken
from chalicelib.values import replace

from . import cars, charging, guesses, word

SECOND = timedelta(seconds=1)
SMALLEST_FILL = 0.5  # kWh: less is no visit to learn from


# --- the energy of a stay (rule 29) -----------------------------------------------------


def so_far(d: Draft, stay: Stay) -> tuple[float, bool]:
    """The kWh of a stay by now, and whether that is only about so much."""
    taken = stay.taken if stay.taken is not None else Taken(stay.since)
    return stays.added_up(taken, d.now, d.policy.rated_kw)


def usual(d: Draft, driver: str | None) -> float | None:
    """What a driver takes of a stay here as a habit (kWh)."""
    return habit_of(d.habits(driver).fills) if driver is not None else None


def time_of(d: Draft, stay: Stay, kwh: float) -> datetime | None:
    """When a stay should have so much; None: not as it charges now."""
    taken = stay.taken if stay.taken is not None else Taken(stay.since)
    left = kwh - taken.kwh
    if left <= 0:
        return taken.at
    if taken.kw is None:
        return taken.at + left / d.policy.rated_kw * taper.HOUR
    length = taper.time_for(left, taken.kw, taken.peak_kw, taken.kwh)
    return taken.at + length if length is not None else None


def need_at(d: Draft, stay: Stay) -> datetime | None:
    """When the need that its driver said should be met; None: said none, or it won't be."""
    if stay.met_at is not None or stay.need is None:
        return stay.met_at
    if stay.need.length is not None:
        return stay.since + stay.need.length
    energy = energy_of(stay.need, d.policy.km_per_kwh)
    return time_of(d, stay, energy) if energy is not None else None


def tell_end(d: Draft, port: Port) -> datetime | None:
    """When the need of the stay there should be met, which its driver hears now."""
    stay = port.stay
    end = need_at(d, stay) if stay is not None else None
    if stay is None or end is None or end <= d.now or end > charging.limit_at(d, stay):
        return None
    d.put_port(replace(port, stay=replace(stay, told_end=end)))
    return end


# --- due rules ------------------------------------------------------------------------------


def meet(d: Draft) -> Iterator[Due]:
    """Rule 28: a stay has what its driver said they need. Once met it stays met.

    Energy that a look tells holds for five minutes: what would be met later, a look will tell.
    """
    for port in d.ports.values():
        stay = port.stay
        if stay is None or stay.need is None or stay.met_at is not None:
            continue
        at = need_at(d, stay)
        if at is None:
            continue
        if stay.need.length is None and not is_sure(stay, at):
            continue
        yield Due(at, partial(note_met, d, port, stay))


def is_sure(stay: Stay, at: datetime) -> bool:
    """What will have flowed by then is known now: a look's power holds for five minutes; where
    no look tells the power it is reckoned, at any time.
    """
    return stay.taken is None or stay.taken.kw is None or at <= stay.taken.at + HOLDS


def note_met(d: Draft, port: Port, stay: Stay) -> None:
    if stay.promise is not None and stay.promise.made:
        word.count(d, kept=1)
    d.put_port(replace(port, stay=replace(stay, met_at=d.now, promise=None)))
    if stay.driver is not None:
        d.remember_today(stay.driver, met=True)


def ask_how_much(d: Draft) -> Iterator[Due]:
    """Rule 28: who plugged in without a word is asked once, when somebody waits first."""
    for port in d.ports.values() if d.sees and not d.policy.classic else ():
        stay = port.stay
        if stay is None or stay.driver is None or d.today(stay.driver).asked:
            continue
        if port.status is not Status.INUSE or not d.is_wanted(port):
            continue
        if question_of(d, stay, stay.driver) is not None and d.entry(stay.driver) is None:
            yield Due(d.now, partial(ask, d, port, stay, stay.driver), spoken=True)


def ask(d: Draft, port: Port, stay: Stay, driver: str) -> None:
    question = question_of(d, stay, driver)
    d.remember_today(driver, asked=True)
    if question is not None:
        d.tell(driver, HowMuch(driver, port.id, question))


def question_of(d: Draft, stay: Stay, driver: str) -> Question | None:
    """What is asked after plugging in; None: nothing is left to ask. Whose stay is over is asked
    to move, and nothing else.
    """
    ladder = stay.ladder
    over = ladder.rung >= Rung.OVER or charging.end_of(d, stay).at <= d.now
    if ladder.extended or over:
        return None
    how_much = stay.need is None
    unplug = d.habits(driver).may_unplug is None
    if not (how_much or unplug):
        return None
    return Question(stay.id, usual(d, driver), how_much, unplug)


def question_at_plug(d: Draft, stay: Stay, driver: str) -> Question | None:
    """The same, as part of the message after plugging in: once a day; not of who wants quiet."""
    if d.policy.classic or d.today(driver).asked or d.wants_quiet(driver):
        return None
    d.remember_today(driver, asked=True)
    return question_of(d, stay, driver)


# --- learning -----------------------------------------------------------------------------


def learn(d: Draft, stay: Stay) -> None:
    """A stay is over: what it took is remembered with the last ten."""
    if stay.driver is None:
        return
    kwh = stay.taken.kwh if stay.taken is not None else 0.0
    if kwh < SMALLEST_FILL:
        return
    fills = (*d.habits(stay.driver).fills, round(kwh, 1))[-MOST_FOR_A_HABIT:]
    d.remember(stay.driver, fills=fills, shut_out=False)
    d.remember_today(stay.driver, kwh=round(d.today(stay.driver).kwh + kwh, 1))


# --- what people say --------------------------------------------------------------------------


def time_meant(d: Draft, by: ClockTime | None) -> datetime | None:
    return hours.upcoming(d, by, d.now) if by is not None else None


def meant(d: Draft, driver: str, need: Need | None, by: datetime | None) -> Need | None:
    """The need that somebody said; a time alone is the usual by then, or full."""
    if need is None and by is not None:
        habit = usual(d, driver)
        need = Need(Unit.KWH, round(habit, 1)) if habit is not None else Need(Unit.FULL)
    return replace(need, by=by) if need is not None else None


def say_need(d: Draft, driver: str, said: SayNeed, by_whom: str = "") -> Reply:
    """`need 12 kWh by 16:00`: of the stay under way, or of the one to come."""
    by = time_meant(d, said.by)
    if by is not None and by <= d.now:
        return refuse(driver, Refusal.PAST)
    return for_what(d, driver, said.port, meant(d, driver, said.need, by), by_whom)


def for_what(d: Draft, driver: str, port: str, need: Need | None, by: str = "") -> Reply:
    """A need is of the stay under way, or of the one to come; of two cars it is said which."""
    if not port and d.charging_at(driver) is None:
        return of_entry(d, driver, need, by)
    found = cars.own_stay(d, driver, None, port)
    if isinstance(found, Refusal):
        return cars.not_meant(driver, found, port, "need")
    return of_stay(d, driver, *found, need, by)


def pick_need(d: Draft, driver: str, picked: PickNeed) -> Reply:
    """A button under "How much today?"."""
    found = d.stay(picked.stay)
    if found is None or found[1].driver != driver:
        return refuse(driver, Refusal.NOBODY_THERE)
    old = found[1].need
    need = Need(Unit.FULL) if picked.kwh is None else Need(Unit.KWH, picked.kwh)
    return of_stay(d, driver, *found, replace(need, by=old.by if old is not None else None))


def no_need(d: Draft, driver: str, wish: NoNeed, by: str = "") -> Reply:
    """`need none`."""
    return for_what(d, driver, wish.port, None, by)


def of_entry(d: Draft, driver: str, need: Need | None, by: str = "") -> Reply:
    """The need of who waits: it goes with them to the port."""
    entry = d.entry(driver)
    if entry is None:
        return refuse(driver, Refusal.NO_PLACE)
    give_up(d, entry.promise)
    d.put(replace(entry, need=need, promise=promise_of(need)))
    d.note(What.NEEDS, driver, by=by or driver)
    return lambda: shown(d, driver, changed=True)


def of_stay(
    d: Draft, driver: str, port: Port, stay: Stay, need: Need | None, by: str = ""
) -> Reply:
    """Rule 28: while somebody waits a need may be raised once; lowered, always. An admin (`by`)
    may raise it.

    To take back a need is no raise: the limit is then the shorter one.
    """
    old, km, rated = stay.need, d.policy.km_per_kwh, d.policy.rated_kw
    raises = old is not None and need is not None and is_more(need, old, km, rated)
    if raises and stay.raised and d.is_wanted(port) and not by:
        return refuse(driver, Refusal.RAISED_ONCE, port.id)
    raised = stay.raised or (raises and d.is_wanted(port))
    give_up(d, stay.promise)
    changed = replace(stay, need=need, raised=raised, met_at=None, promise=promise_of(need))
    told = replace(changed, told_end=need_at(d, changed))
    if old is None and told.told_end is not None:
        guesses.note(d, stay, told.told_end)
    d.put_port(replace(port, stay=told))
    d.note(What.NEEDS, driver, by=by or driver, port=port.id)
    return lambda: shown(d, driver, port.id, changed=True)


def give_up(d: Draft, promise: Promise | None) -> None:
    """Passed, missed, left, changed, or full: nobody broke it (rule 33)."""
    if promise is not None and promise.made:
        word.count(d, void=1)


def promise_of(need: Need | None) -> Promise | None:
    """A need with a time may be promised; that it is, others say (rule 33). When a car is full
    nobody can know.
    """
    if need is None or need.by is None or need.unit is Unit.FULL:
        return None
    return Promise(need.by)


def show_need(d: Draft, driver: str, wish: ShowNeed) -> Reply:
    """`need`: as it stands."""
    if not wish.port and d.charging_at(driver) is None:
        if d.entry(driver) is None:
            return refuse(driver, Refusal.NO_PLACE)
        return lambda: shown(d, driver)
    found = cars.own_stay(d, driver, None, wish.port)
    if isinstance(found, Refusal):
        return cars.not_meant(driver, found, wish.port, "need")
    return lambda: shown(d, driver, found[0].id)


def shown(
    d: Draft, driver: str, port_id: str | None = None, *, changed: bool = False
) -> say.NeedNoted:
    """The answer, as it stands after the due rules have run; of the car on that port, if its
    driver has several.
    """
    mine = {port.id: port for port, _ in d.stays_of(driver)}
    entry = d.entry(driver)
    port = mine.get(port_id or "") or d.charging_at(driver)
    if port is not None and port.stay is not None:
        return of_the_car(d, driver, port, port.stay, changed, is_one_of_two=len(mine) > 1)
    need = entry.need if entry is not None else None
    promise = entry.promise if entry is not None else None
    return say.NeedNoted(
        driver,
        need,
        usual(d, driver),
        odds=odds_of(promise),
        at_most=too_much(d, need, 0.0, d.now + charging.longest(d.policy)),
        changed=changed,
    )


def of_the_car(
    d: Draft, driver: str, port: Port, stay: Stay, changed: bool, *, is_one_of_two: bool
) -> say.NeedNoted:
    """How it stands with a stay's need; what it can't have before its time is up."""
    kwh, about = so_far(d, stay)
    done_at, limit = need_at(d, stay), charging.limit_at(d, stay)
    at_most = too_much(d, stay.need, kwh, limit)
    too_late = done_at is not None and done_at > limit
    ends_first = (
        stay.need is not None and (stay.need.by or limit) >= limit
    )  # before their own time
    has_until = ends_first and (too_late or at_most is not None) and limit > d.now
    has_until = has_until and not d.policy.classic
    return say.NeedNoted(
        driver,
        stay.need,
        usual(d, driver),
        round(kwh, 1),
        about,
        stay.met_at is not None,
        done_at if not too_late or d.policy.classic else None,
        odds_of(stay.promise),
        at_most,
        changed,
        port.id if is_one_of_two else None,
        limit if has_until else None,
    )


def odds_of(promise: Promise | None) -> Odds | None:
    if promise is None:
        return None
    if promise.made and (not promise.warned or promise.holds_again):
        return Odds.PROMISED
    return Odds.HARDLY if promise.warned or promise.hardly else Odds.LIKELY


def too_much(d: Draft, need: Need | None, kwh: float, limit: datetime) -> float | None:
    """How much a port can give by their time, and before a stay is over, where that is less than
    their need.
    """
    if need is None or (need.by is None and d.policy.classic):
        return None
    energy = energy_of(need, d.policy.km_per_kwh)
    end = need.by if d.policy.classic else min(need.by or limit, limit)
    at_most = kwh + d.policy.rated_kw * max(0.0, ((end or limit) - d.now) / taper.HOUR)
    return round(at_most, 1) if energy is not None and at_most < energy else None
