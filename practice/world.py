"""A practice run: the stand-ins, the clock, and exactly `python -m bot run` beside them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.chat.lobby.links import BoardLinks
from chalicelib.core.model import Site
from chalicelib.edges import SiteStore, UnknownSite
from chalicelib.meters.keys import Meters
from chalicelib.settings import KNOWN
from chalicelib.stores import open_store

from . import server
from .boards import boards, change
from .carpark import CarPark
from .chargepoint import service
from .chargepoint.event_feed import Publisher, opened
from .common import people
from .common.chat_peer import AppRude
from .common.clock import ClockControl
from .common.free_port import free_port
from .common.people import BY_NAME, DRIVERS, Driver
from .common.room import Room
from .faults import ChatFaults, Faults
from .meter.building import Building
from .meter.control import MeterControl
from .meter.sender import Sender, sending
from .rooms import NotJoined, join_phones, rooms_on
from .slack.room import SlackRoom
from .slack.workspace_peer import Slack

SITE = "hq"
METER = "building"
TIMEZONE = "America/Los_Angeles"
MONDAY = datetime(2026, 3, 2, 8, 30, tzinfo=ZoneInfo(TIMEZONE))  # where a run begins
SECRET, TOKEN, APP_TOKEN = "practice-signing-secret", "xoxb-practice", "xapp-practice"
KEY, PASSWORD = "practice-key", "practice-password"
OF_CHAT = [
    name
    for name in KNOWN
    if name.startswith(("SLACK", "HIPCHAT", "MATTERMOST", "TWILIO", "EV_MAIL", "PUBLIC"))
]
NAMES = {one.slack_id: one.name for one in DRIVERS}
STARTS_WITHIN = 20.0  # real seconds
STOPS_WITHIN = 20.0
PROGRAM = ("-m", "bot", "run")


class BotFailed(Exception):
    """`python -m bot` did not do what it should; its own words are on the terminal."""


@dataclass
class World:
    """Everything of one run. `bot` is None while the concierge is down."""

    clock: ClockControl
    carpark: CarPark
    slack: Slack
    url: str  # of the stand-ins and the page
    app: str  # of the Chalice app, served by the bot
    store: str
    environ: dict[str, str]
    network: service.StandIn
    rooms: tuple[Room, ...]
    log: Path | None = None
    bot: subprocess.Popen[bytes] | None = None
    feed: Publisher | None = None
    program: tuple[str, ...] = PROGRAM
    is_open: bool = False  # the bot has been seen at work

    @cached_property
    def notes(self) -> SiteStore:
        """The store, opened once: a client of DynamoDB takes a while to make."""
        return open_store(self.store)

    def site(self) -> Site:
        """The site as it is stored now."""
        site = self.notes.load(SITE)
        if site is None:
            raise UnknownSite(f"there is no site {SITE} in the store")
        return site

    def line(self) -> list[str]:
        """The names in line, in order, suspended and called ones included."""
        names = {room.address(one): one.name for room in self.rooms for one in room.people}
        return [names.get(entry.driver, entry.driver) for entry in self.site().queue]

    def board(self) -> dict[str, Any]:
        """The boards that stand in the channels, and the link of the page in the lobby."""
        return boards(self.site(), self.rooms, self.board_link)

    def change_board(self, what: str) -> dict[str, Any]:
        """Somebody deletes the boards, or unpins them."""
        change(self.site(), self.rooms, what)
        return self.board()

    @cached_property
    def board_link(self) -> str:
        return BoardLinks(open_store(self.store).records, self.clock, self.app).make(SITE)

    def command(self, *words: str) -> None:
        """Run `python -m bot WORDS`. Raises BotFailed."""
        done = subprocess.run([sys.executable, "-m", "bot", *words], env=self.environ, check=False, stdout=subprocess.DEVNULL)  # noqa: S603 — our own program  # fmt: skip
        if done.returncode != 0:
            raise BotFailed(f"`python -m bot {words[0]}` ended with {done.returncode}")

    def start_bot(self) -> None:
        """Start the concierge and wait until it serves. Raises BotFailed."""
        out = self.log.open("ab") if self.log is not None else None
        with out or ExitStack():
            self.bot = subprocess.Popen([sys.executable, *self.program], env=self.environ, stdout=out, stderr=out)  # noqa: S603 — our own program  # fmt: skip
        give_up = time.monotonic() + STARTS_WITHIN
        while not self._is_open():
            if self.bot.poll() is not None or time.monotonic() > give_up:
                raise BotFailed(f"`python -m bot run` does not serve (exit {self.bot.poll()})")
            time.sleep(0.05)

    def _is_open(self) -> bool:
        """It serves, and has opened Slack's socket if that is the way in."""
        sockets = self.slack.sockets
        return answers(f"{self.app}/health") and (sockets is None or bool(sockets.lines))

    def kill_bot(self) -> None:
        """As a power cut would."""
        if self.bot is not None:
            self.bot.kill()
            self.bot.wait()
            self.bot = None

    def stop_bot(self) -> int:
        """Ask it to end, as `docker stop` does; its exit code."""
        if self.bot is None:
            return 0
        self.bot.send_signal(signal.SIGTERM)
        try:
            code = self.bot.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            self.bot.kill()
            code = self.bot.wait()
        self.bot = None
        return code


