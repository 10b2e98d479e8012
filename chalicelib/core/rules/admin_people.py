"""Admins: whose card is whose, and who is an admin (rules 26 and 39)."""

from __future__ import annotations

from chalicelib.core import acts
from chalicelib.core.answers import Deed, Did, Refusal, Unchanged
from chalicelib.core.draft import Draft
from chalicelib.core.effects import DoneForYou
from chalicelib.core.model import Person, What
from chalicelib.core.reply import Reply, refuse
from chalicelib.values import replace

from . import plugging, undo

ME = ("@me", "@myself")


def meant(d: Draft, by: str, who: str) -> str | None:
    """Whom an admin means; None: nobody, or several."""
    return by if who.casefold() in ME else d.person_named(who)


def not_one(d: Draft, by: str, who: str) -> Reply:
    """Nobody is called that, or several are."""
    several = len(d.people_named(who)) > 1
    return refuse(by, Refusal.TWO_OF_THEM if several else Refusal.WHO, other=who)


def link(d: Draft, by: str, act: acts.Link) -> Reply:
    """Tie ids of the charging network to people; all of a list, or none. An id that somebody
    remembered as theirs by mistake is theirs no more.
    """
    found: list[tuple[str, str]] = []
    for who, network_id in act.pairs:
        driver = meant(d, by, who)
        if driver is None:
            return not_one(d, by, who)
        found.append((driver, network_id))
    if not found:
        return refuse(by, Refusal.WHO, other="")
    people = tuple(dict.fromkeys(driver for driver, _ in found))
    ids = " ".join(dict.fromkeys(network_id for _, network_id in found))
    if all(network_id in ids_of(d, driver) for driver, network_id in found):
        return lambda: Unchanged(by, Deed.LINK, people)
    before = d.people
    for driver, network_id in found:
        if network_id not in ids_of(d, driver):
            forget(d, network_id)
            d.link(driver, (network_id,), by)
    keep(d, by, What.LINKED, before)
    for port_id in d.ports:
        plugging.recognise(d, port_id)
    return lambda: Did(by, Deed.LINK, people, detail=ids)


def unlink(d: Draft, by: str, act: acts.Unlink) -> Reply:
    """Rule 39: a card that is theirs no more. Whose car is on a port now stays as it is."""
    driver = meant(d, by, act.who) if act.who else None
    if act.who and driver is None:
        return not_one(d, by, act.who)
    theirs = ids_of(d, driver) if driver is not None else tuple(act.ids)
    wanted = [one for one in act.ids or theirs if one in theirs]
    owners = [one for one, person in d.people.items() if set(person.ids) & set(wanted)]
    if not owners or len(wanted) < len(act.ids):
        return refuse(by, Refusal.NOTHING_LINKED, other=driver)
    before = d.people
    for network_id in wanted:
        forget(d, network_id)
    for owner in owners:
        d.note(What.UNLINKED, owner, by=by)
    keep(d, by, What.UNLINKED, before)
    return lambda: Did(by, Deed.UNLINK, tuple(owners), detail=" ".join(wanted))


def ids_of(d: Draft, driver: str) -> tuple[str, ...]:
    return d.people.get(driver, Person()).ids


def forget(d: Draft, network_id: str) -> None:
    """It is nobody's from now on."""
    for other, person in d.people.items():
        if network_id in person.ids:
            rest = tuple(one for one in person.ids if one != network_id)
            d.people = {**d.people, other: replace(person, ids=rest)}
            return


def keep(d: Draft, by: str, what: What, before: dict[str, Person]) -> None:
    """Whose ids have changed, as they were."""
    changed = [one for one, person in d.people.items() if person != before.get(one)]
    undo.keep(d, by, what, people=tuple((one, before.get(one, Person())) for one in changed))


def grant(d: Draft, by: str, driver: str, _: acts.Grant) -> Reply:
    if driver in d.admins:
        return lambda: Unchanged(by, Deed.GRANT, (driver,))
    undo.keep(d, by, What.GRANTED, driver, admins=d.admins)
    d.admins = (*d.admins, driver)
    d.note(What.GRANTED, driver, by=by)
    tell(d, by, driver, Deed.GRANT)
    return lambda: Did(by, Deed.GRANT, (driver,))


def tell(d: Draft, by: str, driver: str, deed: Deed) -> None:
    """Whoever becomes an admin, or isn't one any more, hears it: the channel may be silent now."""
    if driver != by:
        d.tell(driver, DoneForYou(driver, by, deed))


def revoke(d: Draft, by: str, driver: str, _: acts.Revoke) -> Reply:
    """The last admin stays."""
    if driver not in d.admins:
        return refuse(by, Refusal.NO_ADMIN, other=driver)
    rest = tuple(admin for admin in d.admins if admin != driver)
    if not rest:
        return refuse(by, Refusal.LAST_ADMIN)
    undo.keep(d, by, What.REVOKED, driver, admins=d.admins)
    d.admins = rest
    d.note(What.REVOKED, driver, by=by)
    tell(d, by, driver, Deed.REVOKE)
    return lambda: Did(by, Deed.REVOKE, (driver,))
