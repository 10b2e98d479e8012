"""Hand-over: cars that change places without anybody waiting (rules 34 to 36)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from chalicelib.core import answers as say, hours
from chalicelib.core.answers import Refusal, Refused
from chalicelib.core.draft import Draft
from chalicelib.core.due import Due
from chalicelib.core.effects import GivenTo, MeansToMove, News, Withdrawal
from chalicelib.core.inputs import CannotUse, DoneMoving, MovingAt, NotYet
from chalicelib.core.model import Entry, Port, Status, Stay, Turn, What
from chalicelib.core.reply import Reply, refuse
from chalicelib.values import replace

from . import by_hand, cars, reminders, turns

FURTHEST = timedelta(minutes=30)  # ahead, that somebody may say that they'll move


# --- moving (rule 34) -----------------------------------------------------------------


def moving_at(d: Draft, driver: str, wish: MovingAt) -> Reply:
    """`moving at TIME`: once a stay, and half an hour ahead at most."""
    found = cars.own_stay(d, driver, wish.stay, wish.port)
    if isinstance(found, Refusal):
        return cars.not_meant(driver, found, wish.port, "moving")
    port, stay = found
    at = d.now + wish.length if wish.length is not None else d.now
    if wish.at is not None:
        at = hours.upcoming(d, wish.at, d.now)
    if at < d.now - timedelta(minutes=1):
        return refuse(driver, Refusal.PAST)
    if at > d.now + FURTHEST:
        return lambda: Refused(driver, Refusal.MOVES_TOO_FAR, port.id, at)
    if not reminders.move(d, port, stay, max(at, d.now)):
        return refuse(driver, Refusal.MOVED_ONCE, port.id)
    d.note(What.MOVES, driver, by=driver, port=port.id)
    told = tell_next(d, port, stay, max(at, d.now))
    return lambda: say.MovesAt(driver, port.id, stay.id, max(at, d.now), who_hears(d, told))


def moving_now(d: Draft, driver: str, wish: DoneMoving) -> Reply:
    """*Moving now*: who said so before is thanked again, and believed no longer for it."""
    found = cars.own_stay(d, driver, wish.stay, wish.port)
    if isinstance(found, Refusal):
        return cars.not_meant(driver, found, wish.port, "moving")
    port, stay = found
    if stay.moving_at is not None and stay.moving_at <= d.now:  # said just now: the next knows
        return lambda: say.Moving(driver, port.id)
    believed = reminders.move(d, port, stay, d.now)
    if believed:
        d.note(What.MOVES, driver, by=driver, port=port.id)
        tell_next(d, port, stay, d.now)
    return lambda: say.Moving(driver, port.id, again=not believed)


def tell_next(d: Draft, port: Port, stay: Stay, at: datetime | None) -> str | None:
    """Whose call to unplug the car ends by this hears it whatever the hour."""
    called = d.holder(port.id)
    following = called if called is not None else d.first_eligible(port)
    if following is None or stay.driver is None or not (d.speaks or called is not None):
        return None
    at_once = at is not None and at <= d.now
    word = MeansToMove(following.driver, stay.driver, port.id, at, at_once, called is not None)
    if called is not None or not (at_once or at is None):
        d.tell(following.driver, word)  # they are walking, or should know when to
        return following.driver
    d.put(replace(following, told_next=True))
    d.tell_of_place(following.driver, word)
    return following.driver


def who_hears(d: Draft, told: str | None) -> str | None:
    """Who was told, if they hear it: not who was called in the same moment."""
    words = (one.effect for one in d.outbox)
    hears = any(isinstance(word, MeansToMove) and word.driver == told for word in words)
    return told if hears else None


def not_yet(d: Draft, driver: str, wish: NotYet) -> Reply:
    """*Not yet* takes it back, and the next hears that, too."""
    found = cars.own_stay(d, driver, wish.stay, wish.port)
    if isinstance(found, Refusal):
        return cars.not_meant(driver, found, wish.port, "not yet")
    port, stay = found
    if stay.moving_at is None:
        return refuse(driver, Refusal.NOT_MOVING, port.id)
    reminders.stay_on(d, port, stay)
    told = tell_next(d, port, stay, None)

    def answer() -> say.StaysYet:
        """By now somebody may be called to unplug the car that is done."""
        holder = d.holder(port.id)
        called = holder.driver if holder is not None else None
        return say.StaysYet(driver, port.id, who_hears(d, told), called)

    return answer


def end_move(d: Draft) -> Iterator[Due]:
    """Rule 34: said so, and still there a quarter of an hour later: the reminders go on."""
    for port in d.ports.values():
        stay = port.stay
        if stay is not None and stay.moving_at is not None:
            stays = replace(port, stay=replace(stay, moving_at=None))
            yield Due(stay.moving_at + reminders.MOVING, partial(d.put_port, stays))


# --- may be unplugged (rule 35) ------------------------------------------------------------


def may_unplug(d: Draft, driver: str, *, ok: bool) -> Reply:
    """Remembered, and changeable at any time."""
    d.remember(driver, may_unplug=ok)
    d.remember_today(driver, asked=True)
    holders = (d.holder(port.id) for port, _ in d.stays_of(driver))
    called = [holder.driver for holder in holders if holder is not None and not ok]
    return lambda: say.UnplugNoted(driver, ok, called[0] if called else None)


def withdraw_kept(d: Draft) -> Iterator[Due]:
    """Rule 35: a call to a car that may not be unplugged any more is taken back."""
    for entry, turn in d.called():
        port = d.ports[turn.port]
        stay = port.stay
        if stay is not None and stay.driver is not None and is_kept(d, turn, port):
            why = why_kept(stay)
            act = partial(turns.withdraw, d, entry, why, News.CHARGING, stay.driver)
            moves = stay.moving_at is not None  # who is called has heard that
            yield Due(d.now, partial(act, quietly=moves))


def is_kept(d: Draft, turn: Turn, port: Port) -> bool:
    """The car there isn't to be unplugged any more. Without sight only its driver can say so."""
    if not turn.unplugs or port.status is not Status.INUSE or port.stay is None:
        return False
    if not d.sees:
        return d.habits(port.stay.driver or "").may_unplug is not True
    return not d.is_released(port)


