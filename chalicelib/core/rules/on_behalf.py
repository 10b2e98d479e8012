"""Admins act for others (rule 39): the same wishes, done by an admin; the person hears of it."""

from __future__ import annotations

from chalicelib.core import acts, inputs
from chalicelib.core.answers import Deed, Did, NeedNoted, Refusal, Refused, Unchanged
from chalicelib.core.draft import Draft
from chalicelib.core.effects import DoneForYou
from chalicelib.core.model import Port, Status, What
from chalicelib.core.reply import Reply, refuse
from chalicelib.values import replace

from . import by_hand, cars, line, needs, repair, undo


def act(d: Draft, by: str, driver: str, wish: acts.OnBehalf) -> Reply:
    match wish.wish:
        case inputs.In(port):
            return put_in(d, by, driver, port)
        case inputs.Out(port):
            return put_out(d, by, driver, port)
        case inputs.Suspend() as suspension:
            before = d.queue
            reply = line.suspend(d, driver, suspension, by=by)
            return of_the_line(d, by, driver, Deed.SUSPEND, reply, before)
        case inputs.Resume():
            before = d.queue
            reply = line.resume(d, driver, by=by)
            return of_the_line(d, by, driver, Deed.RESUME, reply, before)
        case inputs.SayNeed() | inputs.NoNeed() as said:
            return say_need(d, by, driver, said)
    raise AssertionError(wish)


def say_need(d: Draft, by: str, driver: str, said: inputs.SayNeed | inputs.NoNeed) -> Reply:
    """What they need, of the stay under way or to come; an admin may raise it at any time."""
    found = cars.own_stay(d, driver, None, said.port)
    entry, old = d.entry(driver), None
    if not isinstance(found, Refusal):
        old = found[1].need
    elif entry is not None:
        old = entry.need
    if isinstance(said, inputs.NoNeed):
        answer = needs.no_need(d, driver, said, by)()
    else:
        answer = needs.say_need(d, driver, said, by)()
    if not isinstance(answer, NeedNoted):
        return about(by, driver, answer) if isinstance(answer, Refused) else lambda: answer
    need = answer.need
    if need == old:
        return lambda: Unchanged(by, Deed.NEED, (driver,))
    if driver != by:
        d.tell(driver, DoneForYou(driver, by, Deed.NEED, need=need))
    return lambda: Did(by, Deed.NEED, (driver,), need=need, old=old)


def of_the_line(
    d: Draft, by: str, driver: str, deed: Deed, reply: Reply, before: tuple[object, ...]
) -> Reply:
    """Pass a refusal on to the admin; of what was done the person hears."""
    answer = reply()
    if isinstance(answer, Refused):
        return about(by, driver, answer)
    if before == d.queue:
        return lambda: Unchanged(by, deed, (driver,))
    what = What.SUSPENDED if deed is Deed.SUSPEND else What.RESUMED
    undo.keep(d, by, what, driver, queue=before)
    entry = d.entry(driver)
    until = entry.until if entry is not None else None
    d.tell(driver, DoneForYou(driver, by, deed, until=until))
    return lambda: Did(by, deed, (driver,))


def about(by: str, driver: str, answer: Refused) -> Reply:
    """A refusal of what was asked for somebody else, in words about them."""
    which = answer.why is Refusal.WHICH_STAY
    return lambda: replace(answer, driver=by, other=driver if which else answer.other or driver)


def put_in(d: Draft, by: str, driver: str, name: str) -> Reply:
    """Their car is on the port, whatever was thought before."""
    port = d.port_named(name) if name else by_hand.guess_in(d, driver)
    if port is None:
        return refuse(by, *by_hand.no_port(name))
    stay = port.stay
    if stay is not None and stay.driver not in (None, driver):
        d.put_port(replace(port, stay=replace(stay, driver=None)))
        d.tell(stay.driver or "", DoneForYou(stay.driver or "", by, Deed.OUT, port.id))
    answer = by_hand.claim(d, driver, port.label)()
    if isinstance(answer, Refused):
        return about(by, driver, answer)
    return done(d, by, driver, Deed.IN, port)


def put_out(d: Draft, by: str, driver: str, name: str) -> Reply:
    """Their car isn't there any more. What the network still shows is nobody's then."""
    found = cars.own_stay(d, driver, None, name)
    if found is Refusal.NOT_YOURS:
        found = Refusal.NOBODY_THERE
    if isinstance(found, Refusal):
        about_them = found in (Refusal.NOBODY_THERE, Refusal.WHICH_STAY)
        return refuse(by, found, other=driver if about_them else name)
    port, stay = found
    if by_hand.is_by_hand(d, port) or port.status is Status.AVAILABLE:
        by_hand.free_by_hand(d, port)
    else:
        repair.take_off(d, port, stay)
    return done(d, by, driver, Deed.OUT, port)


def done(d: Draft, by: str, driver: str, deed: Deed, port: Port) -> Reply:
    d.note(What.PLUGGED if deed is Deed.IN else What.DISOWNED, driver, by=by, port=port.id)
    if driver != by:
        d.tell(driver, DoneForYou(driver, by, deed, port.id))
    return lambda: Did(by, deed, (driver,), (port.id,))
