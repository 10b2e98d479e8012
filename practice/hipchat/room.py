"""The room in the practice HipChat: everybody reads what is typed; there are no buttons."""

from __future__ import annotations

from collections.abc import Sequence
from wsgiref.types import WSGIEnvironment

from chalicelib.edges import Clock
from practice.common.chat_peer import AppRude
from practice.common.people import Driver
from practice.common.posts import Feed, NoSuchButton, Post
from practice.common.room import HOST, PeerRoom
from practice.common.wsgi import Response

from .server import GROUP, ROOM, HipChat
from .web import HipChatWeb


class HipChatRoom(PeerRoom):
    platform = "hipchat"
    takes_direct = False
    channel = f"hipchat:{HOST}-{GROUP}:{ROOM}"

    def __init__(
        self, clock: Clock, feed: Feed, people: Sequence[Driver], *, app: str, url: str
    ) -> None:
        self.server = HipChat(clock, app=app, url=url, people=people, feed=feed)
        self._web = HipChatWeb(self.server)
        environ = {"HIPCHAT_ALLOWED_HOSTS": url.removeprefix("http://"), "PUBLIC_URL": app}
        super().__init__(self.server.peer, people, environ)

    def address(self, driver: Driver) -> str:
        return f"hipchat:{HOST}-{GROUP}:{self.server.people[driver.name]}"

    def open(self) -> bool:
        return self.server.install() == 204

    def web(self, path: str, environ: WSGIEnvironment) -> Response | None:
        return self._web.answer(environ) if path.startswith("/v2/") else None

    def say(self, driver: str, text: str, *, direct: bool = False) -> Post:  # noqa: ARG002 — it isn't taken
        """Their own words: answers come as messages of their own."""
        own = self.peer.typed_by(driver, text, format="text")
        try:
            self.server.say(driver, text)
        except AppRude as rude:  # in HipChat nobody is told
            self.peer.record_violation(f"{text[:40]} by {driver}: {rude}")
        return own

    def press(self, driver: str, n: int, action: str) -> Post:
        self.peer.feed.seen(n, driver)
        raise NoSuchButton(
            f"no button {action!r}: HipChat has none, the message says what to type"
        )
