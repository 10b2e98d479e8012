"""Whose car is meant: a driver may have two on two ports."""

from __future__ import annotations

from chalicelib.core.answers import Refusal
from chalicelib.core.draft import Draft
from chalicelib.core.model import Port, Stay
from chalicelib.core.reply import Reply, refuse


def own_stay(
    d: Draft, driver: str, stay_id: int | None, port: str = ""
) -> tuple[Port, Stay] | Refusal:
    """The stay of the driver's own car: this one, the one on that port, or the only one."""
    if stay_id is not None:
        found = d.stay(stay_id)
        return found if found is not None and found[1].driver == driver else Refusal.NOBODY_THERE
    mine = d.stays_of(driver)
    if port:
        named = d.port_named(port)
        if named is None:
            return Refusal.NO_SUCH_PORT
        if named.stay is None:
            return Refusal.EMPTY_PORT
        here = [one for one in mine if one[0].id == named.id]
        return here[0] if here else Refusal.NOT_YOURS
    if len(mine) > 1:
        return Refusal.WHICH_STAY
    return mine[0] if mine else Refusal.NOBODY_THERE


def stay_on(d: Draft, port_id: str | None) -> tuple[Port, Stay] | None:
    port = d.ports.get(port_id) if port_id is not None else None
    return (port, port.stay) if port is not None and port.stay is not None else None


def not_meant(driver: str, why: Refusal, port: str, command: str) -> Reply:
    """Why no car is meant; where it is to be said which, by that command."""
    return refuse(driver, why, other=command if why is Refusal.WHICH_STAY else port or None)
