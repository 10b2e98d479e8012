"""Phones that text our number: each sees their own; there are no buttons."""

from __future__ import annotations

from collections.abc import Sequence
from wsgiref.types import WSGIEnvironment

from chalicelib.edges import Clock
from practice.common.people import Driver
from practice.common.posts import Feed, Message, NoSuchButton, Post
from practice.common.room import PeerRoom
from practice.common.wsgi import Response

from .server import ACCOUNT, OUR_NUMBER, Twilio, number_of

TOKEN = "practice-twilio-token"  # noqa: S105 — a made-up one


class SmsRoom(PeerRoom):
    platform = "sms"
    takes_direct = False
    channel = f"sms:{OUR_NUMBER}:line"

    def __init__(
        self, clock: Clock, feed: Feed, people: Sequence[Driver], *, app: str, url: str
    ) -> None:
        self.server = Twilio(clock, app=app, token=TOKEN, people=people, feed=feed)
        environ = {
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_FROM": OUR_NUMBER,
            "TWILIO_API_URL": url,
            "TWILIO_DAILY": "100000",
            "PUBLIC_URL": app,
        }
        super().__init__(self.server.peer, people, environ)

    def address(self, driver: Driver) -> str:
        return f"sms:{OUR_NUMBER}:{number_of(driver.name)}"

    def web(self, path: str, environ: WSGIEnvironment) -> Response | None:
        return self.server.api(environ) if path.startswith("/2010-04-01/") else None

    def say(self, driver: str, text: str, *, direct: bool = False) -> Post:  # noqa: ARG002 — all is
        """Their text, and the answer, if there is one."""
        typed = self.server.typed(driver, text)
        return self.kindly(
            driver, text[:40], lambda: self.server.say(driver, text) or typed, "Not delivered."
        )

    def ask(self, driver: str, text: str) -> str:
        """The same, before anybody looks at the page. Raises AppRude."""
        return self.server.pass_on(self.server.form(number_of(driver), text))

    def press(self, driver: str, n: int, action: str) -> Post:  # noqa: ARG002 — as above
        raise NoSuchButton(f"{driver} sees no button {action!r}: a text has words to reply")

    def message(self, ref: str) -> Message | None:
        return self.peer.message(ref)
