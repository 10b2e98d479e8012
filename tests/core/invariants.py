"""What always holds, whatever happens: checked after every step of the random days and of
the transcripts. Written without the core's own rules where it can be: it counts.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.core import Outcome, answers, effects as say, inputs as do, next_deadline, step
from chalicelib.core.model import Entry, Site, Standing, Status, Stay
from chalicelib.stores.codec import decode, encode
from chalicelib.values import replace


def check_step(before: Site, given: do.Input, outcome: Outcome, now: datetime) -> None:
    """The step from `before` was a lawful one."""
    assert step(before, given, now) == outcome, "the step is a function"
    if (
        isinstance(outcome.answer, answers.Refused)
        and isinstance(given, do.Asked)
        and not said(given)
    ):
        assert outcome.site is before, "a refusal changes nothing"
    if isinstance(given, do.Observed | do.Tick | do.Alarmed | do.Hindered):
        again = step(outcome.site, given, now)
        assert again.site is outcome.site, "the same look or tick twice says nothing twice"
    deadline = next_deadline(outcome.site)
    if isinstance(given, do.Tick) or outcome.site is not before:
        assert deadline is None or deadline > now, "the next deadline lies ahead"
    if outcome.site is not before:
        assert outcome.deadline == deadline, "a step tells the next deadline"
    check_leavers(before, given, outcome)
    check_log(before, outcome.site)
    check_site(outcome.site, now)


def said(asked: do.Asked) -> bool:
    """The answer goes through the outbox."""
    return asked.reply_to is not None or asked.public_to is not None


def check_leavers(before: Site, given: do.Input, outcome: Outcome) -> None:
    """Nobody leaves the line but by own wish, by plugging in, by an admin or at the day's end,
    each with a word.
    """
    site = outcome.site
    left = {entry.driver for entry in before.queue} - {entry.driver for entry in site.queue}
    by = given.driver if isinstance(given, do.Asked) else ""
    for driver in left - {by}:
        assert any(is_a_word(one.effect, driver, by, before) for one in site.outbox) or (
            by in before.admins and isinstance(outcome.answer, answers.Did)
        ), f"{driver} left without a word"
    if by in left and isinstance(given, do.Asked):
        leaving = do.Remove | do.Leave | do.In | do.ThatsMe | do.Admin | do.Give
        assert isinstance(given.wish, leaving) or site.queue == () or is_kept(site, outcome)


def is_kept(site: Site, outcome: Outcome) -> bool:
    """A number that joined has its place as the person whose number it is now."""
    joined = outcome.answer
    return isinstance(joined, answers.Joined) and any(
        one.driver == joined.driver for one in site.queue
    )


def check_log(before: Site, after: Site) -> None:
    """A car that has left is written down in the same step, once, as of that moment."""
    new = [one.effect for one in after.outbox if one.id > before.serial]
    kept = [one.stay for one in new if isinstance(one, say.KeepStay)]
    kept = [stay for stay in kept if not stay.is_in_vain]  # nobody's car: who went without
    there = {port.stay.id for port in after.ports.values() if port.stay}
    gone = {port.stay.id for port in before.ports.values() if port.stay} - there
    last = {port.last_stay.id for port in before.ports.values() if port.last_stay} - gone
    written = sorted(stay.id for stay in kept if stay.id not in there | last)
    assert written == sorted(gone)  # and one that is over may be put right
    assert all(stay.since <= stay.until for stay in kept)
    assert all(stay.kwh is None or stay.kwh >= 0 for stay in kept)


def is_a_word(effect: say.Effect, driver: str, by: str, before: Site) -> bool:
    match effect:
        case say.PluggedIn(one):
            return one == driver
        case say.CallOver(one, port=str()):
            return one == driver
        case say.AdminMoved(one, admin, 0):
            return one == driver and admin == by and by in before.admins
        case say.HasLeft(one):
            return one == driver
        case say.LineCleared(drivers):
            return driver in drivers
        case _:
            return False


def check_site(site: Site, now: datetime) -> None:
    """The site is one that may be."""
    check_places(site)
    check_turns(site)
    check_free_ports(site, now)
    check_quiet_until_the_deadline(site, now)
    assert decode(encode(site)) == site, "the codec keeps everything"
    channels = len(site.channels) * (2 * len(site.ports) + len(site.outbox))
    assert len(site.posts) <= channels + len(site.queue)
    assert len(site.trail) <= 200


def check_quiet_until_the_deadline(site: Site, now: datetime) -> None:
    """A tick before the next deadline does nothing: none is forgotten."""
    deadline = next_deadline(site)
    just_before = deadline - timedelta(milliseconds=1) if deadline else now + timedelta(days=8)
    if site.stepped_at is not None and just_before > now:
        after = step(site, do.Tick(), just_before).site
        assert replace(after, stepped_at=site.stepped_at) == site, "done before the deadline"


def check_places(site: Site) -> None:
    drivers = [entry.driver for entry in site.queue]
    assert len(drivers) == len(set(drivers)), "each driver is in line once"
    for port in site.ports.values():
        waits = port.stay is not None and port.stay.driver in drivers
        little = (port.load_kw or 0) < site.policy.standby_kw
        cut_off = port.capped and not port.allowed_kw and little
        assert cut_off or not waits, "nobody waits while power flows"


def check_standing(entry: Entry) -> None:
    """What belongs to a standing is there, and nothing that belongs to another."""
    has = (entry.turn is not None, entry.until is not None, entry.port is not None)
    assert (
        has
        in {
            Standing.WAITING: [(False, False, False)],
            Standing.SUSPENDED: [(False, False, False), (False, True, False)],
            Standing.SITTING_OUT: [(False, True, True)],
            Standing.POWERLESS: [(False, True, True)],
            Standing.AWAY: [(False, True, False)],
            Standing.CALLED: [(True, False, False)],
        }[entry.standing]
    ), entry


def may_go(site: Site, stay: Stay) -> bool:
    """The car is done, and its driver said that the next one may unplug it."""
    person = site.people.get(stay.driver or "")
    allowed = person is not None and person.habits is not None and person.habits.may_unplug
    return bool(allowed) and (stay.full_told or stay.met_at is not None)


def check_turns(site: Site) -> None:
    turns = [entry.turn for entry in site.queue if entry.turn]
    assert len(turns) == len({turn.port for turn in turns}), "a port is promised once"
    for entry in site.queue:
        check_standing(entry)
    for turn in turns:
        port = site.ports[turn.port]
        shut = port.closed or port.blocked or port.broken
        assert not shut, "nobody is called to a port that is shut"
        done = turn.unplugs and port.stay is not None and may_go(site, port.stay)
        assert done or port.stay is None or port.stay.driver is None, (
            "nor to one that somebody has"
        )
        assert (turn.deadline is None) == (turn.told_at is None), "clocks start with the call"


def check_free_ports(site: Site, now: datetime) -> None:
    """No port free, in fresh sight, open and unspoken for while an eligible driver waits."""
    if site.blind or site.looked_at is None or now - site.looked_at >= site.policy.blind:
        return
    called = {entry.turn.port for entry in site.queue if entry.turn}
    idle = [
        port.id
        for port in site.ports.values()
        if port.status is Status.AVAILABLE
        and port.since
        and port.seen_at
        and port.seen_at - port.since >= max(timedelta(seconds=20), site.policy.confirm)
        and port.id not in called
        and not (port.closed or port.blocked or port.broken)
        and not (port.ghost and port.ghost.flowed)  # an admin's word against the power's
    ]
    plugged = {p.stay.driver for p in site.ports.values() if p.stay}
    for port_id in idle:
        port = site.ports[port_id]
        waiting = [
            e for e in site.queue if e.standing is Standing.WAITING and fits(site, e, port_id)
        ]
        assert all(e.driver in plugged for e in waiting), "a free port, and somebody waits"
        off = port.capped and not port.allowed_kw
        assert off or not waiting, "a port with power, and somebody without it waits"


def fits(site: Site, entry: Entry, port_id: str) -> bool:
    """Their car can use the port, for all they have said."""
    person = site.people.get(entry.driver)
    barred = person.habits.cannot_use if person is not None and person.habits is not None else ()
    return port_id not in barred
