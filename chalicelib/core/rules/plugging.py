"""Plugs: what a look at the chargers means for the line (rules 13 to 15)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from chalicelib.core.draft import Draft
from chalicelib.core.effects import (
    CallOver,
    ChannelReminder,
    CountedUnplugged,
    IsItYou,
    News,
    NoPower,
    PluggedIn,
    Question,
    UnpluggedBy,
    Withdrawal,
)
from chalicelib.core.inputs import Observed, PortSeen
from chalicelib.core.model import Entry, Port, Status, Stay, What
from chalicelib.energy.stays import pause
from chalicelib.values import replace

from . import (
    charging,
    finished,
    foresight,
    needs,
    power,
    promises,
    reminders,
    repair,
    sight,
    turns,
)

REVIEWS = 300  # seconds, between two looks at what was promised


def observe(d: Draft, observed: Observed) -> None:
    """Take in one look. One that is old, or not newer than the last, says nothing.

    First how each port is, then who has left, then who has come: two cars may have
    changed places.
    """
    last = d.looked_at
    if d.now - observed.at >= d.policy.blind or (last is not None and observed.at <= last):
        return
    seen = {port.id: repair.see_through(d, port, observed.at) for port in observed.ports}
    for port_id in sorted(seen.keys() - d.ports.keys(), key=natural):
        d.put_port(Port(port_id, label=str(len(d.ports) + 1)))
    d.looked_at, d.hindrances = observed.at, ()
    if d.blind or (last is not None and observed.at - last >= d.policy.blind):
        sight.see_again(d)
    for port_id in d.ports:
        look_at(d, port_id, seen.get(port_id), observed.at)
    for port_id in d.ports:
        leave(d, port_id, seen.get(port_id), observed.at)
    for port_id, shown in seen.items():
        if shown.status is Status.INUSE:
            occupied(d, port_id, shown, observed.at)
            charging.measure(d, port_id, observed.at)
            reminders.take_back_full(d, port_id, observed.at)
            finished.measure(d, port_id, shown, observed.at)
    finished.settle(d, observed.ended)
    power.notice(d)
    promises.review_stays(d)
    if is_time_to_review(last, observed.at):
        foresight.review(d)
        promises.review_line(d)


def natural(port_id: str) -> list[tuple[int, str]]:
    """As people count: port 10 comes after port 9."""
    parts = re.split(r"(\d+)", port_id)
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts]


def is_time_to_review(last: datetime | None, at: datetime) -> bool:
    """Every few minutes: what is foreseen changes slowly, and to foresee it costs."""
    return last is None or last.timestamp() // REVIEWS != at.timestamp() // REVIEWS


def look_at(d: Draft, port_id: str, seen: PortSeen | None, at: datetime) -> None:
    """One port of a look; None: the look did not show it.

    A person's word is better than no look, and lasts until two looks have seen for
    themselves (rule 2).
    """
    port = d.ports[port_id]
    status = seen.status if seen is not None else Status.UNKNOWN
    if port.vouched and status in turns.DARK:
        d.put_port(replace(port, seen_at=at))
        return
    since, told = port.since, port.idle_told
    if status is not port.status:
        told = False
        if since is None or not (status in turns.DARK and port.status in turns.DARK):
            since = at
    fresh = since is not None and at - since < d.policy.confirm
    vouched = port.vouched and status is port.status is Status.AVAILABLE and fresh
    d.put_port(
        replace(
            port,
            status=status,
            since=since,
            seen_at=at,
            vouched=vouched,
            idle_told=told,
            load_kw=seen.load_kw if seen is not None else port.load_kw,
            capped=bool(seen.capped) if seen is not None else port.capped,
            allowed_kw=seen.allowed_kw if seen is not None else port.allowed_kw,
            percent=seen.percent_shed if seen is not None else port.percent,
        )
    )


def leave(d: Draft, port_id: str, seen: PortSeen | None, at: datetime) -> None:
    """The car has left if the port is free now, or another car is on it."""
    port = d.ports[port_id]
    if port.stay is None or seen is None:
        return
    replaced = seen.status is Status.INUSE and is_other(port.stay, seen)
    if port.status is Status.AVAILABLE or replaced:
        unplug(d, port_id, at)


def occupied(d: Draft, port_id: str, seen: PortSeen, at: datetime) -> None:
    """A car is on the port: one that has just come, or one that we learn more about."""
    stay = d.ports[port_id].stay
    if stay is None:
        plug(d, port_id, at, seen)
        return
    news = (seen.user or stay.user, seen.credential or stay.credential)
    if seen.session and seen.session != stay.session:
        stay = replace(stay, session=seen.session)
        d.put_port(replace(d.ports[port_id], stay=stay))
    if news != (stay.user, stay.credential):
        known = replace(stay, user=news[0], credential=news[1])
        d.put_port(replace(d.ports[port_id], stay=known))
        recognise(d, port_id)
    elif stay.driver is None:
        recognise(d, port_id)
    if stay.since < at:
        ask_who(d, port_id)


def is_other(stay: Stay, seen: PortSeen) -> bool:
    """Rule 15: a different non-blank id is another car; a blank one says nothing."""
    if stay.user and seen.user:
        return stay.user != seen.user
    return bool(stay.credential and seen.credential and stay.credential != seen.credential)


def unplug(d: Draft, port_id: str, at: datetime) -> None:
    """The car has left. Whether the port is free is for rule 2 to say."""
    port = d.ports[port_id]
    stay = port.stay
    if stay is None:
        return
    d.plead(port, stay, ChannelReminder.GONE)
    foresight.note_end(d, stay, at)
    last = finished.ended(d, stay, at)
    finished.keep(d, port, last)
    needs.learn(d, last)
    promises.void(d, stay.promise)
    last = replace(last, promise=None, moving_at=None)
    d.put_port(replace(port, stay=None, last_stay=last, freed=True, blocked=False))
    holder = d.holder(port_id)
    if holder is None or holder.turn is None or not holder.turn.unplugs:
        end_post(d, port_id)
    elif port.status is Status.AVAILABLE:  # the post goes on: who was called to the car …
        d.put_port(replace(d.ports[port_id], freed=False))
        d.post(port_id, News.COMING if holder.turn.coming else News.CALLED, holder.driver)
    repair.count_dry(d, port_id, last)
    d.note(What.UNPLUGGED, stay.driver or "", port=port_id)


def end_post(d: Draft, port_id: str) -> None:
    """The next free stretch gets a post of its own (rule 15). Out of hours there is none: the
    old one is edited, or its "charging" would be the last word in the morning.
    """
    if not d.speaks:
        d.post(port_id, News.FREE)
        d.put_port(replace(d.ports[port_id], freed=False))


def plug(d: Draft, port_id: str, at: datetime, seen: PortSeen | None = None) -> None:
    """A car is on the port; `seen` None: a person says so."""
    port = d.ports[port_id]
    user, credential = (seen.user, seen.credential) if seen is not None else ("", "")
    stay = Stay(d.next_serial(), at, charging.new_ladder(d, at), None, user, credential)
    last, known = port.last_stay, None
    if last is not None and seen is not None and is_back(d, last, seen, at):
        known = last.driver
        taken = pause(last.taken, at) if last.taken is not None else None
        stay = replace(last, ended_at=None, driver=None, asked=False, taken=taken)
    foresight.note_turnover(d, port, at)
    d.put_port(replace(port, stay=stay, freed=False, blocked=False))
    turns.was_used(d, port_id)
    if not recognise(d, port_id) and known is not None:
        occupy(d, known, port_id)
    repair.tell_counted(d, port_id, at)


def is_back(d: Draft, last: Stay, seen: PortSeen, at: datetime) -> bool:
    """Rule 15: the same driver back within minutes continues the stay."""
    same = (seen.user and seen.user == last.user) or (
        seen.credential and seen.credential == last.credential
    )
    return bool(same) and last.ended_at is not None and at - last.ended_at <= d.policy.comeback


def recognise(d: Draft, port_id: str) -> bool:
    """Take the occupant for the person linked to one of its ids; whether there is one.

    The network knows better than a person who claimed the car by hand.
    """
    stay = d.ports[port_id].stay
    if stay is None or stay.disowned:
        return False
    ids = {stay.user, stay.credential} - {""}
    for driver, person in d.people.items() if ids else ():
        if not ids.isdisjoint(person.ids):
            if stay.driver != driver:
                occupy(d, driver, port_id)
            return True
    return False


def occupy(d: Draft, driver: str, port_id: str, *, quietly: bool = False) -> None:
    """Rule 13: a known driver plugging in leaves the line, wherever they were; where the power
    is off, once it comes (rule 21).
    """
    port = d.ports[port_id]
    if port.stay is None:
        return
    claimed = port.stay.driver
    if claimed is not None:  # by hand, and the network knows better
        d.tell(claimed, CountedUnplugged(claimed, port_id, d.now, shows=driver))
    d.put_port(replace(port, stay=replace(port.stay, driver=driver, disowned=False)))
    d.note(What.PLUGGED, driver, port=port_id)
    entry = d.entry(driver)
    left = None
    if entry is not None:
        if entry.turn is not None:
            left = entry.turn.port
            d.end_turn(entry)
            if entry.turn.unplugs and left == port_id:
                tell_unplugged(d, port, driver)
        leave_line(d, entry, port_id, quietly=quietly)
    holder = d.holder(port_id)
    if holder is not None:
        make_room(d, holder, port_id, driver, left)
    d.post(port_id, News.CHARGING, driver)


def tell_unplugged(d: Draft, port: Port, by: str) -> None:
    """Rule 35: who had allowed it hears who has the port now."""
    last = port.last_stay
    if last is not None and last.driver is not None:
        d.tell(last.driver, UnpluggedBy(last.driver, port.id, by))


def leave_line(d: Draft, entry: Entry, port_id: str, *, quietly: bool) -> None:
    driver = entry.driver
    note_wait(d, entry, port_id)
    take_need(d, entry, port_id)
    word: PluggedIn | NoPower
    if d.lacks_power(d.ports[port_id]):
        power.keep_place(d, entry, port_id)
        word = NoPower(driver, port_id, d.place(driver), d.now + d.policy.power_wait)
    else:
        d.drop(driver)
        end = needs.tell_end(d, d.ports[port_id])
        word = PluggedIn(driver, port_id, None if quietly else question(d, driver, port_id), end)
    if not quietly:  # the answer to their own word says it
        tell_off_line(d, entry, word)


def tell_off_line(d: Draft, entry: Entry, word: PluggedIn | NoPower) -> None:
    """Who was called there and has nothing to answer reads it where the call stood: who has just
    plugged in needs no sound for it.
    """
    turn = entry.turn
    of_turn = (
        one for one in d.calls if turn and (one.turn, one.driver) == (turn.id, entry.driver)
    )
    call = next(of_turn, None)
    if (
        call is None
        or turn is None
        or turn.port != word.port
        or call.to in d.channels  # it was called aloud: this is theirs alone
        or isinstance(word, NoPower)
        or word.question is not None
    ):
        d.tell(entry.driver, word)
    else:
        d.send(call.to, CallOver(entry.driver, turn.id, turn.port, word.end))


def note_wait(d: Draft, entry: Entry, port_id: str) -> None:
    """How long they stood in line, for the report; a stay that goes on keeps its first wait."""
    port = d.ports[port_id]
    if port.stay is not None and port.stay.waited is None:
        waited = max(port.stay.since - entry.added_at, timedelta(0))
        d.put_port(replace(port, stay=replace(port.stay, waited=waited)))


def take_need(d: Draft, entry: Entry, port_id: str) -> None:
    """What somebody said in line that they need is of their stay from now on (rule 28)."""
    port = d.ports[port_id]
    if port.stay is not None and entry.need is not None and port.stay.need is None:
        stay = replace(port.stay, need=entry.need, promise=entry.promise)
        d.put_port(replace(port, stay=promises.on_plug(d, stay)))


def question(d: Draft, driver: str, port_id: str) -> Question | None:
    stay = d.ports[port_id].stay
    return needs.question_at_plug(d, stay, driver) if stay is not None else None


def make_room(d: Draft, holder: Entry, port_id: str, by: str, left: str | None) -> None:
    """Somebody else is on the called port: the turn moves to the one left free, or back."""
    if left is None or left == port_id or not d.is_open(d.ports[left]):
        turns.withdraw(d, holder, Withdrawal.TAKEN, News.FREE, by)
        return
    held = d.end_turn(holder)
    d.put(held)
    d.call(held, left, instead_of=port_id, by=by)


def ask_who(d: Draft, port_id: str) -> None:
    """Rule 14: still unknown after one look; every driver called at that moment is asked."""
    port = d.ports[port_id]
    stay = port.stay
    if stay is None or stay.driver is not None or stay.asked:
        return
    d.put_port(replace(port, stay=replace(stay, asked=True)))
    for entry, _ in d.called():
        d.tell(entry.driver, IsItYou(entry.driver, port_id, stay.id))
    holder = d.holder(port_id)
    if holder is not None and holder.turn is not None:
        # silence keeps the place, suspended: that is how a turn lapses
        turn = replace(holder.turn, told_at=d.now, deadline=d.now + d.policy.answer)
        d.put(replace(holder, turn=turn))
    d.post(port_id, News.CHARGING, None)
