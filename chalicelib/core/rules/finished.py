"""What a stay takes while it lasts (rule 29), and what is kept of it when it is over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import inf

from chalicelib.core.draft import Draft
from chalicelib.core.effects import KeepStay
from chalicelib.core.inputs import PortSeen, SessionEnded
from chalicelib.core.model import Entry, Port, Stay
from chalicelib.core.stays import FinishedStay, StayEnd
from chalicelib.energy import stays as energy
from chalicelib.energy.needs import Need, energy_of
from chalicelib.values import replace

from . import charging
from .power import allowed_kw

DAY = timedelta(days=1)


def measure(d: Draft, port_id: str, seen: PortSeen, at: datetime) -> None:
    """Take in the energy of one look."""
    port = d.ports[port_id]
    stay = port.stay
    if stay is None:
        return
    if stay.taken is None:
        since = began(port, seen, at)
        taken = energy.begin(at, seen.load_kw, seen.energy_kwh, since, d.policy.rated_kw)
    else:
        rated_kw = d.policy.rated_kw
        limit_kw = allowed_kw(port, rated_kw) if port.capped else inf
        taken = energy.look(stay.taken, at, seen.load_kw, rated_kw, seen.energy_kwh, limit_kw)
    measured = replace(stay, taken=taken, idled=idled_by(d, stay, at))
    d.put_port(replace(port, stay=measured))


def began(port: Port, seen: PortSeen, at: datetime) -> datetime | None:
    """When the session began, as the network says: not before the last car left, nor yesterday."""
    if seen.since is None:
        return None
    left = port.last_stay.ended_at if port.last_stay is not None else None
    return max(seen.since, left or seen.since, at - DAY)


def idled_by(d: Draft, stay: Stay, at: datetime) -> timedelta:
    """How long the car was seen to draw nothing by then; a look is believed for five minutes."""
    taken = stay.taken
    if taken is None or taken.kw is None or taken.kw >= d.policy.standby_kw or at <= taken.at:
        return stay.idled
    return stay.idled + min(at - taken.at, energy.HOLDS)


def ended(d: Draft, stay: Stay, at: datetime) -> Stay:
    """The stay as it is over: nothing flows any more."""
    taken = stay.taken
    if taken is not None and at > taken.at:
        kwh, about = energy.added_up(taken, at, d.policy.rated_kw)
        kw = None if taken.kw is None else 0.0
        taken = replace(taken, at=at, kwh=kwh, about=about, kw=kw)
    return replace(stay, ended_at=at, taken=taken, idled=idled_by(d, stay, at))


def keep(d: Draft, port: Port, last: Stay) -> None:
    """The car has left: its stay goes into the log. One that goes on after all replaces it there."""
    d.log(KeepStay(finished(d, port.id, last, last.ended_at or d.now), d.policy.keep_stays))


def finished(d: Draft, port_id: str, last: Stay, at: datetime) -> FinishedStay:
    """What there is to be kept of a stay that ends then."""
    taken = last.taken
    told = taken is not None and (taken.kw is not None or taken.figure is not None)
    return FinishedStay(
        last.id, port_id, last.since, at, last.driver or "",
        kwh=round(taken.kwh, 2) if taken is not None and told else None,
        about=taken.about if taken is not None and told else False,
        idle=last.idled, end=end_of(d, last, at), waited=last.waited,
        need=needed(d, last.need), met=had_need(last, at),
    )  # fmt: skip


def needed(d: Draft, need: Need | None) -> float | None:
    """The kWh that somebody said, where it was said in what becomes energy."""
    return energy_of(need, d.policy.km_per_kwh) if need is not None else None


def had_need(last: Stay, at: datetime) -> bool | None:
    """Whether they had what they said, in time; a full car has all that it can take."""
    if last.need is None:
        return None
    full_at = last.idle_since if last.drew else None
    had = min((one for one in (last.met_at, full_at) if one is not None), default=None)
    return had is not None and had <= (last.need.by or at)


def keep_in_vain(d: Draft, entry: Entry) -> None:
    """Somebody stood in line and went without: what the ports could not give."""
    wait = FinishedStay(
        d.next_serial(), "", entry.added_at, d.now, entry.driver, end=StayEnd.AWAY,
        waited=d.now - entry.added_at, need=needed(d, entry.need), met=None if entry.need is None else False,
    )  # fmt: skip
    d.log(KeepStay(wait, d.policy.keep_stays))


def settle(d: Draft, sessions: Iterable[SessionEnded]) -> None:
    """The network's own figure of a session that is over counts more than what our looks add up
    to. It comes late, and oftener than once; the entry in the log is put right.
    """
    for session in sessions:
        port = d.ports.get(session.port)
        last = port.last_stay if port is not None else None
        if port is None or last is None or last.taken is None or session.energy_kwh is None:
            continue
        kwh = round(last.taken.before + session.energy_kwh, 4)
        is_same = kwh == last.taken.kwh and not last.taken.about
        if not session.session or session.session != last.session or is_same:
            continue
        figure = session.energy_kwh
        last = replace(last, taken=replace(last.taken, kwh=kwh, about=False, figure=figure))
        d.put_port(replace(port, last_stay=last))
        keep(d, port, last)


def keep_all(d: Draft, ports: Iterable[Port], at: datetime) -> None:
    """Nobody will see these cars leave."""
    for port in ports:
        if port.stay is not None:
            keep(d, port, ended(d, port.stay, max(at, port.stay.since)))


def end_of(d: Draft, stay: Stay, at: datetime) -> StayEnd:
    """The first end that the stay had reached by then."""
    reached = {StayEnd.LIMIT: charging.limit_at(d, stay)}
    if stay.met_at is not None:
        reached[StayEnd.NEED] = stay.met_at
    if stay.drew and stay.idle_since is not None:
        reached[StayEnd.FULL] = stay.idle_since
    first = min(reached, key=lambda end: reached[end])
    return first if reached[first] <= at else StayEnd.LEFT
