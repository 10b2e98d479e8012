"""`python -m bot slack manifest`: the manifest to paste when the Slack app is made."""

from __future__ import annotations

import argparse
import json
from urllib.parse import urlsplit

from chalicelib.chat.slack.manifest import manifest
from chalicelib.settings import Settings

from .errors import CommandError


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The `slack` command and its own command."""
    slack = commands.add_parser("slack", help="the manifest of the Slack app")
    verbs = slack.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    one = verbs.add_parser("manifest", help="print it, to paste at https://api.slack.com/apps")
    one.add_argument("--url", type=address, default="", metavar="https://…", help="commands come to this address, not by Socket Mode (PUBLIC_URL)")  # fmt: skip
    one.add_argument("--many", action="store_true", help="any number of workspaces may install it; takes an address")  # fmt: skip


def run(arguments: argparse.Namespace, _: Settings) -> None:
    """Raises CommandError."""
    if arguments.many and not arguments.url:
        raise CommandError("--many needs --url: people are sent to it to install the app")
    print(json.dumps(manifest(arguments.url, many=arguments.many), indent=2))


def address(text: str) -> str:
    if not text:  # argparse reads defaults, too
        return text
    found = urlsplit(text)
    if found.scheme != "https" or not found.hostname or found.query or found.fragment:
        raise argparse.ArgumentTypeError(f"{text!r} is no address such as https://ev.example.com")
    return text
