"""What a chat platform says of people: renamed, in a meeting, or gone for good (rule 41).

Whose account is closed can't write any more, so nothing is kept for them: they leave the line,
the next is called, and the admins hear of it.
"""

from __future__ import annotations

from chalicelib.core import ways
from chalicelib.core.draft import Draft
from chalicelib.core.effects import HasLeft
from chalicelib.core.inputs import Profile, Sort
from chalicelib.core.model import Person, What
from chalicelib.core.names import named

from . import promises, settings


def introduce(d: Draft, profiles: tuple[Profile, ...], *, unasked: bool) -> None:
    """Take in what is known of people; of who is nobody here, only if we asked."""
    for one in profiles:
        if unasked and not is_known(d, one.driver):
            continue
        d.people = meet(d.people, (one,))
        settings.heed(d, one)
        if one.sort is Sort.GONE:
            depart(d, one.driver)


def is_known(d: Draft, driver: str) -> bool:
    return driver in d.people or driver in d.admins or d.entry(driver) is not None


def meet(people: dict[str, Person], profiles: tuple[Profile, ...]) -> dict[str, Person]:
    """Know people by the names they chose; what is no person has none here."""
    for one in profiles:
        if one.sort is Sort.PERSON:
            people = named(people, one.driver, one.name, one.handle)
    return people


def depart(d: Draft, driver: str) -> None:
    """The account is closed: their place goes to the next, and their phones are nobody's. A car
    of theirs stays where it is. Somebody always stays admin.
    """
    rest = tuple(admin for admin in d.admins if admin != driver)
    if rest != d.admins and rest:
        d.admins = rest
        d.note(What.REVOKED, driver)
    if driver in {way.person for way in d.ways.values()}:
        d.ways = {at: way for at, way in d.ways.items() if way.person != driver}
    if any(code.person == driver for code in d.codes):
        d.codes = tuple(code for code in d.codes if code.person != driver)
    entry = d.entry(driver)
    if entry is None:
        return
    d.end_turn(entry)
    promises.void(d, entry.promise)
    d.drop(driver)
    d.note(What.LEFT, driver)
    d.tell_admins(HasLeft(driver))


def lose_owner(d: Draft, address: str) -> None:
    """The platform says so as it refuses a message: not of another address of theirs."""
    if ways.owner(d, address, d.now) == address:
        depart(d, address)
