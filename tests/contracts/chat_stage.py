"""What the contract of the chat platforms is played on: people, a car park, a day."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol
from wsgiref.types import StartResponse, WSGIEnvironment

from app import app
from bot.listener.wsgi import wsgi
from chalicelib import wiring
from chalicelib.chat.handler import CommandHandler
from chalicelib.chat.speaking import Speaker
from chalicelib.chat.text import wording
from chalicelib.chat.text.plain import TerminalMarkup
from chalicelib.chat.text.wording import Markup, Words
from chalicelib.concierge import Concierge
from chalicelib.core import Outcome, outbox
from chalicelib.core.effects import Effect
from chalicelib.core.inputs import Asked, Input, Observed, PortSeen, Profile, Wish
from chalicelib.core.model import Lane, Person, Site, Status, Way
from chalicelib.edges import Messenger
from chalicelib.endpoints import Endpoints
from practice import server
from practice.common.wsgi import BadRequest, Response, error_response
from tests.fakes import STATION, FakeClock, FakeStore, site_of
from tests.practice_world import request

NAMES = ("ana", "bob", "cleo", "dave", "eli")
ADMIN = "dave"
PORTS = (f"{STATION}/1", f"{STATION}/2")
USERS = {name: f"700000{n}" for n, name in enumerate(NAMES)}  # at the charging network


@dataclass(frozen=True, slots=True)
class Seen:
    """Something that the concierge said, as a person sees it, without markup."""

    to: str  # "channel" or a name
    text: str
    pings: tuple[str, ...] = ()


class Stand(Protocol):
    """One platform: people who type there, and what they see."""

    channel: str  # its address
    messenger: Messenger
    has_buttons: bool
    has_channel: bool  # else each is told alone

    @property
    def markup(self) -> Markup:
        """How it writes."""

    @property
    def violations(self) -> list[str]:
        """What the platform would not forgive, in words."""

    def address(self, name: str) -> str:
        """A person's address."""

    def typed_mention(self, name: str) -> str:
        """How people name each other in a command."""

    def open(self, concierge: Concierge) -> None:
        """From now on this concierge is behind our door."""

    def say(self, name: str, text: str) -> None:
        """Somebody types `/ev TEXT` in the channel."""

    def seen(self) -> list[Seen]:
        """All that was shown since the last time, in order."""

    def warn(self, text: str) -> None:
        """People typed this; markup in it must not come back alive."""


class OutsideStand(Stand, Protocol):
    """A platform whose requests come in from outside."""

    street: Street

    def forgeries(self, name: str, text: str) -> Iterable[tuple[str, Callable[[], int]]]:
        """Requests that nobody may believe, by name; each gives the HTTP status."""

    def limited(self) -> int:
        """How often the platform asked us to wait."""


# --- a car park on a platform ---------------------------------------------------------------


