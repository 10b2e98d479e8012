"""`python -m practice`: run the practice car park, or replay real days through it."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

from chalicelib.clock import parse_origin

from .chargepoint import prosody
from .common.people import DRIVERS
from .rooms import PLATFORMS
from .world import BotFailed, world

CARS = ("bob", "cleo", "eli", "fay")  # all ports in use: there is something to wait for
WELCOME = """
The practice car park is open: {url}

  1. You are ana: type  /ev add
  2. Unplug bob's car (the button below it)
  3. See ana being called; plug her in, and she leaves the line

Ctrl-C closes it."""

DEAF = """
There is no prosody here (an XMPP server), so there is no event feed: the concierge looks at
the chargers every few seconds and needs that much longer to notice."""


def main(argv: list[str] | None = None) -> int:
    """The exit code."""
    arguments = parser().parse_args(argv)
    signal.signal(signal.SIGTERM, interrupt)
    try:
        if arguments.command == "replay":
            from .replay.replay import replay

            return replay(arguments)
        return run(arguments)
    except KeyboardInterrupt:
        print("\nClosed.")
        return 130 if arguments.command == "replay" else 0
    except (BotFailed, FileNotFoundError, prosody.NoProsody) as error:
        print(error, file=sys.stderr)
        return 1


def run(arguments: argparse.Namespace) -> int:
    """Open the car park until Ctrl-C."""
    print("Opening the practice car park …", flush=True)
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)  # the terminal was closed
    try:
        with world(
            port=arguments.port, speed=arguments.speed, store=arguments.store, cars=CARS,
            feed=prosody.is_installed(), chat=arguments.chat,
            socket_mode=arguments.slack == "socket" and "slack" in arguments.chat,
        ) as here:  # fmt: skip
            print(WELCOME.format(url=here.url), flush=True)
            if here.feed is None:
                print(DEAF, flush=True)
            while here.bot is not None and here.bot.poll() is None:
                time.sleep(0.3)
            raise BotFailed("the concierge has stopped: see above")
    except OSError as error:
        print(
            f"Port {arguments.port} is taken ({error.strerror}). Close what uses it, or take "
            f"another: make run PORT={arguments.port + 1}",
            file=sys.stderr,
        )
        return 1


def interrupt(_signal: int, _frame: FrameType | None) -> None:
    """Other signals close the car park as Ctrl-C does."""
    raise KeyboardInterrupt


def tcp_port(text: str) -> int:
    """0 takes any that is free."""
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"PORT is a number up to 65535, not {text!r}")
    return int(text)


def speed(text: str) -> float:
    try:
        return parse_origin(f"{text}@0@0")[0]
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"SPEED is a number from 0 to 100000, not {text!r}"
        ) from error


def platforms(text: str) -> tuple[str, ...]:
    """One platform, or several with commas between."""
    found = tuple(dict.fromkeys(text.split(",")))
    if not set(found) <= set(PLATFORMS):
        raise argparse.ArgumentTypeError(f"CHAT is of {', '.join(PLATFORMS)}, not {text!r}")
    return found


def parser() -> argparse.ArgumentParser:
    """The grammar of the command line."""
    top = argparse.ArgumentParser("python -m practice", description=__doc__)
    top.add_argument("--port", type=tcp_port, default=os.environ.get("PORT", "8000"), help="where the page is served (8000, or $PORT)")  # fmt: skip
    top.add_argument("--speed", type=speed, default=os.environ.get("SPEED", "6"), help="site seconds in a real second (6, or $SPEED)")  # fmt: skip
    top.add_argument("--store", default="", help="sqlite:PATH or dynamodb:TABLE (a fresh SQLite file)")  # fmt: skip
    top.add_argument("--slack", choices=("http", "socket"), default=os.environ.get("SLACK") or "http", help="how Slack reaches the concierge (http, or $SLACK)")  # fmt: skip
    top.add_argument("--chat", type=platforms, default=os.environ.get("CHAT") or "slack", metavar="PLATFORM,…", help=f"where its people are, in turn: {', '.join(PLATFORMS)} (slack, or $CHAT)")  # fmt: skip
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    again = commands.add_parser("replay", help="drive the car park from real charging sessions")
    again.add_argument("file", help="CSV with the columns of doi:10.7910/DVN/NFPQLW")
    again.add_argument(
        "--inside",
        action="store_true",
        help="in one process, by a clock that leaps: hundreds of days a minute",
    )
    again.add_argument("--ports", type=between(1, 40), default=4, help="ports in the car park (4)")
    again.add_argument("--drivers", type=between(1, len(DRIVERS)), default=35, help="people who share them (35)")  # fmt: skip
    again.add_argument("--days", type=between(1, 366), default=5, help="so many of the busiest days (5)")  # fmt: skip
    again.add_argument("--seed", type=int, default=1, help="of people's behaviour (1)")
    again.add_argument("--rate", type=between(1, 5000), default=1000, help="site seconds in a real second, at most (1000)")  # fmt: skip
    again.add_argument("--overstay", type=share, default=0.0, metavar="SHARE", help="of visits that last half an hour to three hours longer, the car full (0)")  # fmt: skip
    again.add_argument("--miss", type=share, default=0.0, metavar="SHARE", help="of calls that are not answered for 20 minutes or more (0)")  # fmt: skip
    again.add_argument("--walk-up", type=share, default=0.0, metavar="SHARE", help="of arrivals that take a free port past the line (0)")  # fmt: skip
    again.add_argument("--heed", type=share, default=0.5, metavar="SHARE", help="of notes to overstayers that make them move (0.5)")  # fmt: skip
    return top


def between(least: int, most: int) -> Callable[[str], int]:
    """Reads a whole number of that range."""

    def read(text: str) -> int:
        number = int(text)
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"{text} is not between {least} and {most}")
        return number

    read.__name__ = "whole number"  # what argparse calls it
    return read


def share(text: str) -> float:
    """Reads a share, 0 to 1."""
    number = float(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
