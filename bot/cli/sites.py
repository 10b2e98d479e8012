"""`python -m bot site …`: which stations belong to which channel. The operator's alone."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib import wiring
from chalicelib.chat.text.plain import TerminalMarkup
from chalicelib.concierge import wake_at
from chalicelib.core import step
from chalicelib.core.bounds import LONGEST_ID, LONGEST_NAME
from chalicelib.core.inputs import Granted
from chalicelib.core.model import Person, Site, Stations
from chalicelib.core.policy import KEYS
from chalicelib.edges import Clock, SiteStore, StaleSite
from chalicelib.meters.keys import NAME, RULE
from chalicelib.reports import links
from chalicelib.settings import Settings
from chalicelib.values import replace

from . import boards, policy as policies
from .errors import CommandError
from .sensors import addresses, with_sensors

SITE_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
EMOJI = re.compile(r":[a-z0-9_+'-]{1,100}:")
PICTURE = re.compile(r"https://[a-zA-Z0-9.-]+(?::\d{1,5})?/[!-~]{1,400}")
ADDRESS = re.compile(r"[a-z]+:[A-Za-z0-9.+-]+:[A-Za-z0-9_.@+-]+")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The `site` command and its own commands."""
    site = commands.add_parser("site", help="add, list, show, change or remove sites")
    verbs = site.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    add = verbs.add_parser("add", help="grant stations to a channel", epilog=EXAMPLE)
    change = verbs.add_parser(
        "set", help="change a site; what is not named stays", epilog=SET_EXAMPLE
    )
    for parser in (add, change):
        parser.add_argument("id", type=site_id, help="a short name, such as hq")
        options(parser, required=parser is add)
    verbs.add_parser("list", help="all sites, a line each", epilog=f"{SHORT_EXAMPLE} list")
    board = verbs.add_parser("board", help="a link to the board, for a screen in the lobby", epilog=boards.EXAMPLE)  # fmt: skip
    board.add_argument("id", type=site_id, help="its short name")
    boards.options(board)
    for verb, what in (("show", "everything about one site"), ("remove", "forget a site")):
        one = verbs.add_parser(verb, help=what, epilog=f"{SHORT_EXAMPLE} {verb} hq")
        one.add_argument("id", type=site_id, help="its short name")
        if verb == "remove":
            one.add_argument("--purge", action="store_true", help="also forget its workspaces' installations, but where another site is")  # fmt: skip


EXAMPLE = """example: python -m bot site add hq --name "HQ garage" --channel slack:T0HQ:C0EV
--station-group 1234 --timezone America/Los_Angeles --admin slack:T0HQ:U0BOSS"""
SHORT_EXAMPLE = "example: python -m bot site"
SET_EXAMPLE = """example: python -m bot site set hq --policy answer=20m --policy limit=3h
--policy opens=05:30 --policy rated_kw=7.2 --policy cap_commands=on
--link slack:T0HQ:U0ANA=7000001"""


