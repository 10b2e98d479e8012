"""HipChat, coming in: the add-on's descriptor, its installation, messages, and the glance."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from chalicelib import telemetry
from chalicelib.chat.handler import CommandHandler
from chalicelib.chat.http import Reply, json_reply, refuse, short
from chalicelib.chat.speaking import Heard, Speaker
from chalicelib.edges import MessengerUnavailable, StoreUnavailable
from chalicelib.shapes import Malformed, Shape

from .hosts import NotAllowed
from .installations import SCOPES, Installation, Installs, SecretRefused
from .markup import as_html
from .tokens import NotProven, VerifiedToken, consume, text, token_of, verify

log = logging.getLogger(__name__)

PATTERN = r"^/?[eE][vV](\s|$)"  # not /event; `ev add` as in 2016
CALLED = re.compile(PATTERN)
MENTION = re.compile(r"@([\w.-]{1,200})")
ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"><path fill="#3572b0" d="M11 1 4 11h5l-1 8 8-11h-5z"/></svg>'
NOTHING: Reply = (204, {}, "")

Id = (
    Annotated[int, Meta(ge=0, lt=10**18)]
    | Annotated[str, Meta(pattern=r"\A[0-9A-Za-z_-]{1,64}\Z")]
)  # texts on older servers
Key = Annotated[str, Meta(pattern=r"\A[0-9A-Za-z_-]{1,200}\Z")]
Line = Annotated[str, Meta(pattern=r"\A[!-~]{1,2000}\Z")]


class Offered(Struct, rename="camel"):
    """An installation as it is offered (HipChat docs: server-side installation). Unsigned."""

    oauth_id: Key
    oauth_secret: Line
    capabilities_url: Line
    room_id: Id | None = None


Name = Annotated[str, Meta(max_length=200)]  # HipChat's own: 50


class Person(Struct):
    id: Id
    mention_name: Name = ""
    name: Name = ""


class Message(Struct):
    """The body isn't signed: the bounds keep what it makes us do small. HipChat's own is 10,000."""

    id: Id
    message: Annotated[str, Meta(max_length=20_000)]
    author: Person | str = msgspec.field(name="from")
    mentions: Annotated[list[Person], Meta(max_length=1_000)] = []


class Room(Struct):
    id: Id


class Item(Struct):
    message: Message
    room: Room


class Event(Struct):
    """A `room_message` (HipChat docs: webhooks; fields as in captures from 2015 to 2018)."""

    event: str
    item: Item
    oauth_client_id: str | None = None


OFFERED: Shape[Offered] = Shape(Offered)
EVENT: Shape[Event] = Shape(Event)


class HipChatWebhook:
    """Everything under `/hipchat/`. `public_url` is where HipChat reaches us."""

    def __init__(self, public_url: str, installs: Installs, handler: CommandHandler) -> None:
        self._here = f"{public_url.rstrip('/')}/hipchat"
        self._installs = installs
        self._handler = handler
        self._checking = threading.Lock()

    def descriptor(self, *_: object, **__: object) -> Reply:
        """What the add-on is and needs."""
        return json_reply(descriptor(self._here))

    def icon(self, *_: object, **__: object) -> Reply:
        """The glance's."""
        return 200, {"Content-Type": "image/svg+xml"}, ICON

    def installed(self, _: Mapping[str, str], body: bytes, **__: object) -> Reply:
        """Somebody says that we were installed; their server must agree."""
        try:
            offer = OFFERED.of_json(body)
        except Malformed:
            return refuse(400, "not as HipChat sends it")
        room = str(offer.room_id) if offer.room_id is not None else ""
        offered = Installation(offer.oauth_id, offer.oauth_secret, offer.capabilities_url, room=room)  # fmt: skip
        return self._kept(lambda: self._install(offered))

    def uninstalled(self, *_: object, oauth_id: str, **__: object) -> Reply:
        """Somebody says that we were removed; their server must refuse us."""

        def act() -> Reply:
            gone = self._installs.uninstall(oauth_id[:200])
            return NOTHING if gone else refuse(409, "HipChat still knows this installation")

        return self._kept(act)

    def webhook(
        self, headers: Mapping[str, str], body: bytes, signed_request: str = "", **_: object
    ) -> Reply:
        """A message in a room. 401: not proven; 403: the body says something else; 400: unreadable."""
        try:
            with telemetry.span("verify"):
                proof = verify(self._installs, token_of(headers, signed_request))
            event = EVENT.of_json(body)
            if not agrees(event, proof):
                return refuse(403, "the body is not what was signed for")
            consume(self._installs, proof)
        except NotProven as why:
            return refuse(401, str(why))
        except StoreUnavailable:
            return refuse(503, "later, please")
        except Malformed:
            return refuse(400, "not as HipChat sends it")
        return self._heard(event.item, proof)

    def glance(
        self, headers: Mapping[str, str], _: bytes, signed_request: str = "", **__: object
    ) -> Reply:
        """How many are in line, beside the room (HipChat docs: glances)."""
        try:
            proof = verify(self._installs, token_of(headers, signed_request))
            waiting = self._handler.waiting(f"hipchat:{proof.installation.tenant}:{proof.room}")
        except NotProven as why:
            return refuse(401, str(why))
        except StoreUnavailable:
            return refuse(503, "later, please")
        label = f"<b>{waiting}</b> in line" if waiting is not None else "No charging site"
        status, kind, said = json_reply({"label": {"type": "html", "value": label}})
        return status, {**kind, "Access-Control-Allow-Origin": "*"}, said

    def _heard(self, item: Item, proof: VerifiedToken) -> Reply:
        """Answers wait in the outbox; only a fault is said at once, in the room."""
        author = item.message.author
        if isinstance(author, str) or not CALLED.match(item.message.message.lstrip()):
            return NOTHING
        here = f"hipchat:{proof.installation.tenant}"
        speaker = Speaker(
            driver=f"{here}:{author.id}",
            name=author.mention_name or author.name,
            handle=author.mention_name,
            channel=f"{here}:{item.room.id}",
            request=short(f"{proof.installation.oauth_id} {item.message.id}"),
        )
        slash = item.message.message.lstrip().startswith("/")
        heard = Heard.ADDRESSED if slash else Heard.OVERHEARD
        spoken = self._handler.on_message(speaker, with_ids(item.message), heard)
        if spoken is None or spoken.queued:
            return NOTHING
        return json_reply({**as_html(spoken.words), "color": "red", "notify": False})

    def _install(self, offered: Installation) -> Reply:
        kept = self._installs.install(offered)
        where = f"room {kept.room}" if kept.room else "all rooms"
        log.warning("HipChat: installed in %s; channels are hipchat:%s:ROOM", where, kept.tenant)
        return NOTHING

    def _kept(self, act: Callable[[], Reply]) -> Reply:
        """What anybody may ask for, and what asks another server: one at a time, so that a
        server that stays silent costs one thread, whoever and how many ask.
        """
        if not self._checking.acquire(blocking=False):
            return refuse(503, "another is being checked: later, please")
        try:
            return act()
        except NotAllowed:
            return refuse(403, "that server is not on HIPCHAT_ALLOWED_HOSTS")
        except SecretRefused:
            return refuse(403, "that server doesn't know this installation")
        except (MessengerUnavailable, StoreUnavailable):
            return refuse(503, "that can't be checked now: later, please")
        finally:
            self._checking.release()


