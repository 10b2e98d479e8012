"""`python -m bot report …`: what a site's cars came to, and its log for playing it again.

Names are told by `people` alone: who runs the site decides whether facilities may know. In the
log for playing again people are `driver 1`, `driver 2`, in the order in which they came.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib import wiring
from chalicelib.chat.text.format import Speech
from chalicelib.chat.text.plain import TerminalMarkup
from chalicelib.chat.text.reports import answer, table_file
from chalicelib.core import answers as say
from chalicelib.core.card import PersonTotal, Span, totals
from chalicelib.core.model import Site
from chalicelib.core.reporting import report, running, since
from chalicelib.core.stays import FinishedStay
from chalicelib.meters.asking import EXAMPLE, read_moment
from chalicelib.meters.tables import csv_pieces, local
from chalicelib.settings import Settings

from .sites import existing, site_id

AHEAD = timedelta(days=1)
PERSON = ("driver", "cars", "hours_plugged", "energy_kWh", "hours_full_but_plugged", "times_without")  # fmt: skip
LOG = ("user", "created", "ended", "done", "kWh", "need_kWh")  # as `practice replay` reads it
HELP = {
    "show": "the report, in words",
    "csv": "a line a day, without names",
    "people": "totals by person, with names, as CSV",
    "export": "the log of who came and when, without names, for `python -m practice replay`",
}
HOUR = timedelta(hours=1)


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The `report` command and its own commands."""
    top = commands.add_parser("report", help="what a site's cars came to, and what-if")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    for verb, what in HELP.items():
        one = verbs.add_parser(verb, help=what, description=what)
        one.add_argument("site", type=site_id, help="its short name")
        if verb == "export":
            one.add_argument("--from", dest="begin", metavar="TIME", help=f"{EXAMPLE} (all that is kept)")  # fmt: skip
            one.add_argument("--to", dest="end", metavar="TIME", help="the same; it ends before that (now)")  # fmt: skip
        else:
            one.add_argument("--span", type=Span, choices=list(Span), default=Span.WEEK, help="the last seven days, or the last four weeks (week)")  # fmt: skip


def run(arguments: argparse.Namespace, settings: Settings) -> None:
    """Raises CommandError, BadQuestion."""
    site = existing(wiring.store_of(settings), arguments.site)
    now = wiring.clock_of(settings).now()
    if arguments.verb == "export":
        export(arguments, settings, site, now)
        return
    span: Span = arguments.span
    begin = since(site, span, now)
    found = wiring.stays_of(settings).read(site.id, begin, now + AHEAD)
    speech = Speech(site, TerminalMarkup(), now)
    if arguments.verb == "people":
        write(PERSON, people(totals([*found, *running(site, now)], begin), site))
        return
    card = report(site, found, span, now)
    if arguments.verb == "csv":
        sys.stdout.write(table_file(card, speech).text)
    else:
        print("\n".join(answer(say.Report(card), speech)))


def write(header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    for piece in csv_pieces(header, rows):
        sys.stdout.write(piece)


def people(found: Iterable[PersonTotal], site: Site) -> Iterator[list[object]]:
    for one in found:
        person = site.people.get(one.driver)
        name = (person.name if person is not None else "") or one.driver
        yield [
            name, one.cars, round(one.plugged / HOUR, 2), one.kwh, round(one.idle / HOUR, 2), one.away,
        ]  # fmt: skip


def export(arguments: argparse.Namespace, settings: Settings, site: Site, now: datetime) -> None:
    """Who came, from the moment that they stood in line, with what they took and needed."""
    zone = ZoneInfo(site.timezone)
    end = read_moment("to", arguments.end, zone) if arguments.end else now + AHEAD
    begin = read_moment("from", arguments.begin, zone) if arguments.begin else now - site.policy.keep_stays  # fmt: skip
    found = sorted(
        wiring.stays_of(settings).read(site.id, begin, end), key=lambda one: (arrived(one), one.id)
    )
    write(LOG, log_rows(found, zone))
    drivers = {one.driver for one in found if one.driver}
    print(
        f"{len(found)} visits of {len(drivers)} people. What other ways would have brought: "
        f"python -m practice replay FILE --what-if --ports {max(1, len(site.ports))}",
        file=sys.stderr,
    )


def log_rows(found: Iterable[FinishedStay], zone: ZoneInfo) -> Iterator[list[object]]:
    """Who went without has no energy, but a need. Nobody's cars are each another's."""
    known: dict[str, str] = {}
    for number, one in enumerate(found, 1):
        user = known.setdefault(one.driver or f"? {number}", f"driver {len(known) + 1}")
        done = one.until - one.idle if one.idle else None
        yield [
            user, local(arrived(one), zone), local(one.until, zone),
            local(done, zone) if done is not None else None, one.kwh, one.need,
        ]  # fmt: skip


def arrived(one: FinishedStay) -> datetime:
    """When they came: to the line, if they stood there."""
    return one.since if one.is_in_vain else one.since - (one.waited or timedelta(0))
