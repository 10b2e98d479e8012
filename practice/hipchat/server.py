"""A strict stand-in for a HipChat server: one group, one room, the add-on once installed.

It forgives nothing that HipChat would not: how an add-on is installed and its requests
signed (HipChat docs: server-side installation, webhooks), tokens of eight hours, scopes,
lengths, HTML, and both rate limits, which are counted in site time (HipChat API v2).
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import jwt

from chalicelib.edges import Clock
from practice.common.chat_peer import AppRude, Peer, Shown, send
from practice.common.people import DRIVERS, Driver
from practice.common.posts import Feed

ROOM, GROUP = 42, 7
WITHIN = 10.0  # real seconds; HipChat's own limit isn't documented
SIGNS = re.escape("`<>&")


@dataclass(slots=True)
class Addon:
    """What the server knows of the installed add-on."""

    oauth_id: str
    secret: str = field(repr=False)
    scopes: frozenset[str]
    pattern: re.Pattern[str]
    webhook: str
    glance: str
    callback: str


class HipChat:
    """One server at `url`. Tests set its faults: `text_ids` (as on older servers),
    `in_query` (where the token sits), `bare` (no links, no oauth_client_id), `refusing`.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        app: str,
        url: str,
        people: Sequence[Driver] = DRIVERS,
        feed: Feed | None = None,
    ) -> None:
        self.peer = Peer(clock, "hipchat", feed or Feed(clock))
        self.url = url
        self.app = app
        self.people = {driver.name: 1_000 + n for n, driver in enumerate(people)}
        self.text_ids = self.in_query = self.bare = False
        self.refusing: set[str] = set()
        self.addon: Addon | None = None
        self._count = 0

    # --- the add-on ---------------------------------------------------------------------------

    def install(self, room: int | None = None) -> int:
        """An admin installs the add-on, everywhere or in one room; the callback's status."""
        said = send(f"{self.app}/hipchat/descriptor", b"", {}, WITHIN, "GET")
        found = json.loads(said.body)
        needed = found["capabilities"]
        (hook,), (glance,) = needed["webhook"], needed["glance"]
        if hook.get("authentication") != "jwt":
            self.peer.record_violation("a webhook without proof")
        if len(hook["key"]) > 40 or hook["event"] != "room_message":
            self.peer.record_violation("a webhook that is none")
        self.addon = Addon(
            f"oauth-{secrets.token_hex(16)}",
            secrets.token_urlsafe(48),
            frozenset(needed["hipchatApiConsumer"]["scopes"]),
            re.compile(hook["pattern"]),
            hook["url"],
            glance["queryUrl"],
            needed["installable"]["callbackUrl"],
        )
        return self._callback(room)

    def _callback(self, room: int | None) -> int:
        addon = self._installed
        body = {
            "oauthId": addon.oauth_id,
            "oauthSecret": addon.secret,
            "capabilitiesUrl": f"{self.url}/v2/capabilities",
            "groupId": GROUP,
            **({"roomId": room} if room is not None else {}),
        }
        kind = {"Content-Type": "application/json"}
        return send(addon.callback, json.dumps(body).encode(), kind, WITHIN).status

    def uninstall(self) -> int:
        """An admin removes it; the status of the callback."""
        addon, self.addon = self._installed, None
        return send(f"{addon.callback}/{addon.oauth_id}", b"", {}, WITHIN, "DELETE").status

    @property
    def _installed(self) -> Addon:
        if self.addon is None:
            raise AppRude("no add-on is installed")
        return self.addon

    # --- people -------------------------------------------------------------------------------

    def say(self, name: str, text: str) -> None:
        """Somebody types in the room, and all see it. Raises AppRude."""
        self.peer.warn(text, SIGNS)
        if self._installed.pattern.search(text) is None:
            return
        answer = self.knock(json.dumps(self.event(name, text)).encode(), self.token(name))
        if answer.status == 204 or (answer.status == 200 and not answer.body):
            return
        if answer.status != 200:
            raise AppRude(f"a webhook failed: HTTP {answer.status}")
        self.show("channel", json.loads(answer.body))

    def look(self, name: str) -> str:
        """What the glance says to somebody in the room."""
        query = urlencode({"signed_request": self.token(name)})
        answer = send(f"{self._installed.glance}?{query}", b"", {}, WITHIN, "GET")
        if answer.status != 200:
            raise AppRude(f"the glance failed: HTTP {answer.status}")
        return str(json.loads(answer.body)["label"]["value"])

    def knock(self, body: bytes, token: str) -> Any:
        """One request to the webhook."""
        url, headers = self._installed.webhook, {"Content-Type": "application/json"}
        if self.in_query:
            url = f"{url}?{urlencode({'signed_request': token})}"
        else:
            headers["Authorization"] = f"JWT {token}"
        return send(url, body, headers, WITHIN)

    def token(self, name: str, **more: object) -> str:
        """A signed token; `more` changes its claims, or its `secret` and `alg`."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self._installed.oauth_id,
            "sub": self._id(self.people[name]),
            "iat": now,
            "exp": now + 900,
            "jti": secrets.token_hex(8),
            "context": {"room_id": self._id(ROOM), "user_tz": "America/Los_Angeles"},
        }
        secret = str(more.pop("secret", self._installed.secret))
        algorithm = str(more.pop("alg", "HS256"))
        claims = {key: value for key, value in (claims | more).items() if value is not None}
        return jwt.encode(claims, secret if algorithm != "none" else "", algorithm)

    def event(self, name: str, text: str) -> dict[str, Any]:
        """The body of a `room_message`."""
        self._count += 1
        links = {} if self.bare else {"links": {"self": f"{self.url}/v2/room/{ROOM}"}}
        mentions = [self._person(one) for one in self.people if f"@{one}" in text]
        message = {
            "date": "2018-05-07T18:14:45.123456+00:00",
            "from": self._person(name),
            "id": f"{self._count:08}-0000-4000-8000-000000000000",
            "mentions": mentions,
            "message": text,
            "type": "message",
        }
        room = {"id": self._id(ROOM), "is_archived": False, "name": "EV charging", "privacy": "public", "version": "ABCD1234", **links}  # fmt: skip
        client = {} if self.bare else {"oauth_client_id": self._installed.oauth_id}
        return {
            "event": "room_message",
            "item": {"message": message, "room": room},
            "webhook_id": self._id(9_000_001),
            **client,
        }

    def _person(self, name: str) -> dict[str, Any]:
        links = {} if self.bare else {"links": {"self": f"{self.url}/v2/user/1"}}
        return {
            "id": self._id(self.people[name]),
            "mention_name": name,
            "name": f"{name.capitalize()} Example",
            "version": "ABCD1234",
            **links,
        }

    def _id(self, number: int) -> int | str:
        return str(number) if self.text_ids else number

    # --- what is shown --------------------------------------------------------------------------

    def show(self, to: str, said: dict[str, Any]) -> None:
        """Show a message, and look at it closely. Raises ValueError for what is refused."""
        text, form = said.get("message", ""), said.get("message_format", "html")
        if not 1 <= len(text) <= 10_000:
            raise ValueError("a message has 1 to 10000 characters")
        if said.get("color", "yellow") not in COLOURS or form not in ("html", "text"):
            raise ValueError("no such color or message_format")
        for problem in problems_of(said, text, form):
            self.peer.record_violation(problem)
        pings = pings_of(text, self.people) if form == "text" else ()
        if form == "text" and re.search(r"@(all|here)\b", text, re.IGNORECASE):
            self.peer.record_violation("pings everybody")
        self._count += 1
        look = {key: said[key] for key in ("color", "card") if key in said}
        shown = Shown(str(self._count), to, text, pings, dict(said))
        self.peer.show(shown, markup=form == "html", format=form, **look)


COLOURS = ("yellow", "green", "red", "purple", "gray", "random")
TAGS = re.compile(r"</?(?:a|b|i|strong|em|br|img|pre|code|lists|tables)>")
CARD_TAGS = re.compile(r"</?(?:a|b|i|strong|span)>")
ENTITY = re.compile(r"&(?:amp|lt|gt|quot|#[0-9]+|#x[0-9a-f]+);")


def problems_of(said: dict[str, Any], text: str, form: str) -> list[str]:
    """What is no HTML that HipChat knows, in a message or its card."""
    found = []
    if form == "html" and re.search("[<>&]", ENTITY.sub("", TAGS.sub("", text))):
        found.append(f"unescaped HTML: {text[:80]}")
    card = said.get("card")
    if card is not None:
        described = card.get("description", {}).get("value", "")
        if not {"style", "id", "title"} <= set(card):
            found.append("a card without style, id or title")
        if re.search("[<>&]", ENTITY.sub("", CARD_TAGS.sub("", described))):
            found.append(f"unescaped HTML in a card: {described[:80]}")
    return found


def pings_of(text: str, people: dict[str, int]) -> tuple[str, ...]:
    """Who is mentioned in a text."""
    return tuple(name for name in re.findall(r"(?<![\w`])@([\w.-]+)", text) if name in people)
