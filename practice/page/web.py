"""The control of the practice car park: JSON over HTTP, for its page and for tests."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import WSGIEnvironment

from chalicelib.edges import Fault
from practice.boards import WHAT
from practice.carpark import CarPark, CarParkError
from practice.common.clock import ClockControl
from practice.common.people import ADMIN, DRIVERS, Driver
from practice.common.posts import Feed, NoSuchMessage
from practice.common.room import Room
from practice.common.wsgi import (
    BadRequest,
    Response,
    body_of,
    check_method,
    json_response,
    read_object,
)
from practice.faults import Switches
from practice.meter.control import MeterControl
from practice.slack.room import SlackRoom

from .forms import FormControl

Body = dict[str, Any]
BIGGEST = 1e9


class Control:
    """Everything under `/practice/`. `line` names who stands in line, in order; `rooms` are
    the channels, which write into one feed; `faults` can be switched on, `restart` opens the
    car park anew.
    """

    def __init__(
        self,
        app: str,
        feed: Feed,
        rooms: Sequence[Room],
        carpark: CarPark,
        clock: ClockControl,
        line: Callable[[], list[str]],
        timezone: str = "UTC",
        faults: Mapping[str, Switches] | None = None,
        restart: Callable[[], None] | None = None,
        meter: MeterControl | None = None,
        is_open: Callable[[], bool] = lambda: True,
        board: Callable[[], Body] = dict,
        change_board: Callable[[str], Body] | None = None,
    ) -> None:
        self._app = app
        self._feed = feed
        self._rooms = rooms
        self._room_of = {driver.name: room for room in rooms for driver in room.people}
        self._carpark = carpark
        self._clock = clock
        self._line = line
        self._board = board
        self._change_board = change_board
        self._timezone = timezone
        self._faults = faults or {}
        self._restart = restart
        self._is_open = is_open
        self._run = secrets.token_hex(8)  # a page notices when another car park answers
        everybody = sorted((one for room in rooms for one in room.people), key=DRIVERS.index)
        self._drivers = {driver.name: driver for driver in everybody}
        screens = FormControl(feed, self._room_of, self._driver)
        self._gets: dict[str, Callable[[WSGIEnvironment], object]] = {
            "home": screens.home,
            "form": screens.form,
            "messages": self._messages,
            "state": self._state,
            "board": lambda _: self._read_board(),
            "violations": lambda _: self._violations(),
            "faults": lambda _: {name: one.listed() for name, one in self._faults.items()},
        }
        self._posts: dict[str, Callable[[Body], object]] = {
            "say": self._say,
            "press": screens.press,
            "status": self._set_status,
            "account": self._change_account,
            "clock": self._set_clock,
            "shed": self._shed,
        }
        for name, switches in self._faults.items():
            self._posts[name] = partial(_turn, switches)
        if change_board is not None:
            self._posts["board"] = self._spoil_board
        if restart is not None:
            self._posts["restart"] = self._start_again
        self._meter = meter
        if meter is not None:
            self._posts["meter"] = lambda body: _set(meter, body)
        self._acts: dict[str, Callable[[str, str, Body], None]] = {
            "plug": self._plug,
            "unplug": _bare(carpark.unplug),
            "full": _bare(carpark.full),
            "power": self._power,
            "unreachable": _bare(carpark.unreachable),
            "reachable": _bare(carpark.reachable),
        }

    def handle(self, path: str, environ: WSGIEnvironment) -> Response:
        """Answer a request for `/practice/{path}`. Raises BadRequest."""
        if path in self._gets and not (
            path in self._posts and environ["REQUEST_METHOD"] == "POST"
        ):
            check_method(environ, "GET", "HEAD")
            return json_response(self._gets[path](environ))
        if path in self._posts:
            check_method(environ, "POST")
            return json_response(self._posts[path](_read(environ)))
        match path.removeprefix("ports/").rsplit("/", 2):
            case [station, port, act] if path.startswith("ports/"):
                check_method(environ, "POST")
                return json_response(self._act(station, port, act, _read(environ)))
        known = ", ".join([*self._gets, *self._posts, "ports/{station}/{port}/{act}"])
        raise BadRequest(f"no /practice/{path} here, but: {known}", 404)

    def _say(self, body: Body) -> object:
        """In Slack also in a thread (`thread`: under which post), or with a `subtype`."""
        how = {key: body[key] for key in ("thread", "subtype") if key in body}
        _check_keys({key: body[key] for key in body if key not in how}, "driver", "text", "to")
        text, to = _text(body, "text"), body.get("to", "channel")
        if not text.strip():
            raise BadRequest("text says nothing")
        if to not in ("channel", "bot"):
            raise BadRequest("to is channel, or bot for a direct message")
        driver = self._driver(body).name
        room = self._room_of[driver]
        if to == "bot" and (how or not room.takes_direct):
            raise BadRequest(f"{room.platform} tells an app nothing of direct messages" if not how else "a direct message has no thread and no subtype", 409)  # fmt: skip
        if not how:
            return room.say(driver, text, direct=to == "bot")
        if not isinstance(room, SlackRoom) or not isinstance(how.get("thread", 0), int):
            raise BadRequest("thread (a post's number) and subtype are Slack's")
        try:
            return room.say(
                driver, text, thread=how.get("thread", 0), subtype=str(how.get("subtype", ""))
            )
        except NoSuchMessage as error:
            raise BadRequest(str(error), 404) from error

    def _start_again(self, body: Body) -> object:
        _check_keys(body)
        if self._restart is not None:
            self._restart()
        return {"run": self._run}

    def _set_status(self, body: Body) -> object:
        """A status with an end (`until`, ISO 8601), or without one; "" clears it. Slack's."""
        _check_keys(body, "driver", "text", "until", "emoji")
        room, driver = self._slack_of(body)
        try:
            until = datetime.fromisoformat(_text(body, "until")) if body.get("until") else None
        except ValueError as error:
            raise BadRequest("until is a moment, such as 2031-03-03T17:30:00Z") from error
        if until is not None and until.tzinfo is None:
            raise BadRequest("until needs its time zone, such as 2031-03-03T17:30:00Z")
        emoji = _text(body, "emoji") if "emoji" in body else ""
        try:
            return {"told": room.set_status(driver.name, _text(body, "text"), until, emoji)}
        except ValueError as error:
            raise BadRequest(str(error)) from error

    def _change_account(self, body: Body) -> object:
        """Somebody is called otherwise (`name`), or gone for good (`closed`). Slack's."""
        _check_keys(body, "driver", "name", "closed")
        room, driver = self._slack_of(body)
        if body.get("closed") is True:
            return {"told": room.close_account(driver.name)}
        return {"told": room.rename(driver.name, _text(body, "name"))}

    def _slack_of(self, body: Body) -> tuple[SlackRoom, Driver]:
        driver = self._driver(body)
        room = self._room_of[driver.name]
        if not isinstance(room, SlackRoom):
            raise BadRequest(f"{room.platform} tells an app nothing of accounts", 409)
        return room, driver

    def _set_clock(self, body: Body) -> object:
        _check_keys(body, "speed", "advance_minutes")
        speed, minutes = _number(body, "speed"), _number(body, "advance_minutes")
        if (speed is None) is (minutes is None):
            raise BadRequest("give speed or advance_minutes")
        try:
            if minutes is not None:
                self._clock.pass_by(minutes)
            if speed is not None:
                self._clock.set_speed(speed)
        except ValueError as error:
            raise BadRequest(str(error)) from error
        return self._time()

    def _shed(self, body: Body) -> object:
        _check_keys(body, "percent", "allowed_kw")
        if len(body) > 1:
            raise BadRequest("give percent or allowed_kw, not both")
        try:
            self._carpark.shed(_number(body, "percent"), _number(body, "allowed_kw"))
        except CarParkError as error:
            raise BadRequest(str(error)) from error
        return self._carpark.state()

    def _act(self, station: str, port: str, act: str, body: Body) -> object:
        if act not in self._acts:
            raise BadRequest(f"can't {act} a port, but: {', '.join(self._acts)}", 404)
        self._port(station, port)
        _check_keys(body, *(("driver",) if act == "plug" else ()))
        try:
            self._acts[act](station, port, body)
        except CarParkError as error:
            raise BadRequest(str(error), 409) from error
        return self._port(station, port)

    def _plug(self, station: str, port: str, body: Body) -> None:
        driver = self._driver(body) if body.get("driver") is not None else None
        self._carpark.plug(station, port, driver)

    def _power(self, station: str, port: str, body: Body) -> None:
        _check_keys(body, "kw")
        self._carpark.power(station, port, body["kw"])

    def _messages(self, environ: WSGIEnvironment) -> object:
        after = parse_qs(environ.get("QUERY_STRING", "")).get("after", ["0"])[-1]
        if not (after.isascii() and after.isdecimal() and len(after) < 12):
            raise BadRequest("after is the number of a message, or 0")
        return self._feed.after(int(after))

    def _state(self, _: WSGIEnvironment) -> object:
        if not self._is_open():
            raise BadRequest("the concierge isn't at work yet", 503)
        return {
            "app": self._app,
            "run": self._run,
            "can_restart": self._restart is not None,
            **self._time(),
            "drivers": list(self._drivers),
            "people": {one.slack_id: name for name, one in self._drivers.items()},
            "platforms": {name: room.platform for name, room in self._room_of.items()},
            "direct": [room.platform for room in self._rooms if room.takes_direct],
            "home": [room.platform for room in self._rooms if room.has_home],
            "admin": ADMIN.name,
            "timezone": self._timezone,
            "ports": self._carpark.state(),
            "line": self._names_in_line(),
            "last": self._feed.last,
            **({"meter": self._meter.state()} if self._meter is not None else {}),
            "violations": len(self._violations()),
        }

    def _violations(self) -> list[str]:
        return [breach for room in self._rooms for breach in room.violations]

    def _read_board(self) -> Body:
        try:
            return self._board()
        except Fault as fault:
            raise BadRequest(f"the board can't be read: {fault}", 503) from fault

    def _spoil_board(self, body: Body) -> object:
        """Somebody deletes the board, or unpins it."""
        _check_keys(body, "do")
        if body.get("do") not in WHAT or self._change_board is None:
            raise BadRequest(f"do is one of {', '.join(WHAT)}")
        return self._change_board(str(body["do"]))

    def _names_in_line(self) -> list[str]:
        try:
            return self._line()
        except Fault as fault:
            raise BadRequest(f"the line can't be read: {fault}", 503) from fault

    def _time(self) -> Body:
        now = self._clock.now().isoformat(timespec="milliseconds")
        return {"now": now, "speed": self._clock.speed}

    def _driver(self, body: Body) -> Driver:
        name = _text(body, "driver")
        if name not in self._drivers:
            raise BadRequest(f"no driver {name!r} here, but: {', '.join(self._drivers)}", 404)
        return self._drivers[name]

    def _port(self, station: str, port: str) -> Body:
        ports = self._carpark.state()
        for each in ports:
            if (each["station"], each["port"]) == (station, port):
                return each
        known = ", ".join(f"{each['station']}/{each['port']}" for each in ports)
        raise BadRequest(f"no port {station}/{port} here, but: {known}", 404)


