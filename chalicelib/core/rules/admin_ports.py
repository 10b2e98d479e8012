"""Admins: ports, and the settings of the house (rules 26, 38 and 39)."""

from __future__ import annotations

from chalicelib.core import acts, policy
from chalicelib.core.answers import Deed, Did, Refusal, Unchanged
from chalicelib.core.draft import Draft
from chalicelib.core.effects import News, Withdrawal
from chalicelib.core.model import Port, Status, What
from chalicelib.core.reply import Reply, refuse
from chalicelib.values import replace

from . import boards, repair, turns, undo


def close(d: Draft, by: str, act: acts.Close) -> Reply:
    """Nobody is called there."""
    ports = named(d, act.ports)
    if isinstance(ports, str):
        return no_port(by, ports)
    changed = [port for port in ports if not port.closed]
    if not changed:
        return unchanged(by, Deed.CLOSE, ports)
    keep(d, by, What.CLOSED, changed)
    for port in changed:
        close_port(d, by, port)
    return did(by, Deed.CLOSE, changed)


def close_port(d: Draft, by: str, port: Port) -> None:
    d.put_port(replace(port, closed=True))
    d.note(What.CLOSED, by=by, port=port.id)
    holder = d.holder(port.id)
    if holder is not None:
        turns.withdraw(d, holder, Withdrawal.CLOSED, News.CLOSED, by)


def reopen(d: Draft, by: str, act: acts.Open) -> Reply:
    """People are called there again, whoever shut it, and why."""
    ports = named(d, act.ports)
    if isinstance(ports, str):
        return no_port(by, ports)
    changed = [port for port in ports if port.is_shut]
    if not changed:
        return unchanged(by, Deed.OPEN, ports)
    keep(d, by, What.OPENED, changed)
    for port in changed:
        d.put_port(replace(port, closed=False, blocked=False, broken=False, dry=()))
        d.note(What.OPENED, by=by, port=port.id)
    return did(by, Deed.OPEN, changed)


def free(d: Draft, by: str, act: acts.Free) -> Reply:
    """Rule 38: no car is there, whatever the network shows."""
    port = d.port_named(act.port)
    if port is None:
        return no_port(by, act.port)
    if port.stay is None and port.status is Status.AVAILABLE and not port.blocked:
        return unchanged(by, Deed.FREE, [port])
    owner = port.stay.driver if port.stay is not None else None
    repair.free(d, by, port)
    who = (owner,) if owner is not None else ()
    ghost = d.ports[port.id].ghost
    flows = "power flows" if ghost is not None and ghost.flowed else ""
    return lambda: Did(by, Deed.FREE, who, (port.id,), flows)


def named(d: Draft, names: tuple[str, ...]) -> list[Port] | str:
    """Ports by label or id, or all of a station; else the name that is none of them."""
    ports: list[Port] = []
    for name in names:
        called = "all", "everything"
        here = [p for p in d.ports.values() if name in (p.label, p.id, p.id.rpartition("/")[0])]
        here = here or (list(d.ports.values()) if name in called else [])
        if not here:
            return name
        ports += [port for port in here if port not in ports]
    return ports or ""


def no_port(by: str, name: str) -> Reply:
    return refuse(by, Refusal.NO_SUCH_PORT if name else Refusal.WHICH_PORT, other=name or None)


def keep(d: Draft, by: str, what: What, ports: list[Port]) -> None:
    shut = tuple((port.id, port.closed, port.blocked) for port in ports)
    undo.keep(
        d, by, what, shut=shut, broken=tuple(port.id for port in ports if port.broken)
    )  # fmt: skip


def did(by: str, deed: Deed, ports: list[Port]) -> Reply:
    ids = tuple(port.id for port in ports)
    return lambda: Did(by, deed, ports=ids)


def unchanged(by: str, deed: Deed, ports: list[Port]) -> Reply:
    ids = tuple(port.id for port in ports)
    return lambda: Unchanged(by, deed, ports=ids)


def set_policy(d: Draft, by: str, values: tuple[tuple[str, policy.Value], ...]) -> Reply:
    """All of these settings, or none. Turns that run keep their terms."""
    wanted = dict(values)
    if not set(policy.OPERATORS).isdisjoint(wanted):
        return refuse(by, Refusal.OPERATORS)
    try:
        new = policy.changed(d.policy, wanted)
    except policy.UnfitSetting as unfit:
        return refuse(by, UNFIT[unfit.why], other=named_with(wanted, unfit.key))
    keys = [key for key in wanted if getattr(new, key) != getattr(d.policy, key)]
    if not keys:
        same = ", ".join(named_with(wanted, key) for key in wanted)
        if "board" in wanted and boards.try_again(d):
            return lambda: Did(by, Deed.SET, detail=same)
        return lambda: Unchanged(by, Deed.SET, detail=same)
    before = ", ".join(f"{key} {policy.written(getattr(d.policy, key))}" for key in keys)
    detail = ", ".join(named_with(wanted, key) for key in keys)
    undo.keep(d, by, What.SET, policy=d.policy, settings=tuple(keys))
    if "report" in keys:
        d.reported = None  # counted anew, from now on
    for key in keys:
        old, now = (policy.written(getattr(one, key)) for one in (d.policy, new))
        d.note(What.SET, by=by, detail=f"{key} {now}, {old}")
    d.policy = new
    return lambda: Did(by, Deed.SET, detail=detail, before=before)


def named_with(values: dict[str, policy.Value], key: str) -> str:
    """`answer 20m`."""
    return f"{key} {policy.written(values[key])}"


UNFIT = {
    policy.Unfit.LENGTH: Refusal.BAD_LENGTH,
    policy.Unfit.ORDER: Refusal.BAD_HOURS,
    policy.Unfit.LOOKS: Refusal.BAD_BLIND,
    policy.Unfit.POWER: Refusal.BAD_POWER,
}