def why_kept(stay: Stay) -> Withdrawal:
    is_done = stay.full_told or stay.met_at is not None
    return Withdrawal.KEPT if is_done else Withdrawal.NOT_DONE


# --- give, and can't use (rule 36) -------------------------------------------------------------


def give(d: Draft, driver: str, who: str) -> Reply:
    """My place to somebody who stands in line: their old place goes, a running clock runs on."""
    mine, to = d.entry(driver), d.person_named(who)
    if mine is None:
        return refuse(driver, Refusal.NOT_IN_LINE)
    if to is None:
        return refuse(driver, Refusal.WHO, other=who)
    if to == driver:
        return refuse(driver, Refusal.OWN_PLACE)
    theirs = d.entry(to)
    if theirs is None:
        port = d.charging_at(to)
        why = Refusal.ON_A_PORT if port is not None else Refusal.NOT_IN_LINE
        return refuse(driver, why, port.id if port is not None else None, other=to)
    if theirs.turn is not None or (mine.turn is not None and not theirs.is_waiting):
        return refuse(driver, Refusal.NOT_FOR_THEM, other=to)
    port = d.ports[mine.turn.port] if mine.turn is not None else None
    if port is not None and not d.may_have(theirs, port):
        return refuse(driver, Refusal.NOT_FOR_THEM, other=to)
    if port is None and d.place(to) < d.place(driver):
        return refuse(driver, Refusal.NO_GAIN, other=to)
    hand_over(d, mine, theirs)
    place = d.place(to)
    tell_receiver(d, mine, to, place)
    port_id = mine.turn.port if mine.turn is not None else None
    return lambda: say.Gave(driver, to, d.place(to), port_id)


def hand_over(d: Draft, mine: Entry, theirs: Entry) -> None:
    moved = replace(theirs, added_at=mine.added_at, told_next=False)
    if mine.turn is not None:
        d.unsay(mine.turn)
        moved = replace(moved.called(mine.turn), told_next=True)
        called = News.UNPLUGGABLE if mine.turn.unplugs else News.CALLED
        d.post(mine.turn.port, News.COMING if mine.turn.coming else called, theirs.driver)
    d.drop(theirs.driver)
    d.queue = tuple(moved if one is mine else one for one in d.queue)
    d.note(What.GAVE, mine.driver, by=mine.driver)
    d.note(What.RECEIVED, theirs.driver, by=mine.driver)


def tell_receiver(d: Draft, mine: Entry, to: str, place: int) -> None:
    turn = mine.turn
    if turn is None:
        d.tell(to, GivenTo(to, mine.driver, place))
    else:
        d.tell(to, GivenTo(to, mine.driver, place, turn.port, turn.id, turn.deadline))


def cannot_use(d: Draft, driver: str, wish: CannotUse) -> Reply:
    """Never be called there again; a turn there is passed on without a mark."""
    entry = d.entry(driver)
    turn = entry.turn if entry is not None else None
    named = d.port_named(wish.port) if wish.port else None
    if wish.port and named is None:
        return refuse(driver, Refusal.NO_SUCH_PORT, other=wish.port)
    if named is None and (turn is None or wish.turn not in (None, turn.id)):
        return refuse(driver, Refusal.NOT_CALLED)
    port = named.id if named is not None else turn.port if turn is not None else ""
    barred = tuple(sorted({*d.habits(driver).cannot_use, port} & d.ports.keys()))
    d.remember(driver, cannot_use=barred)
    if entry is not None and turn is not None and turn.port == port:
        d.put(d.end_turn(entry))
        d.note(What.PASSED, driver, by=driver, port=port)
    none_left = d.ports.keys() <= set(barred)
    return lambda: say.PortBarred(driver, port, ok=False, none_left=none_left)


def can_use(d: Draft, driver: str, name: str) -> Reply:
    """`can use 2`."""
    port = d.port_named(name)
    if port is None:
        return refuse(driver, *by_hand.no_port(name))
    rest = tuple(one for one in d.habits(driver).cannot_use if one != port.id)
    d.remember(driver, cannot_use=rest)
    return lambda: say.PortBarred(driver, port.id, ok=True)