def agrees(event: Event, proof: VerifiedToken) -> bool:
    """Whether the body, which is not signed, says what the token says."""
    room, author = str(event.item.room.id), event.item.message.author
    return (
        event.event == "room_message"
        and room == proof.room
        and proof.installation.room in ("", room)
        and event.oauth_client_id in (None, proof.installation.oauth_id)
        and (not proof.user or (isinstance(author, Person) and text(author.id) == proof.user))
    )


def with_ids(message: Message) -> str:
    """What was typed, with people named by their ids, as Slack does it."""
    ids = {person.mention_name: person.id for person in message.mentions if person.mention_name}

    def named(found: re.Match[str]) -> str:
        name = found[1] if found[1] in ids else found[1].rstrip(".-")  # the end of a sentence
        return f"<@{ids[name]}>{found[1][len(name) :]}" if name in ids else found[0]

    return MENTION.sub(named, message.message)  # once over the text, however many people


def descriptor(here: str) -> dict[str, Any]:
    """The add-on (HipChat docs: add-on descriptor). The default authentication is none."""
    return {
        "key": "ev-concierge",
        "name": "EV Concierge",
        "description": "Keeps the line for too few EV chargers.",
        "vendor": {"name": "EV Concierge", "url": here.removesuffix("/hipchat")},
        "links": {"self": f"{here}/descriptor", "homepage": here.removesuffix("/hipchat")},
        "capabilities": {
            "hipchatApiConsumer": {"fromName": "EV Concierge", "scopes": list(SCOPES)},
            "installable": {
                "allowGlobal": True,
                "allowRoom": True,
                "callbackUrl": f"{here}/installed",
            },
            "webhook": [
                {
                    "event": "room_message",
                    "key": "ev-command",
                    "name": "ev command",
                    "pattern": PATTERN,
                    "url": f"{here}/webhook",
                    "authentication": "jwt",
                }
            ],
            "glance": [
                {
                    "key": "ev-line",
                    "name": {"value": "Charging line"},
                    "queryUrl": f"{here}/glance",
                    "icon": {"url": f"{here}/icon.svg", "url@2x": f"{here}/icon.svg"},
                }
            ],
        },
    }
