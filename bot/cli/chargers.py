"""`python -m bot energy chargers SITE`: what the looks saw each port give, as CSV."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from chalicelib import wiring
from chalicelib.energy.buckets import Bucket, By
from chalicelib.meters.asking import EXAMPLE, answer, question, read_moment
from chalicelib.meters.ports import labelled, series_name
from chalicelib.meters.tables import csv_pieces, figure, local
from chalicelib.settings import Settings

from .sites import existing, site_id


def add_chargers(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The `energy chargers` command."""
    one = verbs.add_parser("chargers", help="what each port gave, as the looks saw it, as CSV")
    one.add_argument("site", type=site_id)
    one.add_argument("--from", dest="begin", metavar="TIME", help=EXAMPLE)
    one.add_argument("--to", dest="end", metavar="TIME", help="the same; it ends before that (now)")  # fmt: skip
    one.add_argument("--by", choices=list(By), default=By.DAY)


def chargers(arguments: argparse.Namespace, settings: Settings) -> None:
    """A column for each port, and their sum. Raises CommandError, BadQuestion."""
    site = existing(wiring.store_of(settings), arguments.site)
    zone, series = ZoneInfo(site.timezone), wiring.series_of(settings)
    now = wiring.clock_of(settings).now()
    end = read_moment("to", arguments.end, zone) if arguments.end else now
    begin = read_moment("from", arguments.begin, zone) if arguments.begin else None
    ports = labelled(site)
    asked = [
        question(series_name(site.id, port.id), begin, end, By(arguments.by), zone=zone)
        for port in ports
    ]
    header = ["from", "to", *(f"port_{port.label}_kWh" for port in ports), "all_kWh"]
    for piece in csv_pieces(header, rows([answer(series, one) for one in asked], zone)):
        sys.stdout.write(piece)


def rows(columns: list[Iterator[Bucket]], zone: ZoneInfo) -> Iterator[Iterable[object]]:
    """A port that wasn't seen is empty; the sum is of those that were."""
    for row in zip(*columns, strict=True):
        found = [one.kwh for one in row]
        total = sum(one for one in found if one is not None)
        yield [
            local(row[0].start, zone), local(row[0].end, zone), *(figure(one, 6) for one in found),
            figure(total, 6),
        ]  # fmt: skip
