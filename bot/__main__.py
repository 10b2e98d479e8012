"""The command line: `python -m bot …`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from typing import NoReturn

from chalicelib import VERSION, wiring
from chalicelib.edges import NewerFormat, StoreUnavailable
from chalicelib.settings import CHATS, KNOWN, BadSettings, chats, lacking
from chalicelib.stores import missing_file

from .cli import backup, energy, mail, meters, people, report, sites, slack
from .cli.errors import CommandError

DESCRIPTION = "EV Concierge: keeps the line for too few chargers."
EPILOG = """settings come from the environment: EV_STORE (sqlite:PATH or dynamodb:TABLE), EV_HTTP
(HOST:PORT), SLACK_APP_TOKEN or SLACK_SIGNING_SECRET, SLACK_BOT_TOKEN,
CHARGEPOINT_API_KEY, CHARGEPOINT_API_PASSWORD, CHARGEPOINT_URL, … (see docs/settings.md)"""

COMMANDS = {
    "site": sites.run,
    "people": people.run,
    "backup": backup.run,
    "restore": backup.run,
    "meter": meters.run,
    "energy": energy.run,
    "mail": mail.run,
    "report": report.run,
    "slack": slack.run,
}
# Who may make the file of a store that isn't there yet. `check` sees to that itself.
MAKING = {
    ("run", ""),
    ("site", "add"),
    ("restore", ""),
    ("meter", "add"),
    ("check", ""),
    ("slack", "manifest"),
}

RUNNING = """Looks at the chargers, answers, reminds, until SIGTERM or Ctrl-C. Exit code: 0 after
that, 1 after a bug (start it again), 2 when a setting is wrong."""
CHECKING = """A doctor: a line for each thing that it looked at, ok, warning or failed, and what
to do about it. It changes nothing. Exit code: 1 when something failed."""


def main(argv: list[str] | None = None) -> int:
    """The exit code: 0 done, 1 it can't be done, 2 the command or a setting is wrong."""
    arguments = parser().parse_args(argv)
    wiring.begin_log(os.environ)
    try:
        code = carry_out(arguments)
        sys.stdout.flush()
    except BadSettings as problems:
        print(problems, file=sys.stderr)
        return 2
    except (CommandError, StoreUnavailable, NewerFormat) as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever reads has enough: `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def carry_out(arguments: argparse.Namespace) -> int:
    """Do what the command says; the exit code. Raises what `main` puts into words."""
    environ = wiring.revealed(os.environ)
    settings = wiring.settings_of(environ, needed(arguments.command, environ))
    wiring.see_inside(settings)
    asked = arguments.command, getattr(arguments, "verb", "")
    if asked not in MAKING and (missing := missing_file(settings.store)):
        print(f"there is no file {missing}: is EV_STORE right? `python -m bot site add` makes it", file=sys.stderr)  # fmt: skip
        return 0 if asked == ("site", "list") and missing.absolute().parent.is_dir() else 1
    if arguments.command == "check":
        from .doctor import check

        return check.run(settings)
    if arguments.command == "run":
        from .listener import run

        return run.run(settings)
    COMMANDS[arguments.command](arguments, settings)
    return 0


def needed(command: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The settings that a command can't do without: `run` must be able to speak somewhere."""
    if command != "run":
        return ()
    given = {name for name in KNOWN if environ.get(name, "").strip()}
    platforms = chats(given) or {"slack"}
    lacks = [
        one for platform in CHATS if platform in platforms for one in lacking(platform, given)
    ]
    return tuple(" or ".join(one.names) for one in lacks)


class Parser(argparse.ArgumentParser):
    """Says what is wrong in a line, and where to read on; not the whole usage before it."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n`{self.prog} --help` shows how.\n")


def parser() -> argparse.ArgumentParser:
    """The grammar of the command line."""
    top: argparse.ArgumentParser = Parser("python -m bot", description=DESCRIPTION, epilog=EPILOG)
    top.add_argument("--version", action="version", version=f"EV Concierge {VERSION}")
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
    meters.add_parser(commands)
    mail.add_parser(commands)
    energy.add_parser(commands)
    report.add_parser(commands)
    slack.add_parser(commands)
    backup.add_parsers(commands)
    return top


if __name__ == "__main__":
    sys.exit(main())
