"""`python -m practice`: run the practice car park, or replay real days through it."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from types import FrameType

from chalicelib.clock import parse_origin

from .chargepoint import prosody
from .replay import arguments
from .rooms import PLATFORMS
from .world import SITE, BotFailed, world

CARS = ("bob", "cleo", "eli", "fay")  # all ports in use: there is something to wait for
WELCOME = """
The practice car park is open: {url}

  1. You are ana: type  /ev add
  2. Unplug bob's car (the button below it)
  3. See ana being called; plug her in, and she leaves the line

Ctrl-C closes it."""

AGAIN = """
The practice car park is open again, as at the start: {url}"""

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
    """Open the car park until Ctrl-C, anew whenever the page wants that."""
    print("Opening the practice car park …", flush=True)
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)  # the terminal was closed
    port, welcome = arguments.port, WELCOME
    try:
        while True:
            port = open_until_restarted(arguments, port, welcome)
            welcome = AGAIN
    except OSError as error:
        print(
            f"Port {arguments.port} is taken ({error.strerror}). Close what uses it, or take "
            f"another: make run PORT={arguments.port + 1}",
            file=sys.stderr,
        )
        return 1


def open_until_restarted(arguments: argparse.Namespace, port: int, welcome: str) -> int:
    """Open it until the page wants it anew; the port it was at. Raises as `world`, and BotFailed
    when the concierge stops.
    """
    again = threading.Event()
    with world(
        port=port, speed=arguments.speed, store=arguments.store, cars=CARS,
        feed=prosody.is_installed(), chat=arguments.chat, meter=True, restart=again.set,
        socket_mode=arguments.slack == "socket" and "slack" in arguments.chat,
    ) as here:  # fmt: skip
        print(welcome.format(url=here.url), flush=True)
        if here.feed is None:
            print(DEAF, flush=True)
        while not again.wait(0.3):
            code = None if here.bot is None else here.bot.poll()
            if code == 0:  # it was told to end, as we are: a terminal tells everybody
                time.sleep(1)  # our own signal may come later, and then it ends this here
                raise KeyboardInterrupt
            if here.bot is None or code is not None:
                raise BotFailed("the concierge has stopped: see above")
        here.stop_bot()
        if arguments.store:  # it outlives us
            here.command("site", "remove", SITE)
        return int(here.url.rpartition(":")[2])


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


def way(text: str) -> str:
    """How Slack's requests come; argparse doesn't hold a default against `choices`."""
    if text not in ("http", "socket"):
        raise argparse.ArgumentTypeError(f"SLACK is http or socket, not {text!r}")
    return text


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
    top.add_argument("--slack", type=way, default=os.environ.get("SLACK") or "http", metavar="http|socket", help="how Slack reaches the concierge (http, or $SLACK)")  # fmt: skip
    top.add_argument("--chat", type=platforms, default=os.environ.get("CHAT") or "slack", metavar="PLATFORM,…", help=f"where its people are, in turn: {', '.join(PLATFORMS)} (slack, or $CHAT)")  # fmt: skip
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    again = commands.add_parser("replay", help="drive the car park from real charging sessions")
    arguments.add_to(again)
    return top


if __name__ == "__main__":
    sys.exit(main())
