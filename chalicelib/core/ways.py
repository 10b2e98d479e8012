"""One person, several ways: who speaks, and where somebody is told.

The rest of the core knows a person by one address. Another one, a number, is theirs when a
code came from it (`rules.joining`); here, and only here, the one is taken for the other.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from chalicelib.values import replace

from .inputs import Asked, Join
from .model import Way

CAN_EDIT = ("slack", "mattermost", "terminal")  # where a message can be kept up to date
PENDING = "not confirmed yet"  # why an address that was joined takes no messages yet
ONE_BY_ONE = ("sms", "mail")  # platforms without a channel, where only who has joined is known


class House(Protocol):
    """What knows ways: a site, or one in the making."""

    @property
    def ways(self) -> dict[str, Way]: ...

    @property
    def admins(self) -> tuple[str, ...]: ...

    @property
    def refused(self) -> dict[str, str]: ...


def is_one_by_one(address: str) -> bool:
    return address.partition(":")[0] in ONE_BY_ONE


def can_edit(address: str) -> bool:
    """A message there can be changed after it was sent."""
    return address.partition(":")[0] in CAN_EDIT


def owner(site: House, address: str, now: datetime) -> str | None:
    """Whose address that is; None: nobody's who may ask for anything here."""
    way = site.ways.get(address)
    if way is not None and (way.until is None or way.until > now):
        return way.person
    if is_one_by_one(address) and address not in site.admins:
        return None
    return address


def as_person(site: House, asked: Asked, now: datetime) -> Asked | None:
    """The same wish, of the person whose address it came from; None: of nobody here. A code
    is of the address itself.
    """
    if isinstance(asked.wish, Join):
        return asked
    person = owner(site, asked.driver, now)
    if person is None or person == asked.driver:
        return asked if person is not None else None
    return replace(asked, driver=person, name="", handle="")


def addresses(site: House, person: str) -> list[str]:
    """All of theirs, the one that they chose first."""
    theirs = [(at, way) for at, way in site.ways.items() if way.person == person and at != person]
    chosen = [at for at, way in theirs if way.chosen]
    return [*chosen, person, *(at for at, way in theirs if not way.chosen)]


def open_to(site: House, person: str) -> list[str]:
    """Those of theirs that take messages."""
    return [one for one in addresses(site, person) if one not in site.refused]


def told_at(site: House, person: str) -> str:
    """Where somebody is told: where they chose, unless that address takes nothing."""
    if not site.ways:  # nearly always
        return person
    found = addresses(site, person)
    return next((one for one in found if one not in site.refused), found[0])


def mailed_at(site: House, person: str) -> str:
    """Where somebody hears of what can wait, and is best kept: by mail, if they have it."""
    theirs = (at for at in addresses(site, person) if at.startswith("mail:"))
    return next((at for at in theirs if at not in site.refused), told_at(site, person))


def instead(site: House, address: str) -> str | None:
    """Where the owner of an address is told now that it takes nothing; None: nowhere else."""
    if not site.ways:
        return None
    way = site.ways.get(address)
    person = way.person if way is not None else address
    other = told_at(site, person)
    return other if other not in site.refused and other != address else None
