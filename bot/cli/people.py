"""`python -m bot people import FILE`: who is who at the charging network, a whole list at once."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from chalicelib import wiring
from chalicelib.concierge import wake_at
from chalicelib.core.model import Person, Site
from chalicelib.edges import StaleSite
from chalicelib.settings import Settings
from chalicelib.values import replace

from .errors import CommandError
from .sites import ADDRESS, existing, site_id

Link = tuple[str, tuple[str, ...]]  # a driver's address, the network's ids
FORM = "each line: PLATFORM:TENANT:ID, then one or more ids of the charging network; # comments"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The `people` command and its own commands."""
    people = commands.add_parser("people", help="link drivers to their charging cards")
    verbs = people.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    load = verbs.add_parser(
        "import", help="link all drivers of a CSV file, or none", description=FORM
    )
    load.add_argument("file", type=Path, help="such as  slack:T0HQ:U0ANA,7000123,CNCP0000000042")
    load.add_argument(
        "--site", type=site_id, help="which site (may be left out when there is one)"
    )


def run(arguments: argparse.Namespace, settings: Settings) -> None:
    """Do it. Raises CommandError; then nothing was changed."""
    try:
        with arguments.file.open(encoding="utf-8-sig", newline="") as file:
            links = list(read(file))
    except OSError as error:
        raise CommandError(f"can't read {arguments.file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"can't read {arguments.file}: it isn't UTF-8") from error
    store = wiring.store_of(settings)
    sites = [arguments.site] if arguments.site else store.sites()
    if len(sites) != 1:
        raise CommandError("say which site: --site ID")
    while True:
        site = linked(existing(store, sites[0]), links)
        try:
            store.save(site, wake_at(site))
        except StaleSite:
            continue  # the concierge wrote meanwhile
        print(
            f"{len(links)} {'driver is' if len(links) == 1 else 'drivers are'} linked at {site.id}."
        )
        return


def read(lines: Iterable[str]) -> Iterator[Link]:
    """The links of a CSV file. Raises CommandError, naming the line."""
    for number, row in enumerate(csv.reader(lines), 1):
        cells = [cell.strip() for cell in row if cell.strip()]
        if not cells or cells[0].startswith("#"):
            continue
        if not ADDRESS.fullmatch(cells[0]) or len(cells) < 2:
            raise CommandError(f"line {number}: {FORM}")
        yield cells[0], tuple(cells[1:])


def linked(site: Site, links: Iterable[Link]) -> Site:
    """The site with the links added. Raises CommandError when two people claim one id."""
    people = dict(site.people)
    for driver, ids in links:
        for other, person in people.items():
            taken = set(ids) & set(person.ids)
            if other != driver and taken:
                raise CommandError(
                    f"{', '.join(sorted(taken))} belongs to {other}, not to {driver}"
                )
        person = people.get(driver, Person())
        people[driver] = replace(person, ids=tuple(dict.fromkeys((*person.ids, *ids))))
    return replace(site, people=people)
