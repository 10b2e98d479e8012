"""Phones, as a platform of the practice page: people who text our number.

Nobody is known there who hasn't joined by a code, so that the admin asks for one for each,
and each texts it, before the page is shown: by the concierge's own ways.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from wsgiref.types import WSGIEnvironment

from chalicelib.edges import Clock

from .common.chat_peer import AppRude
from .common.people import ADMIN, Driver
from .common.posts import Feed, Message, Post
from .common.wsgi import Response
from .rooms import NoScreens, Room
from .slack.workspace_peer import NoSuchButton
from .sms.server import ACCOUNT, OUR_NUMBER, Twilio, number_of

TOKEN = "practice-twilio-token"  # noqa: S105 — a made-up one
CODE = re.compile(r"\b[0-9]{6}\b")
LONGEST_VISIT = "30 days"


class NotJoined(Exception):
    """A phone of the practice people could not join."""


class SmsRoom(NoScreens):
    """Each sees their own phone; there are no buttons."""

    platform = "sms"
    takes_direct = False
    channel = f"sms:{OUR_NUMBER}:line"

    def __init__(
        self, clock: Clock, feed: Feed, people: Sequence[Driver], *, app: str, url: str
    ) -> None:
        self.people = people
        self.server = Twilio(clock, app=app, token=TOKEN, people=people, feed=feed)
        self.environ: Mapping[str, str] = {
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_FROM": OUR_NUMBER,
            "TWILIO_API_URL": url,
            "TWILIO_DAILY": "100000",
            "PUBLIC_URL": app,
        }

    @property
    def violations(self) -> list[str]:
        return self.server.peer.violations

    def address(self, driver: Driver) -> str:
        return f"sms:{OUR_NUMBER}:{number_of(driver.name)}"

    def open(self) -> bool:
        return True

    def web(self, path: str, environ: WSGIEnvironment) -> Response | None:
        return self.server.api(environ) if path.startswith("/2010-04-01/") else None

    def say(self, driver: str, text: str, *, direct: bool = False) -> Post:  # noqa: ARG002 — all is
        """Their text, and the answer, if there is one."""
        typed = self.server.typed(driver, text)
        try:
            return self.server.say(driver, text) or typed
        except AppRude as rude:
            self.server.peer.record_violation(f"{text[:40]} by {driver}: {rude}")
            return self.server.peer.notice(driver, "Not delivered.")

    def ask(self, driver: str, text: str) -> str:
        """The same, before anybody looks at the page. Raises AppRude."""
        return self.server.pass_on(self.server.form(number_of(driver), text))

    def press(self, driver: str, n: int, action: str) -> Post:  # noqa: ARG002 — as above
        raise NoSuchButton(f"{driver} sees no button {action!r}: a text has words to reply")

    def message(self, ref: str) -> Message | None:
        return self.server.peer.message(ref)

    def delete(self, ref: str) -> None:
        """No text of ours is a board."""


def join_phones(rooms: Sequence[Room]) -> None:
    """Let all phones join. Raises NotJoined and AppRude."""
    for room in rooms:
        if isinstance(room, SmsRoom):
            ask = admin_of(rooms)
            for driver in room.people:
                found = CODE.search(ask(f"admin guest {driver.name} {LONGEST_VISIT}"))
                if found is None or "Welcome" not in room.ask(driver.name, found[0]):
                    raise NotJoined(f"{driver.name}'s phone doesn't join")


def admin_of(rooms: Sequence[Room]) -> Callable[[str], str]:
    """What the admin is answered, wherever they are. Raises NotJoined."""
    room = next((one for one in rooms if ADMIN in one.people), None)
    if room is None:
        raise NotJoined("there is no admin to ask for codes")
    if isinstance(room, SmsRoom):
        phones = room
        return lambda words: phones.ask(ADMIN.name, words)
    chat = room
    return lambda words: str(chat.say(ADMIN.name, f"/ev {words}").get("text", ""))
