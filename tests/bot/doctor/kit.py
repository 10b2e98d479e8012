"""The stand-ins that `python -m bot check` looks at, and what it says of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot import __main__ as command_line
from chalicelib.core.model import Stations
from chalicelib.stores.sqlite import SQLiteStore
from chalicelib.values import replace
from practice import server
from practice.carpark import CarPark
from practice.chargepoint.event_feed import opened
from practice.chargepoint.service import StandIn, make_app
from practice.common.clock import ClockControl
from practice.common.people import ADMIN, GROUP, WORKSPACE
from practice.slack.workspace_peer import Slack
from practice.world import MONDAY
from tests.bot.networks.chargepoint.feed_kit import need_prosody
from tests.fakes import site_of

KEY, PASSWORD = "0123456789abcdef", "a-made-up-password"
SECRET, TOKEN = "a-made-up-signing-secret", "xoxb-made-up"
APP_TOKEN = "xapp-made-up"
DAVE = f"slack:{WORKSPACE}:{ADMIN.slack_id}"
SECRETS = (KEY, PASSWORD, SECRET, TOKEN, APP_TOKEN)
ROOT = Path(__file__).parents[3]


@dataclass
class Clinic:
    """The stand-ins, without a listener, and the settings that lead there."""

    slack: Slack
    network: StandIn
    carpark: CarPark
    environ: dict[str, str]

    def check(self, capsys: pytest.CaptureFixture[str], **environ: str) -> tuple[int, str]:
        """The exit code, and what it said, which holds no secret."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {**self.environ, **environ}.items():
                patch.setenv(name, value)
            code = command_line.main(["check"])
        said = "".join(capsys.readouterr())
        assert_discreet(said, *environ.values())
        return code, said


def assert_discreet(said: str, *given: str) -> None:
    """Nothing that opens a door is in it, nor a part of one."""
    for secret in (*SECRETS, *(one for one in given if one.startswith("wrong-"))):
        assert secret not in said
    assert "Traceback" not in said


@contextmanager
def clinic(folder: Path, *, feed: bool = False) -> Iterator[Clinic]:
    with ExitStack() as stack:
        clock = ClockControl(folder / "clock", 1.0, MONDAY)
        carpark, listener = CarPark(clock), server.listen(0)
        url = server.address(listener)
        slack = Slack(clock, signing_secret=SECRET, bot_token=TOKEN, app=url, url=url, app_token=APP_TOKEN)  # fmt: skip
        network = make_app(carpark, KEY, PASSWORD)
        pages = server.build(slack=slack, carpark=carpark, clock=clock, chargepoint=network, line=list)  # fmt: skip
        stack.enter_context(server.serving(pages, listener))
        environ = {
            "EV_STORE": f"sqlite:{folder / 'ev.db'}",
            "EV_HTTP": "127.0.0.1:8080",
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_API_URL": f"{url}/api/",
            "CHARGEPOINT_API_KEY": KEY,
            "CHARGEPOINT_API_PASSWORD": PASSWORD,
            "CHARGEPOINT_URL": url,
            "CHARGEPOINT_XMPP": "off",
        }
        if feed:
            need_prosody()
            events = opened(carpark, network.subscriptions, KEY, PASSWORD)
            environ.update(stack.enter_context(events)[1])
        site = site_of(stations=Stations(group=GROUP), admins=(DAVE,))
        SQLiteStore(str(folder / "ev.db")).save(site, None)
        try:
            yield Clinic(slack, network, carpark, environ)
        finally:
            slack.api.over.set()


def lines(said: str, level: str) -> list[str]:
    return [line for line in said.splitlines() if line.startswith(level)]


Setup = Callable[[Clinic], Any]


def rename(**more: tuple[str, ...]) -> Setup:
    """Let the site name other channels or admins."""

    def setup(here: Clinic) -> None:
        store = SQLiteStore(here.environ["EV_STORE"].removeprefix("sqlite:"))
        site = store.load("hq")
        assert site is not None
        store.save(replace(site, **more), None)  # type: ignore[arg-type]  # fields of a site

    return setup