@contextmanager
def world(
    *,
    port: int = 0,
    speed: float = 1.0,
    ports: int = 4,
    drivers: tuple[Driver, ...] = DRIVERS,
    start: datetime = MONDAY,
    store: str = "",
    cars: tuple[str, ...] = (),
    poll_seconds: float = 5,
    log: Path | None = None,
    extra: dict[str, str] | None = None,
    feed: bool = False,
    socket_mode: bool = False,
    program: tuple[str, ...] = PROGRAM,
    chat: tuple[str, ...] = ("slack",),
    meter: bool = False,
    restart: Callable[[], None] | None = None,
) -> Iterator[World]:
    """A car park with its site set up and the bot running, until this is left.

    `chat` names the platforms that its people are on, in turn; `cars` the drivers on the
    first ports; `log` takes the bot's log, else the terminal. `port` 0 takes any; `feed`
    sends events, too; `socket_mode`: Slack by a socket that the bot opens, not by requests
    to it; `program` is what Python runs as the bot; `meter` lets the building's meter send
    its readings; `restart` is called when the page wants it all anew. Raises OSError when the port is taken,
    BotFailed, and NoProsody for want of one.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ev-practice-")))
        listener = server.listen(port)
        stack.callback(listener.close)
        app_port = free_port()
        clock = ClockControl(folder / "clock", speed, start)
        carpark = CarPark(clock, people.make_ports(ports))
        url, app = server.address(listener), f"http://{server.HOST}:{app_port}"
        on = {name: drivers[place :: len(chat)] for place, name in enumerate(chat)}
        slack = Slack(
            clock, signing_secret=SECRET, bot_token=TOKEN, app=app, url=url,
            people=on.get("slack", ()), app_token=APP_TOKEN if socket_mode else "",
        )  # fmt: skip
        if slack.sockets is not None:
            stack.enter_context(slack.sockets)
        rooms = rooms_on(on, SlackRoom(slack, settings_of(slack, url)), clock, slack.workspace.feed, app=app, url=url)  # fmt: skip
        place = store or f"sqlite:{folder / 'concierge.sqlite'}"
        environ = {
            **environ_of(rooms),
            "EV_STORE": place,
            "EV_HTTP": f"{server.HOST}:{app_port}",
            "EV_CLOCK": clock.origin,
            "PUBLIC_URL": app,
            "CHARGEPOINT_URL": url,
            "CHARGEPOINT_POLL_SECONDS": str(poll_seconds),
        }
        network = service.make_app(carpark, KEY, PASSWORD)
        run = World(
            clock, carpark, slack, url, app, place, environ, network, rooms, log, program=program
        )
        if feed:
            events = stack.enter_context(opened(carpark, network.subscriptions, KEY, PASSWORD))
            run.feed, settings = events
            environ.update(settings)
        environ.update(extra or {})
        building = Building(clock, TIMEZONE, carpark.load_kw)
        sender = sender_of(place, building, app) if meter else None
        pages = server.build(
            slack=slack, carpark=carpark, clock=clock, chargepoint=network, line=run.line,
            board=run.board, change_board=run.change_board,
            meter=MeterControl(building, sender), is_open=lambda: run.is_open,
            timezone=TIMEZONE, rooms=rooms, restart=restart,
            faults={"network": Faults(carpark, network, run.feed), "chat": ChatFaults(slack)},
        )  # fmt: skip
        stack.enter_context(server.serving(pages, listener))
        for bay, name in zip(carpark.ports(), cars, strict=False):
            carpark.plug(bay.station, bay.number, BY_NAME[name])
        run.command(*describe(rooms), *(("--meter", METER) if meter else ()))
        stack.callback(run.stop_bot)
        run.start_bot()
        for room in rooms:
            if not room.open():
                raise BotFailed(f"`python -m bot run` refuses {room.platform}")
        try:
            join_phones(rooms)
        except (AppRude, NotJoined) as fault:
            raise BotFailed(str(fault)) from fault
        if sender is not None:
            stack.enter_context(sending(sender))
        run.is_open = True
        yield run


def sender_of(store: str, building: Building, app: str) -> Sender:
    """The building's meter, with the key that the concierge knows it by."""
    meters = Meters(open_store(store).records)
    key = meters.add(METER, TIMEZONE) or meters.renew(METER)  # a store may have it from before
    sender = Sender(building, f"{app}/meters/{METER}/readings", key or "")
    sender.remember(building.day_before())
    return sender


