"""Other stations: what was promised at the old ones is void, and the line stays."""

from __future__ import annotations

from chalicelib.core.draft import Draft
from chalicelib.core.effects import (
    BayBlocked,
    Called,
    NetworkOrder,
    Post,
    StandsIdle,
    StillThere,
    Withdrawal,
    Withdrawn,
)
from chalicelib.core.model import Port, Stations, Status, What

from . import finished

VOID = Called | Post | StandsIdle | StillThere | BayBlocked | NetworkOrder


def move(d: Draft, stations: Stations) -> None:
    """The called are told; whatever else was about the old ports is not said any more."""
    if stations == d.stations:
        return
    d.outbox = [one for one in d.outbox if not isinstance(one.effect, VOID)]
    for entry, turn in d.called():
        d.note(What.WITHDRAWN, entry.driver, port=turn.port)
        d.tell(entry.driver, Withdrawn(entry.driver, turn.port, Withdrawal.STATIONS))
    d.queue = tuple(entry if entry.is_suspended else entry.waiting() for entry in d.queue)
    finished.keep_all(d, d.ports.values(), d.now)
    d.stations = stations
    d.ports = {port.id: port for port in map(by_hand, stations.manual)}
    d.sensors = {name: one for name, one in d.sensors.items() if one.port in d.ports}
    d.looked_at, d.blind, d.blind_told, d.hindrances = None, False, False, ()
    d.caps, d.caps_told, d.cap_order, d.alarms = (), (), None, {}
    d.posts, d.undo = {}, None


def by_hand(label: str) -> Port:
    """A port that only people's hands tell of: free until somebody says `in`."""
    return Port(f"manual/{label}", label, Status.AVAILABLE, vouched=True)
