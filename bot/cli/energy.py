"""`python -m bot energy …`: what meters and chargers counted, for facilities."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from chalicelib import wiring
from chalicelib.energy.buckets import Bucket, By
from chalicelib.meters.asking import (
    EXAMPLE,
    As,
    Asked,
    BadQuestion,
    Graph,
    answer,
    question,
    read_moment,
    read_zone,
)
from chalicelib.meters.keys import Meter
from chalicelib.meters.links import LONGEST, link
from chalicelib.meters.tables import HEADER, as_json, csv_pieces, rows
from chalicelib.settings import Settings

from .chargers import add_chargers, chargers
from .errors import CommandError
from .meters import unknown
from .sessions import add_sessions, sessions
from .sites import meter_name

TOLD_EACH = 20_000  # rows between two words of progress
NOTE = "CSV goes to the terminal or into --out; what is said about it goes to stderr."


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The `energy` command and its own commands."""
    energy = commands.add_parser("energy", help="the energy of meters and of charging sessions")
    verbs = energy.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    export = verbs.add_parser("export", help="a meter's energy as csv, json or png", epilog=NOTE)
    export.add_argument("--as", dest="form", choices=list(As), default=As.CSV)
    export.add_argument("--out", type=Path, metavar="FILE", help="where to (the terminal; a picture needs it)")  # fmt: skip
    share = verbs.add_parser("link", help="an address that gives the same without a key, and ends")
    share.add_argument("--as", dest="form", choices=list(As), default=As.CSV)
    share.add_argument("--days", type=days, default=30, help=f"how long it is good (30, at most {LONGEST.days})")  # fmt: skip
    for one in (export, share):
        one.add_argument("meter", type=meter_name)
        one.add_argument("--from", dest="begin", metavar="TIME", help=EXAMPLE)
        one.add_argument("--to", dest="end", metavar="TIME", help="the same; it ends before that (now)")  # fmt: skip
        one.add_argument("--by", choices=list(By), default=By.HOUR)
        one.add_argument("--graph", choices=list(Graph), default=Graph.HIST)
        one.add_argument("--zone", help="another clock than the site's")
    add_sessions(verbs)
    add_chargers(verbs)


def run(arguments: argparse.Namespace, settings: Settings) -> None:
    """Do it. Raises CommandError."""
    try:
        match arguments.verb:
            case "sessions":
                sessions(arguments, settings)
            case "chargers":
                chargers(arguments, settings)
            case "export":
                export(arguments, settings)
            case "link":
                print(linked(arguments, settings))
    except BadQuestion as error:
        raise CommandError(str(error)) from error


def export(arguments: argparse.Namespace, settings: Settings) -> None:
    """Streamed: two years at five minutes take no more memory than a day."""
    meter = existing(arguments, settings)
    asked = asked_of(arguments, meter, wiring.clock_of(settings).now())
    told = Progress(asked, sys.stderr)
    found = told.watch(answer(wiring.series_of(settings), asked))
    if asked.form is As.PNG:
        if arguments.out is None:
            raise CommandError("a picture needs a file: --out FILE")
        arguments.out.write_bytes(picture(asked, list(found)))
    else:
        with ExitStack() as stack:
            out: IO[str] = sys.stdout
            if arguments.out is not None:
                out = stack.enter_context(arguments.out.open("w", encoding="utf-8", newline=""))
            for piece in pieces(asked, found):
                out.write(piece)
    told.end()


def pieces(asked: Asked, found: Iterable[Bucket]) -> Iterator[str]:
    if asked.form is As.JSON:
        yield as_json(asked, found) + "\n"
    else:
        yield from csv_pieces(HEADER, rows(found, asked.zone))


def picture(asked: Asked, found: list[Bucket]) -> bytes:
    from chalicelib.charts import draw  # slow to import

    is_line = asked.graph is Graph.LINE
    return draw(found, asked.title, asked.zone, asked.by, is_line=is_line)


class Progress:
    """Says on a long way how far it is, and at the end what was found."""

    def __init__(self, asked: Asked, out: IO[str]) -> None:
        self._asked = asked
        self._out = out
        self._rows = 0
        self._kwh = 0.0

    def watch(self, found: Iterable[Bucket]) -> Iterator[Bucket]:
        whole = self._asked.end - self._asked.begin
        for one in found:
            self._rows += 1
            self._kwh += one.kwh or 0.0
            if self._rows % TOLD_EACH == 0:
                share = (one.end - self._asked.begin) / whole
                day = one.start.astimezone(self._asked.zone)
                print(f"{self._rows} rows, up to {day:%Y-%m-%d}: {share:.0%}", file=self._out)
            yield one

    def end(self) -> None:
        print(f"{self._rows} rows, {self._kwh:.3f} kWh in all.", file=self._out)


def linked(arguments: argparse.Namespace, settings: Settings) -> str:
    """A signed address. The times in it are fixed only where they were given."""
    if not settings.public_url:
        raise CommandError("PUBLIC_URL is not set: where would the link lead?")
    meter = existing(arguments, settings)
    now = wiring.clock_of(settings).now()
    asked_of(arguments, meter, now)  # is it a good question?
    query = {
        "from": arguments.begin, "to": arguments.end, "by": arguments.by, "as": arguments.form,
        "graph": arguments.graph, "zone": arguments.zone,
    }  # fmt: skip
    given = {name: str(text) for name, text in query.items() if text}
    return link(settings.public_url, meter, given, now + timedelta(days=arguments.days))


def asked_of(arguments: argparse.Namespace, meter: Meter, now: datetime) -> Asked:
    zone = read_zone(arguments.zone or meter.zone)
    begin = moment("from", arguments.begin, zone)
    end = moment("to", arguments.end, zone) or now
    by, form, graph = By(arguments.by), As(arguments.form), Graph(arguments.graph)
    return question(meter.name, begin, end, by, form, graph, zone)


def moment(name: str, text: str | None, zone: ZoneInfo) -> datetime | None:
    return read_moment(name, text, zone) if text else None


def existing(arguments: argparse.Namespace, settings: Settings) -> Meter:
    """Raises CommandError."""
    meter = wiring.meters_of(settings).get(arguments.meter)
    if meter is None:
        raise CommandError(unknown(arguments.meter))
    return meter


def days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= LONGEST.days:
        raise argparse.ArgumentTypeError(f"a number of days from 1 to {LONGEST.days}")
    return int(text)
