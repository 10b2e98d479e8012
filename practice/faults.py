"""What the make-believe network and chat do wrong today, by name: `/practice/network`, `/practice/chat`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .carpark import CarPark
from .chargepoint.event_feed import Publisher
from .chargepoint.service import StandIn
from .common.wsgi import Response, json_response
from .slack.workspace_peer import Slack

FILES, PINS = "files:write", "pins:write"
SHARE, SECONDS, TIMES = 1, 60, 1000
REFUSED = "InvalidSecurity"  # the fault of a wrong key
LONGEST_SILENCE = 60.0  # real seconds that a call hangs
RETRY_AFTER = 2  # seconds, as a platform says that is asked too much


@dataclass(frozen=True, slots=True)
class Switch:
    """`most` is the largest number that it takes; None: it is on or off."""

    get: Callable[[], Any]
    set: Callable[[Any], object]
    most: float | None = None


class Switches:
    """Faults by name."""

    def __init__(self, switches: Mapping[str, Switch]) -> None:
        self._all = dict(switches)

    def state(self) -> dict[str, Any]:
        """How each stands."""
        return {name: switch.get() for name, switch in self._all.items()}

    def listed(self) -> list[dict[str, Any]]:
        """The same, with what each takes."""
        return [{"name": name, "value": one.get(), "most": one.most} for name, one in self._all.items()]  # fmt: skip

    def turn(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Set these, and leave the others; all of them then. Raises ValueError, having set none."""
        for name, value in wanted.items():
            if name not in self._all:
                raise ValueError(f"no {name} here, but: {', '.join(self._all)}")
            _check(name, value, self._all[name].most)
        for name, value in wanted.items():
            self._all[name].set(value)
        return self.state()


class Faults(Switches):
    """The network's: SOAP's and the feed's, where there is one."""

    def __init__(self, carpark: CarPark, network: StandIn, feed: Publisher | None) -> None:
        fault_config = network.fault_config
        found = {
            "slow_seconds": of(fault_config, "slow_seconds", SECONDS),
            "refused": Switch(
                lambda: fault_config.fault == REFUSED, lambda on: _refuse(network, on=on)
            ),
            "rubbish": of(fault_config, "html"),
            "busy_times": of(fault_config, "busy_times", TIMES),
            "stalled": of(fault_config, "stalled"),
            "omit_users": of(carpark, "omit_users"),
            "omit_credentials": of(carpark, "omit_credentials"),
        }
        if feed is not None:
            found |= {
                "events_dropped": of(feed.fault_config, "drop", SHARE),
                "events_doubled": of(feed.fault_config, "duplicate", SHARE),
                "events_overtaken": of(feed.fault_config, "overtake", SHARE),
                "events_late_seconds": of(feed.fault_config, "delay_seconds", SECONDS),
                "events_omit_users": of(feed.fault_config, "omit_users"),
                "events_stalled": of(feed, "stalled"),
            }
        super().__init__(found)


class ChatFaults(Switches):
    """The chat platforms', for whatever the app asks of them; and what Slack's workspace lacks:
    the blocks of 2026, leave to send files, an upload that ends.
    """

    def __init__(self, slack: Slack) -> None:
        self.slow_seconds = 0.0
        self.down = self.limited = self.stalled = False
        super().__init__(
            {
                "slow_seconds": of(self, "slow_seconds", SECONDS),
                "down": of(self, "down"),
                "limited": of(self, "limited"),
                "stalled": of(self, "stalled"),
                "no_charts": Switch(
                    lambda: not slack.workspace.takes_charts,
                    lambda on: setattr(slack.workspace, "takes_charts", not on),
                ),
                "no_files": Switch(
                    lambda: FILES not in slack.api.scopes, lambda on: _forbid(slack, FILES, on=on)
                ),
                "no_pins": Switch(
                    lambda: PINS not in slack.api.scopes, lambda on: _forbid(slack, PINS, on=on)
                ),
                "archived": of(slack.workspace, "archived"),
                "uploads_stalled": of(slack.api.files, "stalled"),
            }
        )

    def meet(self) -> Response | None:
        """What a call gets instead of its answer; None: it goes on, perhaps late."""
        if self.slow_seconds:
            time.sleep(self.slow_seconds)
        began = time.monotonic()
        while self.stalled and time.monotonic() - began < LONGEST_SILENCE:
            time.sleep(0.05)
        if self.down:
            return json_response({"ok": False, "error": "fatal_error"}, 500)
        if self.limited:
            headers = [("Retry-After", str(RETRY_AFTER))]
            return json_response({"ok": False, "error": "ratelimited"}, 429, headers)
        return None


def of(thing: object, name: str, most: float | None = None) -> Switch:
    """An attribute."""
    return Switch(lambda: getattr(thing, name), lambda value: setattr(thing, name, value), most)


def _forbid(slack: Slack, scope: str, *, on: bool) -> None:
    change = slack.api.scopes.discard if on else slack.api.scopes.add
    change(scope)


def _refuse(network: StandIn, *, on: bool) -> None:
    network.fault_config.fault = REFUSED if on else ""


def _check(name: str, value: Any, most: float | None) -> None:
    if most is None:
        if not isinstance(value, bool):
            raise ValueError(f"{name} is true or false")
    elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise ValueError(f"{name} is a number from 0 to {most:g}")
