"""Questions: what changes nothing."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.core import answers as say
from chalicelib.core.answers import Refusal
from chalicelib.core.draft import Draft
from chalicelib.core.inputs import ShowLine, ShowPort, ShowPower, ShowStatus, Unclear
from chalicelib.core.reply import Reply, refuse

from . import charging


def show_line(d: Draft, driver: str, _: ShowLine) -> Reply:
    return lambda: say.Line(driver, charging.next_free_at(d))


def show_status(d: Draft, driver: str, _: ShowStatus) -> Reply:
    """Who has a port, or a turn, waits for none."""

    def answer() -> say.Ports:
        waits = d.charging_at(driver) is None and d.turn_port(driver) is None
        return say.Ports(driver, charging.next_free_at(d) if waits else None)

    return answer


def show_port(d: Draft, driver: str, wish: ShowPort) -> Reply:
    """`who is on 2`."""
    port = d.port_named(wish.port)
    if port is None:
        return refuse(driver, Refusal.NO_SUCH_PORT, other=wish.port)
    return lambda: say.OnePort(port.id)


def show_power(d: Draft, _: str, wish: ShowPower) -> Reply:
    """What the meter says, and how much of it the cars are."""
    loads = [port.load_kw for port in d.ports.values() if port.load_kw is not None]
    return lambda: say.Power(wish.report, sum(loads) if loads else None)


def unclear(d: Draft, driver: str, typed: Unclear) -> Reply:
    """An admin's slip gets the admins' words; nobody else is told those."""
    if typed.admin and driver not in d.admins:
        return refuse(driver, Refusal.NOT_ADMIN)
    if typed.admins and driver in d.admins:
        return lambda: replace(typed.answer, better=typed.admins)
    return lambda: typed.answer