def options(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument("--name", type=named, help="what people call the car park")
    parser.add_argument("--channel", action="append", type=address, required=required, metavar="PLATFORM:TENANT:ID", help="where it speaks (may be repeated)")  # fmt: skip
    parser.add_argument("--admin", action="append", type=address, metavar="PLATFORM:TENANT:ID", help="who may repair things (may be repeated)")  # fmt: skip
    parser.add_argument(
        "--timezone", type=zone, help="such as America/Los_Angeles; UTC if not given"
    )
    where = parser.add_mutually_exclusive_group(required=required)
    where.add_argument("--station-group", type=count, metavar="SGID", help="the network's station group")  # fmt: skip
    where.add_argument("--station", action="append", type=station, metavar="ID", help="one station (may be repeated)")  # fmt: skip
    where.add_argument("--manual", type=ports, metavar="PORTS", help="so many ports, and no charging network")  # fmt: skip
    parser.add_argument("--link", action="append", type=link, default=[], metavar="DRIVER=ID", help="a driver's id at the charging network (may be repeated)")  # fmt: skip
    parser.add_argument("--icon", type=icon_or_none, metavar="ICON", help="an emoji such as :zap:, or the https address of a picture: with it the site speaks under its own name, where a platform allows it; or `none`")  # fmt: skip
    parser.add_argument("--meter", type=meter_or_none, metavar="METER", help="the building's meter (see `meter add`), or `none`")  # fmt: skip
    parser.add_argument("--sensor", action="append", type=sensor_or_none, metavar="METER=PORT", help="what watches a port of a site by hand (see `meter add`; may be repeated), or `none`")  # fmt: skip
    parser.add_argument("--alarm-to", action="append", type=address_or_none, metavar="PLATFORM:TENANT:ID", help="who hears of what breaks, besides the admins, such as mail:topic:facilities (may be repeated), or `none`")  # fmt: skip
    parser.add_argument("--policy", action="append", type=policies.one_setting, default=[], metavar="KEY=VALUE", help=f"a setting (may be repeated); times as 20m, 2h or 07:00, power in kW, switches on or off: {', '.join(KEYS)}")  # fmt: skip


def run(arguments: argparse.Namespace, settings: Settings) -> None:
    """Do it. Raises CommandError."""
    store, clock = wiring.store_of(settings), wiring.clock_of(settings)
    match arguments.verb:
        case "add":
            check_meters(settings, arguments)
            add(store, arguments, clock.now())
            place_meter(settings, existing(store, arguments.id))
        case "set":
            check_meters(settings, arguments)
            change(store, arguments, clock)
            place_meter(settings, existing(store, arguments.id))
        case "list":
            for one in store.sites():
                print(summary(existing(store, one)))
        case "show":
            escape = TerminalMarkup().escape  # people choose their names
            print("\n".join(map(escape, details(existing(store, arguments.id)))))
        case "board":
            existing(store, arguments.id)
            boards.run(arguments, settings)
        case "remove":
            site = existing(store, arguments.id)
            store.delete(arguments.id)
            wiring.stays_of(settings).delete(arguments.id)
            wiring.board_links_of(settings).revoke(arguments.id)
            links.forget(wiring.records_of(settings), arguments.id)
            print(f"{arguments.id} is removed.")
            if arguments.purge:
                purge(store, settings, site)


def check_meters(settings: Settings, arguments: argparse.Namespace) -> None:
    """Raises CommandError."""
    named = [arguments.meter, *(one[0] for one in arguments.sensor or () if one)]
    for meter in filter(None, named):
        if wiring.meters_of(settings).get(meter) is None:
            raise CommandError(f"there is no meter {meter}; see `meter list`, `meter add`")


def place_meter(settings: Settings, site: Site) -> None:
    """A site's meter goes by the site's clock."""
    if site.meter:
        wiring.meters_of(settings).place(site.meter, site.timezone)


def purge(store: SiteStore, settings: Settings, site: Site) -> None:
    """Forget the installations in the site's workspaces, and say what became of each."""
    for tenant in sorted({channel.rpartition(":")[0] for channel in site.channels}):
        others = store.bound_to(f"{tenant}:")
        if others:
            print(f"{tenant}: kept, as {', '.join(others)} is there, too.")
        elif wiring.forget_tenant(settings, tenant):
            print(f"{tenant}: its installation and token are forgotten. The app itself is removed in the workspace's own settings.")  # fmt: skip
        else:
            print(f"{tenant}: nothing more was kept.")


def add(store: SiteStore, arguments: argparse.Namespace, now: datetime) -> None:
    site = described(Site(arguments.id, arguments.name or arguments.id), arguments, now)
    unclaimed(store, site.id, addresses(site))
    try:
        store.save(site, None)
    except StaleSite as stale:
        raise CommandError(f"{site.id} exists already; see `site set`") from stale
    bind(store, site.id, (), addresses(site))
    print(
        f"{site.id} is added. Next: python -m bot check, python -m bot run, and in the channel /ev help"
    )


def change(store: SiteStore, arguments: argparse.Namespace, clock: Clock) -> None:
    while True:
        before = existing(store, arguments.id)
        after = described(before, arguments, clock.now())
        unclaimed(store, before.id, set(addresses(after)) - set(addresses(before)))
        if after == before:
            bind(store, after.id, addresses(before), addresses(after))
            print(f"{after.id} is as it was: nothing was to be changed.")
            return
        try:
            store.save(after, wake_at(after))
        except StaleSite:
            continue  # the concierge wrote meanwhile: describe the new state
        bind(store, after.id, addresses(before), addresses(after))
        print(f"{after.id} is changed.")
        return


def described(site: Site, arguments: argparse.Namespace, now: datetime) -> Site:
    """The site with all that the arguments name."""
    people = dict(site.people)
    for driver, network_id in arguments.link:
        owners = [one for one, person in people.items() if network_id in person.ids]
        if owners not in ([], [driver]):
            raise CommandError(f"{network_id} belongs to {owners[0]} already")
        person = people.get(driver, Person())
        people[driver] = replace(person, ids=tuple(dict.fromkeys((*person.ids, network_id))))
    policy = policies.with_settings(site.policy, arguments.policy)
    is_same = policy.report == site.policy.report
    site = replace(
        site,
        name=arguments.name or site.name,
        timezone=arguments.timezone or site.timezone,
        channels=tuple(dict.fromkeys(arguments.channel or site.channels)),
        admins=tuple(dict.fromkeys(arguments.admin or site.admins)),
        people=people,
        meter=site.meter if arguments.meter is None else arguments.meter,
        icon=site.icon if arguments.icon is None else arguments.icon,
        policy=policy,
        reported=site.reported if is_same else None,  # counted anew, from now on
        alarm_to=hearers(site, arguments.alarm_to),
    )
    where = stations(arguments)
    if where is not None and where != site.stations:
        site = step(site, Granted(where), now).site
    return with_sensors(site, arguments.sensor)


def hearers(site: Site, given: list[str] | None) -> tuple[str, ...]:
    """Those that were named, or as before."""
    return site.alarm_to if given is None else tuple(dict.fromkeys(filter(None, given)))


def stations(arguments: argparse.Namespace) -> Stations | None:
    if arguments.station_group is not None:
        return Stations(group=arguments.station_group)
    if arguments.station:
        return Stations(ids=tuple(dict.fromkeys(arguments.station)))
    if arguments.manual is not None:
        return Stations(manual=tuple(str(n) for n in range(1, arguments.manual + 1)))
    return None


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
    if site.alarm_to:
        yield f"alarms to: {', '.join(site.alarm_to)}"
    yield f"meter:    {site.meter or 'none'}"
    for name, sensor in site.sensors.items():
        last = f", last said {sensor.said} at {sensor.at:%Y-%m-%d %H:%M:%SZ}" if sensor.at else ""
        yield f"sensor:   {name} at {site.ports[sensor.port].label}{last}"

    yield f"icon:     {site.icon or 'none'}"
    yield f"looked:   {site.looked_at:%Y-%m-%d %H:%M:%SZ}" if site.looked_at else "looked:   never"
    yield f"outbox:   {len(site.outbox)} waiting"
    yield f"policy:   {' '.join(f'{name}={value}' for name, value in policies.settings(site.policy))}"
    for port in site.ports.values():
        driver = port.stay.driver if port.stay is not None else None
        yield f"port {port.label} ({port.id}): {port.status}{f', {driver}' if driver else ''}"
    for number, entry in enumerate(site.queue, 1):
        turn = f", called to {entry.turn.port}" if entry.turn is not None else ""
        suspended = ", suspended" if entry.is_suspended else ""
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
        raise argparse.ArgumentTypeError(
            f"there is no timezone {text!r}; they look like America/Los_Angeles"
        ) from error


def address_or_none(text: str) -> str:
    return "" if text == "none" else address(text)


def sensor_or_none(text: str) -> tuple[str, str] | tuple[()]:
    if text == "none":
        return ()
    name, _, port = text.partition("=")
    if not port:
        raise argparse.ArgumentTypeError(f"{text!r} is not METER=PORT")
    return meter_name(name), port


def icon_or_none(text: str) -> str:
    if text == "none":
        return ""
    if not EMOJI.fullmatch(text) and not PICTURE.fullmatch(text):
        raise argparse.ArgumentTypeError("an emoji's name such as :zap:, the https address of a picture, or none")  # fmt: skip
    return text


def meter_or_none(text: str) -> str:
    return "" if text == "none" else meter_name(text)


def meter_name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(RULE)
    return text


def link(text: str) -> tuple[str, str]:
    driver, _, network_id = text.partition("=")
    if not network_id:
        raise argparse.ArgumentTypeError(f"{text!r} is not DRIVER=ID")
    return address(driver), network_id_of(network_id)


def named(text: str) -> str:
    if not text.strip() or not text.isprintable() or len(text) > LONGEST_NAME:
        raise argparse.ArgumentTypeError(f"a name is one line of at most {LONGEST_NAME} characters, such as HQ garage")  # fmt: skip
    return text.strip()


def network_id_of(text: str) -> str:
    """What the charging network calls a driver or a card."""
    if not text.strip() or not text.isprintable() or len(text) > LONGEST_ID:
        raise argparse.ArgumentTypeError(f"an id of the charging network is at most {LONGEST_ID} characters, such as 7000001")  # fmt: skip
    return text.strip()


def count(text: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,17}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


def ports(text: str) -> int:
    if not re.fullmatch("[0-9]{1,3}", text) or not 1 <= int(text) <= 500:
        raise argparse.ArgumentTypeError("a number of ports from 1 to 500")
    return int(text)


def station(text: str) -> str:
    if not re.fullmatch(r"[!-~]{1,60}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no station's id")
    return text
