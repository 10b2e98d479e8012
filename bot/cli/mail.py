"""`python -m bot mail …`: mailboxes of who isn't in chat, such as facilities. The operator's alone."""

from __future__ import annotations

import argparse

from chalicelib.chat.mail.subscribers import NAME, RULE, TENANT, NoMail
from chalicelib.edges import MessageRefused, MessengerUnavailable
from chalicelib.settings import Settings
from chalicelib.wiring import mail

from .errors import CommandError

EXAMPLE = "example: python -m bot mail add facilities facilities@example.com, then python -m bot site set hq --alarm-to mail:topic:facilities"
WHY = {
    "no address": "that is no address that mail can go to",
    "taken": "that name has another mailbox already; see `mail list`, `mail remove`",
    "too often": "asked too often today: wait until tomorrow",
    "full": "SNS takes no more filter policies on this topic",
}
STATES = {True: "confirmed", False: "waits to be confirmed", None: "unsubscribed"}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The `mail` command and its own commands."""
    top = commands.add_parser("mail", help="mailboxes of who isn't in chat; people in chat type `mail ADDRESS` there")  # fmt: skip
    verbs = top.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    add = verbs.add_parser("add", help="a mailbox under a name; AWS asks its owner to confirm", epilog=EXAMPLE)  # fmt: skip
    add.add_argument("name", type=name, help=RULE)
    add.add_argument("mailbox", help="the address; it is kept by SNS alone")
    verbs.add_parser("list", help="all names, a line each: whether they have confirmed")
    remove = verbs.add_parser("remove", help="no more mail to that name")
    remove.add_argument("name", type=name)


def run(arguments: argparse.Namespace, settings: Settings) -> None:
    """Do it. Raises CommandError."""
    if not settings.mail_topic:
        raise CommandError("EV_MAIL_TOPIC is not set: see docs/install-mail.md")
    subscribers = mail.subscribers_of(settings)
    try:
        match arguments.verb:
            case "add":
                person = f"operator:{arguments.name}"
                added = subscribers.add(arguments.mailbox, person, arguments.name)
                print(f"{TENANT}:{added.name} {STATES[added.is_confirmed]}.")
            case "list":
                for one in subscribers.names():
                    print(f"{TENANT}:{one}\t{STATES[subscribers.is_confirmed(one)]}")
            case "remove":
                if subscribers.subscription(arguments.name) is None:
                    raise CommandError(f"there is no name {arguments.name}; see `mail list`")
                subscribers.end(arguments.name)
                print(f"{arguments.name} is removed.")
    except NoMail as no:
        raise CommandError(WHY[no.why]) from no
    except (MessengerUnavailable, MessageRefused) as fault:
        raise CommandError(f"AWS: {fault}") from fault


def name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(RULE)
    return text
