"""The command line: `python -m bot …`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping

from chalicelib import wiring
from chalicelib.edges import NewerFormat, StoreUnavailable
from chalicelib.settings import BadSettings

from .cli import backup, people, sites

SLACK = ("SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN")
OTHERS = ("MATTERMOST_URL", "HIPCHAT_ALLOWED_HOSTS")  # any of them will do without Slack
DESCRIPTION = "EV Concierge: keeps the line for too few chargers."
EPILOG = """settings come from the environment: EV_STORE (sqlite:PATH or dynamodb:TABLE), EV_HTTP
(HOST:PORT), SLACK_APP_TOKEN or SLACK_SIGNING_SECRET, SLACK_BOT_TOKEN,
CHARGEPOINT_API_KEY, CHARGEPOINT_API_PASSWORD, CHARGEPOINT_URL, … (see docs/settings.md)"""

RUNNING = """Looks at the chargers, answers, reminds, until SIGTERM or Ctrl-C. Exit code: 0 after
that, 1 after a bug (start it again), 2 when a setting is wrong."""
CHECKING = """A doctor: a line for each thing that it looked at, ok, warning or failed, and what
to do about it. It changes nothing. Exit code: 1 when something failed."""


def main(argv: list[str] | None = None) -> int:
    """The exit code: 0 done, 1 it can't be done, 2 the command or a setting is wrong."""
    arguments = parser().parse_args(argv)
    wiring.begin_log(os.environ)
    try:
        environ = wiring.revealed(os.environ)
        settings = wiring.settings_of(environ, needed(arguments.command, environ))
        wiring.see_inside(settings)
        if arguments.command == "site":
            sites.run(arguments, settings)
            return 0
        if arguments.command == "people":
            people.run(arguments, settings)
            return 0
        if arguments.command in ("backup", "restore"):
            backup.run(arguments, settings)
            return 0
        if arguments.command == "check":
            from .doctor import check

            return check.run(settings)
        from .listener import run

        return run.run(settings)
    except BadSettings as problems:
        print(problems, file=sys.stderr)
        return 2
    except (sites.CommandError, StoreUnavailable, NewerFormat) as error:
        print(error, file=sys.stderr)
        return 1


def needed(command: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The settings that a command can't do without: `run` must be able to speak somewhere."""
    if command != "run":
        return ()
    token = () if environ.get("SLACK_CLIENT_ID") else ("SLACK_BOT_TOKEN",)
    if environ.get("SLACK_APP_TOKEN"):
        return token
    elsewhere = any(environ.get(name) for name in OTHERS)
    if elsewhere and not any(environ.get(name) for name in (*SLACK, "SLACK_CLIENT_ID")):
        return ()
    if environ.get("SLACK_SIGNING_SECRET"):
        return token
    return ("SLACK_APP_TOKEN or SLACK_SIGNING_SECRET", *token)


def parser() -> argparse.ArgumentParser:
    """The grammar of the command line."""
    top = argparse.ArgumentParser("python -m bot", description=DESCRIPTION, epilog=EPILOG)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser(
        "run", help="look at the chargers, answer, remind, until stopped", description=RUNNING
    )
    commands.add_parser(
        "check",
        help="say what is configured, reachable and permitted, and what to fix",
        description=CHECKING,
    )
    people.add_parser(commands)
    sites.add_parser(commands)
    backup.add_parsers(commands)
    return top


if __name__ == "__main__":
    sys.exit(main())
