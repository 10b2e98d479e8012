"""What the tests of Slack's messenger say, and how they say it."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.chat.slack.messenger import SlackMessenger
from chalicelib.core.effects import Called, Effect, News, PortPost
from chalicelib.core.model import Site
from chalicelib.edges import Fault
from tests.fakes import MONDAY, site_of

CHANNEL, ANA = "slack:T0HQ:C0EV", "slack:T0HQ:U0ANA"
CALL = Called(ANA, "1:900001/1", 7, timedelta(minutes=15), MONDAY)
POST = PortPost(3, "1:900001/1", News.FREE)


def send(
    slack: SlackMessenger,
    to: str,
    effect: Effect,
    edits: str | None = None,
    site: Site | None = None,
) -> str:
    return slack.send(to, effect, site or site_of(), edits)


def attempt(
    slack: SlackMessenger, to: str, effect: Effect, edits: str | None = None
) -> str | Fault:
    """The ref, or the fault."""
    try:
        return send(slack, to, effect, edits)
    except Fault as fault:
        return fault