def settings_of(slack: Slack, url: str) -> dict[str, str]:
    """What leads the bot to the make-believe Slack: by requests, or by a socket."""
    by_socket = slack.sockets is not None
    return {
        "SLACK_SIGNING_SECRET": "" if by_socket else SECRET,
        "SLACK_APP_TOKEN": APP_TOKEN if by_socket else "",
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_API_URL": f"{url}/api/",
    }


def environ_of(rooms: Sequence[Room]) -> dict[str, str]:
    """The reader's environment with the settings that are the same in every run."""
    return {
        **os.environ,
        "EV_DELIVER": "pump",  # no stream here, whatever the store
        **dict.fromkeys(OF_CHAT, ""),  # nothing of the reader's own: it would be real
        **{name: value for room in rooms for name, value in room.environ.items()},
        "CHARGEPOINT_API_KEY": KEY,
        "CHARGEPOINT_API_PASSWORD": PASSWORD,
        "CHARGEPOINT_XMPP": "off",
    }


def describe(rooms: Sequence[Room]) -> list[str]:
    """The command line that grants the car park to the practice channels."""
    found = {one: room.address(one) for room in rooms for one in room.people}
    channels = [word for room in rooms for word in ("--channel", room.channel)]
    links = [f"{at}={one.user_id}" for one, at in found.items()]
    admins = ["--admin", found[people.ADMIN]] if people.ADMIN in found else []
    return [
        "site", "add", SITE, "--name", "HQ garage", "--timezone", TIMEZONE, *channels,
        "--station-group", str(people.GROUP), *admins,
        *(word for link in links for word in ("--link", link)),
    ]  # fmt: skip


def address(driver: Driver) -> str:
    """`slack:TEAM:USER`."""
    return f"slack:{people.WORKSPACE}:{driver.slack_id}"


def name_of(driver: str) -> str:
    """The practice name of an address in Slack."""
    slack_id = driver.rpartition(":")[2]
    return NAMES.get(slack_id, slack_id)


def answers(url: str) -> bool:
    """Somebody answers 200 there."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 — our own address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