def _set(meter: MeterControl, body: Body) -> object:
    try:
        return meter.set(body)
    except ValueError as error:
        raise BadRequest(str(error)) from error


def _turn(switches: Switches, body: Body) -> object:
    try:
        return switches.turn(body)
    except ValueError as error:
        raise BadRequest(str(error)) from error


def _bare(act: Callable[[str, str], None]) -> Callable[[str, str, Body], None]:
    return lambda station, port, _: act(station, port)


def _read(environ: WSGIEnvironment) -> Body:
    """The JSON body; none at all is `{}`. Raises BadRequest.

    Asking for the content type keeps other sites' forms out, which can't send it.
    """
    body = body_of(environ)
    if not body:
        return {}
    if environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != "application/json":
        raise BadRequest("send application/json", 415)
    return read_object(body)


def _check_keys(body: Body, *known: str) -> None:
    strange = sorted(set(body) - set(known))
    if strange:
        raise BadRequest(f"unknown: {', '.join(strange)}; known: {_listed(known)}")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "nothing"


def _text(body: Body, key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str):
        raise BadRequest(f"{key} is a text")
    return value


def _number(body: Body, key: str) -> float | None:
    """None when it isn't there. Raises BadRequest when it is no number, or an absurd one."""
    value = body.get(key)
    if key not in body:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > BIGGEST:
        raise BadRequest(f"{key} is a number")
    return float(value)
