"""Questions: what changes nothing."""

from __future__ import annotations

from chalicelib.core import answers as say, hours
from chalicelib.core.answers import Expected, Refusal
from chalicelib.core.draft import Draft
from chalicelib.core.inputs import ShowLine, ShowPort, ShowPower, ShowStatus, Unclear, When
from chalicelib.core.reply import Reply, refuse
from chalicelib.values import replace

from . import foresight


def show_line(d: Draft, driver: str, _: ShowLine) -> Reply:
    """`list`: every port, and the line with its times."""

    def answer() -> say.Line:
        order = tuple(entry.driver for entry in d.in_calling_order())
        times = tuple(foresight.all_expected(d).items())
        return say.Line(driver, order, foresight.ends(d), times)

    return answer


def show_status(d: Draft, driver: str, _: ShowStatus) -> Reply:
    """Every port, and when the driver should be called, if they wait."""

    def answer() -> say.Ports:
        entry = d.entry(driver)
        waits = entry is not None and entry.is_waiting
        return say.Ports(driver, foresight.ends(d), foresight.tell(d, driver) if waits else None)

    return answer


def when(d: Draft, driver: str, _: When) -> Reply:
    """`when`: for who waits, and for who thinks about it."""
    if d.entry(driver) is None and not hours.is_open(d, d.now):
        return refuse(driver, Refusal.CLOSED)

    def answer() -> say.Whenever:
        in_line = d.entry(driver) is not None
        free = not in_line and any(True for _ in d.free_ports())
        told = foresight.tell(d, driver) or Expected()
        return say.Whenever(driver, told, in_line, free)

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
