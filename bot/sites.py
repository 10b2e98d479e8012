"""`python -m bot site …`: which stations belong to which channel. The operator's alone."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from chalicelib import wiring
from chalicelib.concierge import wake_at
from chalicelib.core.model import Person, Policy, Port, Site, Stations, Status
from chalicelib.edges import SiteStore, StaleSite
from chalicelib.settings import Settings

SITE_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
ADDRESS = re.compile(r"[a-z]+:[A-Za-z0-9.-]+:[A-Za-z0-9_.@-]+")


class CommandError(Exception):
    """The command can't be carried out; the message says why. Nothing was changed."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The `site` command and its own commands."""
    site = commands.add_parser("site", help="add, list, show, change or remove sites")
    verbs = site.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    add = verbs.add_parser("add", help="grant stations to a channel", epilog=EXAMPLE)
    change = verbs.add_parser("set", help="change a site; what is not named stays")
    for parser in (add, change):
        parser.add_argument("id", type=site_id, help="a short name, such as hq")
        options(parser)
    verbs.add_parser("list", help="all sites, a line each")
    for verb, what in (("show", "everything about one site"), ("remove", "forget a site")):
        verbs.add_parser(verb, help=what).add_argument("id", type=site_id)


EXAMPLE = """example: python -m bot site add hq --name "HQ garage" --channel slack:T0HQ:C0EV
--station-group 1234 --timezone America/Los_Angeles --admin slack:T0HQ:U0BOSS"""


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", help="what people call the car park")
    parser.add_argument("--channel", action="append", type=address, metavar="PLATFORM:TENANT:ID", help="where it speaks (may be repeated)")  # fmt: skip
    parser.add_argument("--admin", action="append", type=address, metavar="PLATFORM:TENANT:ID", help="who may repair things (may be repeated)")  # fmt: skip
    parser.add_argument("--timezone", type=zone, help="such as America/Los_Angeles")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--station-group", type=int, metavar="SGID", help="the network's station group")  # fmt: skip
    where.add_argument("--station", action="append", metavar="ID", help="one station (may be repeated)")  # fmt: skip
    where.add_argument("--manual", type=int, metavar="PORTS", help="so many ports, and no charger network")  # fmt: skip
    parser.add_argument("--link", action="append", type=link, default=[], metavar="DRIVER=ID", help="a driver's id at the charging network (may be repeated)")  # fmt: skip
    parser.add_argument("--policy", action="append", type=policy, default=[], metavar="KEY=MINUTES", help=f"one of {', '.join(MINUTES)} (may be repeated)")  # fmt: skip


MINUTES = [one.name for one in fields(Policy)]


def run(arguments: argparse.Namespace, settings: Settings) -> None:
    """Do it. Raises CommandError."""
    store = wiring.store_of(settings)
    match arguments.verb:
        case "add":
            add(store, arguments)
        case "set":
            change(store, arguments)
        case "list":
            for one in store.sites():
                print(summary(existing(store, one)))
        case "show":
            print("\n".join(details(existing(store, arguments.id))))
        case "remove":
            existing(store, arguments.id)
            store.delete(arguments.id)
            print(f"{arguments.id} is removed.")


def add(store: SiteStore, arguments: argparse.Namespace) -> None:
    if stations(arguments) is None:
        raise CommandError("say where the ports are: --station-group, --station or --manual")
    if not arguments.channel:
        raise CommandError("say where to speak: --channel platform:tenant:id")
    unclaimed(store, arguments.id, arguments.channel)
    site = described(Site(arguments.id, arguments.name or arguments.id), arguments)
    try:
        store.save(site, None)
    except StaleSite as stale:
        raise CommandError(f"{site.id} exists already; see `site set`") from stale
    bind(store, site.id, (), site.channels)
    print(f"{site.id} is added. In its channel: /ev help")


def change(store: SiteStore, arguments: argparse.Namespace) -> None:
    while True:
        before = existing(store, arguments.id)
        if arguments.channel:
            unclaimed(store, before.id, arguments.channel)
        after = described(before, arguments)
        try:
            store.save(after, wake_at(after))
        except StaleSite:
            continue  # the concierge wrote meanwhile: describe the new state
        bind(store, after.id, before.channels, after.channels)
        print(f"{after.id} is changed.")
        return


