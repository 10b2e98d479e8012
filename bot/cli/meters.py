"""`python -m bot meter …`: which meters may send readings. The operator's alone."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import datetime, timedelta

from chalicelib import wiring
from chalicelib.edges import Series, SiteStore
from chalicelib.meters.keys import RULE, Meters
from chalicelib.settings import Settings

from .errors import CommandError
from .sites import meter_name, zone

KEY_ONCE = "Its key is shown this once, on the last line; only its digest is kept."
EXAMPLE = "example: python -m bot meter add building, then python -m bot site set hq --meter building"  # fmt: skip


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The `meter` command and its own commands."""
    meter = commands.add_parser("meter", help="let meters send their readings")
    verbs = meter.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    add = verbs.add_parser("add", help="a new meter; prints its key", epilog=EXAMPLE)
    add.add_argument("name", type=meter_name, help=RULE)
    add.add_argument("--timezone", type=zone, default="UTC", help="whose days it is read by, until `site set --meter` says whose it is (UTC)")  # fmt: skip
    verbs.add_parser("list", help="all meters, a line each, with the age of their last reading")
    key = verbs.add_parser("key", help="another key in the place of the old one; prints it")
    remove = verbs.add_parser("remove", help="its key is good for nothing any more")
    for one in (key, remove):
        one.add_argument("name", type=meter_name)
    verbs.add_parser("once", help="take one reading of Tibber, for a schedule without a listener")
    remove.add_argument("--purge", action="store_true", help="also forget all its readings")


def run(arguments: argparse.Namespace, settings: Settings) -> None:
    """Do it. Raises CommandError."""
    meters, series = wiring.meters_of(settings), wiring.series_of(settings)
    match arguments.verb:
        case "add":
            show(meters.add(arguments.name, arguments.timezone), f"{arguments.name} is added.", f"there is a meter {arguments.name} already; see `meter key`")  # fmt: skip
        case "key":
            show(meters.renew(arguments.name), f"{arguments.name} has another key; the old one is worth nothing now.", unknown(arguments.name))  # fmt: skip
        case "once":
            print(once(settings))
        case "list":
            now, sites = wiring.clock_of(settings).now(), sites_by_meter(wiring.store_of(settings))
            print("\n".join(lines(meters, series, sites, now)) or "There are no meters yet.")
        case "remove":
            if not meters.remove(arguments.name):
                raise CommandError(unknown(arguments.name))
            if arguments.purge:
                series.forget(arguments.name)
            kept = "and so are its readings" if arguments.purge else "its readings are kept"
            print(f"{arguments.name} is removed; {kept}.")


def once(settings: Settings) -> str:
    """What was read. Raises CommandError."""
    from bot.meters.tibber import METER, TibberLost, TibberRefused, tibber_of  # slow to import

    tibber = tibber_of(settings)
    if tibber is None:
        raise CommandError("TIBBER_TOKEN is not set: nothing else is read this way")
    try:
        reading = tibber.once()
    except (TibberLost, TibberRefused) as fault:
        raise CommandError(str(fault)) from fault
    return f"{METER}: {reading.kw:.2f} kW at {reading.at:%Y-%m-%dT%H:%M:%SZ}"


def show(key: str | None, done: str, otherwise: str) -> None:
    """The key stands alone on the last line, for scripts. Raises CommandError."""
    if key is None:
        raise CommandError(otherwise)
    print(f"{done} {KEY_ONCE}\n{key}")


def lines(
    meters: Meters, series: Series, sites: dict[str, list[str]], now: datetime
) -> Iterator[str]:
    for name in meters.names():
        meter = meters.get(name)
        if meter is not None:
            where = ", ".join(sites.get(name, [])) or "no site"
            yield f"{name}\t{where}\t{meter.zone}\t{last_heard(series, name, now)}"


def last_heard(series: Series, name: str, now: datetime) -> str:
    newest, slot = series.newest(name), series.latest(name)
    at = newest.at if newest is not None else slot.start if slot is not None else None
    return "no readings" if at is None else f"{age(now - at)} ago"


def age(length: timedelta) -> str:
    seconds = max(0, int(length.total_seconds()))
    for unit, name in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * unit:
            return f"{seconds // unit} {name}"
    return f"{seconds} seconds"


def sites_by_meter(store: SiteStore) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in store.sites():
        site = store.load(one)
        if site is not None and site.meter:
            found.setdefault(site.meter, []).append(one)
    return found


def unknown(name: str) -> str:
    return f"there is no meter {name}; see `meter list`, `meter add`"
