"""The practice car park as a newcomer meets it: `make run`, and its page in a real browser.

Everything behind the page is the real thing: the app, the process, the store, SOAP, Slack's
API. Screenshots of failures are in tests/screenshots/.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from practice.common.free_port import free_port
from practice.world import World, world
from tests.needs import need

ROOT = Path(__file__).parents[3]
SHOTS = ROOT / "tests" / "screenshots"
CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync",
    "--disable-component-update", "--no-first-run",
]  # fmt: skip
CARS = ("bob", "cleo", "eli", "fay")
SPEED = 60
SOON = 15_000  # milliseconds: two looks and a message, on a slow machine
SERVES_WITHIN = 5.0  # seconds from the command to the page
ENDS_WITHIN = 20.0


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    need("chromium", is_there=CHROMIUM.exists())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    """All ports in use, as `make run` begins."""
    with world(speed=SPEED, cars=CARS, log=tmp_path / "log") as here:
        yield here


@pytest.fixture
def page(browser: Browser, here: World, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page, quiet in its console; photographed when the test fails."""
    page = browser.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.goto(here.url)
    expect(page.get_by_test_id("whoami")).to_have_value("ana")
    failed = request.session.testsfailed
    yield page
    if request.session.testsfailed > failed:
        SHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SHOTS / f"{request.node.name}.png", full_page=True)
    page.close()
    assert not wrong
    assert here.slack.violations == []


def test_the_first_five_minutes(page: Page, here: World) -> None:
    """Ana joins, Bob's car is unplugged by a click, she is called, plugs in, and has left the line."""
    messages, line = page.get_by_test_id("messages"), page.get_by_test_id("line")
    page.get_by_test_id("say-input").fill("/ev add")
    page.get_by_test_id("say-send").click()
    expect(messages).to_contain_text("Ana is number 1 in line", timeout=SOON)
    expect(line).to_have_text("Ana", timeout=SOON)

    first = page.get_by_test_id("port-1:900001-1")
    first.get_by_test_id("unplug").click()
    expect(messages).to_contain_text("Port 1 is free: Ana is called.", timeout=SOON)
    expect(messages).to_contain_text("It's your turn: plug in at port 1 by", timeout=SOON)

    page.get_by_role("button", name="On my way").click()
    expect(messages).to_contain_text("See you at port 1", timeout=SOON)
    expect(messages).to_contain_text("Port 1 is free: Ana is on the way.", timeout=SOON)
    expect(page.get_by_role("button", name="On my way")).to_have_count(0)
    expect(page.get_by_role("button", name="Blocked")).to_be_visible()

    first.get_by_test_id("plug").click()
    expect(first.get_by_test_id("occupant")).to_have_text("Ana")
    expect(messages).to_contain_text("Port 1: Ana is charging.", timeout=SOON)
    expect(messages).to_contain_text("You're charging on port 1, so I took you off the line.")
    expect(line).to_have_text("nobody", timeout=SOON)
    assert here.line() == []


def test_by_keyboard_alone(page: Page, here: World) -> None:
    """From the top of the page: Tab to the message, type, Enter; the answer comes."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "say-input":
            break
    expect(page.get_by_test_id("say-input")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("/ev status")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("messages")).to_contain_text("Bob", timeout=SOON)
    expect(page.get_by_test_id("messages")).to_contain_text("port", ignore_case=True)
    expect(page.get_by_test_id("say-input")).to_be_focused()


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_nothing_sticks_out(page: Page, here: World, width: int) -> None:
    """No sideways scrolling, on a phone neither, with long answers on the screen."""
    page.set_viewport_size({"width": width, "height": 844})
    for text in ("/ev add", "/ev list", "/ev help", "/ev " + "x" * 300):
        here.slack.say("ana", text)
    here.carpark.unplug("1:900001", "1")
    tab = page.get_by_test_id("tab-chat")
    for _ in ("the car park", "the channel"):
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if tab.is_visible():
            tab.click()
    expect(page.get_by_test_id("messages")).to_contain_text("It's your turn", timeout=SOON)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


# --- the command ------------------------------------------------------------------------------


@pytest.fixture
def start() -> Iterator[Starter]:
    starter = Starter()
    yield starter
    starter.end()


class Starter:
    """Runs `python -m practice` in a session of its own, as a terminal does."""

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen[str]] = []

    def __call__(self, port: int) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "practice", "--port", str(port)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def end(self) -> None:
        for process in self.processes:
            for pid in [process.pid, *offspring(process.pid)]:
                if is_alive(pid):
                    os.kill(pid, signal.SIGKILL)
            process.communicate()


def url_of(process: subprocess.Popen[str]) -> str:
    """Where it says that it is open."""
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"is open: (http://\S+)", line):
            return found[1]
    raise AssertionError("it never opened")


def offspring(pid: int) -> list[int]:
    """All its descendants that live now."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    found: list[int] = []
    ancestors = {pid}
    while children := [c for c, p in parents.items() if p in ancestors and c not in found]:
        found += children
        ancestors = set(children)
    return found


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.parametrize("how", ["Ctrl-C", "SIGTERM"])
def test_it_leaves_nothing_behind(start: Starter, how: str) -> None:
    """It serves within seconds; Ctrl-C or SIGTERM ends it and every process that it began."""
    began = time.monotonic()
    process = start(free_port())
    assert url_of(process).startswith("http://127.0.0.1:")
    assert time.monotonic() - began < SERVES_WITHIN * (2 if os.environ.get("CI") else 1)
    family = offspring(process.pid)
    assert family
    if how == "Ctrl-C":  # a terminal tells everybody
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.terminate()
    said, _ = process.communicate(timeout=ENDS_WITHIN)
    assert process.returncode == 0
    assert "Closed." in said
    assert "Traceback" not in said
    assert [pid for pid in family if is_alive(pid)] == []


def test_a_taken_port(start: Starter) -> None:
    """A taken port is named, with what to do; nothing was begun."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        process = start(number)
        said, _ = process.communicate(timeout=ENDS_WITHIN)
    assert process.returncode == 1
    assert f"Port {number} is taken" in said
    assert f"make run PORT={number + 1}" in said
    assert "Traceback" not in said