def described(site: Site, arguments: argparse.Namespace) -> Site:
    """The site with all that the arguments name."""
    people = dict(site.people)
    for driver, network_id in arguments.link:
        person = people.get(driver, Person())
        people[driver] = replace(person, ids=tuple(dict.fromkeys((*person.ids, network_id))))
    site = replace(
        site,
        name=arguments.name or site.name,
        timezone=arguments.timezone or site.timezone,
        channels=tuple(dict.fromkeys(arguments.channel or site.channels)),
        admins=tuple(dict.fromkeys(arguments.admin or site.admins)),
        people=people,
        policy=replace(site.policy, **dict(arguments.policy)),
    )
    where = stations(arguments)
    if where is None or where == site.stations:
        return site
    # other stations: what was promised at the old ones is void, the line stays
    queue = tuple(replace(entry, turn=None) for entry in site.queue)
    ports = {port.id: port for port in manual_ports(where)}
    return replace(
        site, stations=where, ports=ports, queue=queue, posts={}, looked_at=None, blind=False
    )


def stations(arguments: argparse.Namespace) -> Stations | None:
    if arguments.station_group is not None:
        return Stations(group=arguments.station_group)
    if arguments.station:
        return Stations(ids=tuple(dict.fromkeys(arguments.station)))
    if arguments.manual is not None:
        if not 1 <= arguments.manual <= 500:
            raise CommandError("--manual takes a number of ports from 1 to 500")
        return Stations(manual=tuple(str(n) for n in range(1, arguments.manual + 1)))
    return None


def manual_ports(where: Stations) -> Iterable[Port]:
    """Ports that only people's hands tell of: free until somebody says `in`."""
    for label in where.manual:
        yield Port(f"manual/{label}", label, Status.AVAILABLE, vouched=True)


def unclaimed(store: SiteStore, site: str, channels: Iterable[str]) -> None:
    for channel in channels:
        owner = store.bound(channel)
        if owner not in (None, site):
            raise CommandError(f"{channel} belongs to {owner} already")


def bind(store: SiteStore, site: str, before: Iterable[str], after: Iterable[str]) -> None:
    for channel in set(before) - set(after):
        store.bind(channel, None)
    for channel in after:
        store.bind(channel, site)


def existing(store: SiteStore, name: str) -> Site:
    site = store.load(name)
    if site is None:
        raise CommandError(f"there is no site {name}; see `site list`")
    return site


def summary(site: Site) -> str:
    return f"{site.id}\t{site.name}\t{where_of(site)}\t{len(site.queue)} in line\t{', '.join(site.channels)}"


def where_of(site: Site) -> str:
    if site.stations.group is not None:
        return f"station group {site.stations.group}"
    if site.stations.is_manual:
        return f"{len(site.stations.manual)} ports by hand"
    return f"stations {', '.join(site.stations.ids)}"


def details(site: Site) -> Iterable[str]:
    """`site show`, for people."""
    yield f"{site.id}: {site.name} ({where_of(site)}, {site.timezone}, version {site.version})"
    yield f"channels: {', '.join(site.channels)}"
    yield f"admins:   {', '.join(site.admins) or 'nobody'}"
    yield f"looked:   {site.looked_at:%Y-%m-%d %H:%M:%SZ}" if site.looked_at else "looked:   never"
    yield f"outbox:   {len(site.outbox)} waiting"
    for port in site.ports.values():
        driver = port.stay.driver if port.stay is not None else None
        yield f"port {port.label} ({port.id}): {port.status}{f', {driver}' if driver else ''}"
    for number, entry in enumerate(site.queue, 1):
        turn = f", called to {entry.turn.port}" if entry.turn is not None else ""
        suspended = ", suspended" if entry.suspended else ""
        yield f"{number}. {entry.driver}{turn}{suspended}"
    for driver, person in site.people.items():
        yield f"knows {driver} as {person.name or '?'}, {', '.join(person.ids) or 'not linked'}"


# --- what arguments may be; argparse turns a ValueError into a clear message ----------


def site_id(text: str) -> str:
    if not SITE_ID.fullmatch(text):
        raise argparse.ArgumentTypeError("small letters, digits and dashes, at most 40")
    return text


def address(text: str) -> str:
    if not ADDRESS.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not platform:tenant:id")
    return text


def zone(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (KeyError, ValueError, OSError) as error:
        raise argparse.ArgumentTypeError(f"there is no timezone {text!r}") from error


def link(text: str) -> tuple[str, str]:
    driver, _, network_id = text.partition("=")
    if not network_id:
        raise argparse.ArgumentTypeError(f"{text!r} is not DRIVER=ID")
    return address(driver), network_id


def policy(text: str) -> tuple[str, timedelta]:
    key, _, minutes = text.partition("=")
    try:
        length = timedelta(minutes=float(minutes))
    except (ValueError, OverflowError):
        length = timedelta(0)
    if key not in MINUTES or not timedelta(0) < length <= timedelta(days=1):
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=MINUTES with a known key")
    return key, length
