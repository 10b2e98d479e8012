"""`python -m bot site board SITE`: links to the page for a screen in the lobby."""

from __future__ import annotations

import argparse
from datetime import timedelta

from chalicelib import wiring
from chalicelib.settings import Settings

from .errors import CommandError

DAYS = 365
MOST_DAYS = 3650
EXAMPLE = "example: python -m bot site board hq --days 90"


def options(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--days", type=days, default=DAYS, metavar="N", help=f"how long the link is good ({DAYS})")  # fmt: skip
    what.add_argument("--revoke", action="store_true", help="no link to it is good any more")


def days(text: str) -> int:
    """A number of days. Raises ArgumentTypeError."""
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:6]) <= MOST_DAYS):
        raise argparse.ArgumentTypeError(f"days are a number from 1 to {MOST_DAYS}")
    return int(text)


def run(arguments: argparse.Namespace, settings: Settings) -> None:
    """The link stands alone on the last line, for scripts. Raises CommandError."""
    links, site = wiring.board_links_of(settings), arguments.id
    if arguments.revoke:
        print(f"No link to the board of {site} is good any more." if links.revoke(site) else f"{site} had no link to its board.")  # fmt: skip
        return
    link = links.make(site, timedelta(days=arguments.days))
    if not link:
        raise CommandError("PUBLIC_URL is not set, so there is no address to show the board at")
    print(
        f"For a screen in the lobby, for {arguments.days} days; whoever has the link sees the board, "
        f"with initials. `site board {site} --revoke` ends it.\n{link}"
    )