class Recording(Concierge):
    """Remembers what was wished for."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.wishes: list[Wish] = []

    def handle(self, site_id: str, given: Input) -> Outcome:
        if isinstance(given, Asked):
            self.wishes.append(given.wish)
        return super().handle(site_id, given)


@dataclass
class Hall:
    """A car park of two ports whose people are on one platform."""

    stand: Stand
    store: FakeStore
    clock: FakeClock
    concierge: Recording
    cars: dict[int, str | None] = field(default_factory=dict)

    def say(self, name: str, text: str) -> list[Seen]:
        """Somebody types; all that is seen because of it."""
        self.stand.say(name, text)
        return self.settle()

    def settle(self) -> list[Seen]:
        """Let everything be delivered, however long the platform makes us wait."""
        for _ in range(1_000):
            self.concierge.deliver("hq")
            if not outbox.heads(self.store.site(), Lane.CHAT):
                return self.stand.seen()
            self.clock.advance(seconds=1)
        raise AssertionError("a message was never taken")

    def park(self, **cars: str | None) -> list[Seen]:
        """`p1="ana"` plugs in, `p1=None` frees, `p1="?"` is a stranger; seen twice."""
        self.cars.update({int(name[1:]): who for name, who in cars.items()})
        return self.later(seconds=5) + self.later(seconds=21)

    def look(self) -> list[Seen]:
        ports = tuple(self._port(number, who) for number, who in sorted(self.cars.items()))
        self.concierge.handle("hq", Observed(self.clock.now(), ports))
        return self.settle()

    def later(self, **length: float) -> list[Seen]:
        """Time passes, a minute at a time, with a look each."""
        end = self.clock.now() + timedelta(**length)
        seen: list[Seen] = []
        while self.clock.now() < end:
            left = (end - self.clock.now()).total_seconds()
            self.clock.advance(seconds=min(60, left))
            seen += self.look()
        return seen

    @staticmethod
    def _port(number: int, who: str | None) -> PortSeen:
        if who is None:
            return PortSeen(STATION, str(number), Status.AVAILABLE, load_kw=0.0)
        return PortSeen(STATION, str(number), Status.INUSE, 6.6, USERS.get(who, ""))

    def line(self) -> list[str]:
        """Who is in line, with what they are called to."""
        site = self.store.site()
        return [
            f"{site.people[entry.driver].name.lower()} {entry.turn.port if entry.turn else ''}".strip()
            for entry in site.queue
        ]


def hall_of(stand: Stand, clock: FakeClock) -> Hall:
    """A car park that is open, with both ports in use by Dave and Eli."""
    store = FakeStore()
    platform = stand.channel.partition(":")[0]
    more: dict[str, Messenger] = getattr(stand, "messengers", {})
    concierge = Recording(store, {platform: stand.messenger, **more}, clock)
    people = {stand.address(name): Person(name, (USERS[name],)) for name in NAMES}
    ways = {} if stand.has_channel else {address: Way(address) for address in people}
    ways |= getattr(stand, "ways", {})
    admins = (stand.address(ADMIN),)
    store.put(site_of(stand.channel, people=people, admins=admins, ways=ways))
    stand.open(concierge)
    hall = Hall(stand, store, clock, concierge)
    hall.park(p1="dave", p2="eli")
    return hall


# --- the day that all platforms tell ----------------------------------------------------------

DAY: list[tuple[str, Callable[[Hall], list[Seen]]]] = [
    ("ana adds", lambda hall: hall.say("ana", "add")),
    ("bob adds", lambda hall: hall.say("bob", "add")),
    ("cleo adds", lambda hall: hall.say("cleo", "ADD!")),
    ("again", lambda hall: hall.say("ana", "add")),
    ("list", lambda hall: hall.say("cleo", "list")),
    ("dave unplugs", lambda hall: hall.park(p1=None)),
    ("ana comes", lambda hall: hall.say("ana", "coming")),
    ("ana plugs in", lambda hall: hall.park(p1="ana")),
    ("bob pauses", lambda hall: hall.say("bob", "suspend 45m")),
    ("nonsense", lambda hall: hall.say("bob", "fly")),
    ("eli unplugs", lambda hall: hall.park(p2=None)),
    ("cleo passes", lambda hall: hall.say("cleo", "pass")),
    ("bob is back", lambda hall: hall.say("bob", "resume")),
    ("a stranger", lambda hall: hall.park(p2="?")),
    ("asked", lambda hall: hall.later(minutes=2)),
    ("not bob", lambda hall: hall.say("bob", "not me")),
    ("why", lambda hall: hall.say("bob", "why")),
    ("no admin", lambda hall: hall.say("bob", "admin reset")),
    ("the ladder", lambda hall: hall.later(hours=2.75)),
    ("more", lambda hall: hall.say("ana", "more")),
    ("moving", lambda hall: hall.say("ana", "moving")),
    ("admin moves", lambda hall: hall.say("dave", f"admin move {hall.stand.typed_mention('cleo')} 1")),
    ("reset", lambda hall: hall.say("dave", "admin reset")),
    ("confirm", lambda hall: hall.say("dave", "admin reset confirm")),
]  # fmt: skip


def tell(hall: Hall) -> Iterator[tuple[str, list[tuple[str, str]], list[str]]]:
    """What everybody saw at each step of the day, and the line after it."""
    for title, act in DAY:
        seen = sorted((one.to, one.text) for one in act(hall))
        yield title, seen, hall.line()


class Terminal:
    """The reference: plain words, and nobody in between."""

    channel = "terminal:here:room"
    has_channel = True
    violations: list[str] = []  # noqa: RUF012 — nothing is forbidden here

    def __init__(self, *, has_buttons: bool) -> None:
        self.has_buttons = has_buttons
        self.markup: Markup = TerminalMarkup()
        self.messenger: Messenger = self
        self._seen: list[Seen] = []

    def address(self, name: str) -> str:
        return f"terminal:here:{name}"

    def typed_mention(self, name: str) -> str:
        return f"@{name}"

    def open(self, concierge: Concierge) -> None:
        self._handler = CommandHandler(concierge, self.markup)

    def say(self, name: str, text: str) -> None:
        speaker = Speaker(self.address(name), name, self.channel, "")
        spoken = self._handler.on_command(speaker, text)
        self._show("channel" if spoken.public and self.has_channel else name, spoken.words)

    def send(self, to: str, effect: Effect, site: Site, edits: str | None) -> str:
        last = to.rpartition(":")[2]
        self._show("channel" if last == "room" else last, wording.words(effect, site, self.markup))
        return "ref" if self.has_buttons else ""  # where nothing can be pressed, nothing is edited

    def profile(self, driver: str) -> Profile:
        name = driver.rpartition(":")[2]
        return Profile(driver, name, name)

    def seen(self) -> list[Seen]:
        seen, self._seen = self._seen, []
        return seen

    def warn(self, text: str) -> None:
        """Nobody is harmed by plain words."""

    def _show(self, to: str, words: Words) -> None:
        text = words.text if self.has_buttons else words.typed_out(self.markup.command)
        self._seen.append(Seen(to, text, tuple(re.findall(r"@(\w+)", text))))


class Alone(Terminal):
    """The reference for where there is no channel: each is told alone, as `read` reads it."""

    def __init__(self, markup: Markup, read: Callable[[Words], str]) -> None:
        super().__init__(has_buttons=False)
        self.has_channel = False
        self.markup = markup
        self._read = read

    def _show(self, to: str, words: Words) -> None:
        if to != "channel":
            self._seen.append(Seen(to, self._read(words)))


# --- two servers that all tests of a class share -----------------------------------------------


@dataclass
class Street:
    """Our app and a platform's stand-in, each at an address."""

    app: str
    api: str
    handlers: dict[str, Any]
    last: tuple[str, str, bytes, dict[str, str]] = ("", "", b"", {})

    def open(self, office: Endpoints) -> None:
        """Let this office be behind the app's routes."""
        wiring.use(office)

    def serve(self, answer: Callable[[WSGIEnvironment], Response]) -> None:
        """Let this answer for the platform."""

        def api(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
            try:
                return answer(environ).send(start)
            except BadRequest as error:
                return error_response(error).send(start)

        self.handlers["api"] = api

    def again(self) -> int:
        """The last request to the app once more, byte for byte; the HTTP status."""
        method, path, body, headers = self.last
        return request(method, self.app + path, body, headers).status

    def listen_in(self, environ: Any, start: Any) -> Any:
        """Our app, overheard."""
        body = environ["wsgi.input"].read()
        headers = {
            name.removeprefix("HTTP_").replace("_", "-"): value
            for name, value in environ.items()
            if name.startswith("HTTP_") or name == "CONTENT_TYPE"
        }
        query = environ.get("QUERY_STRING", "")
        path = environ["PATH_INFO"] + (f"?{query}" if query else "")
        self.last = environ["REQUEST_METHOD"], path, body, headers
        return wsgi(app)({**environ, "wsgi.input": io.BytesIO(body)}, start)


@contextmanager
def street() -> Iterator[Street]:
    """Served until this is left."""
    ours, theirs = server.listen(0), server.listen(0)
    here = Street(server.address(ours), server.address(theirs), {})

    def api(environ: Any, start: Any) -> Any:
        return here.handlers["api"](environ, start)

    with server.serving(here.listen_in, ours, 4), server.serving(api, theirs, 4):
        yield here
    wiring.use(None)
