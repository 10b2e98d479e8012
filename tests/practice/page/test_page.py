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
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from practice.__main__ import parser
from practice.common.free_port import free_port
from practice.world import World, world
from tests.needs import need
from tests.waiting import within

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
    expect(messages).to_contain_text("This turn is over.", timeout=SOON)
    expect(page.get_by_role("button", name="Pass")).to_have_count(0)
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


def test_the_message_comes_early(page: Page) -> None:
    """By keyboard the first stop leads to the message; the chat comes before the car park."""
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the message")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("say-input")).to_be_focused()
    stops = []
    for _ in range(40):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.dataset.testid || ''"))
    assert stops.index("say-send") < stops.index("shed") < stops.index("unplug")


@pytest.mark.parametrize("width", [390, 1280])
def test_the_first_steps_lead(page: Page, width: int) -> None:
    """Each leads to where it is done, on a phone to the other part of the page."""
    page.set_viewport_size({"width": width, "height": 800})
    page.get_by_test_id("whoami").select_option("dave", force=True)
    page.get_by_test_id("step-1").click()
    expect(page.get_by_test_id("say-input")).to_be_focused()
    expect(page.get_by_test_id("say-input")).to_have_value("/ev add")
    expect(page.get_by_test_id("whoami")).to_have_value("ana")
    page.get_by_test_id("step-2").click()
    expect(page.get_by_test_id("port-1:900001-1").get_by_test_id("unplug")).to_be_focused()
    page.get_by_test_id("step-3").click()
    expect(page.get_by_test_id("messages")).to_be_focused()


def test_the_usual_speed(browser: Browser, tmp_path: Path) -> None:
    """The speed that `make run` begins with has a button, and it is the pressed one."""
    usual = parser().parse_args([]).speed
    with world(speed=usual, log=tmp_path / "log") as here:
        page = browser.new_page()
        page.goto(here.url)
        button = page.get_by_test_id(f"speed-{usual:g}")
        expect(button).to_have_attribute("aria-pressed", "true")
        page.close()


def test_a_direct_message(page: Page, here: World) -> None:
    """To the concierge alone: nobody else sees the words, nor the answer."""
    page.get_by_test_id("say-to").select_option("bot")
    page.get_by_test_id("say-input").fill("status")
    page.get_by_test_id("say-send").click()
    messages = page.get_by_test_id("messages")
    expect(messages).to_contain_text("Port 1: Bob since", timeout=SOON)
    posts = here.slack.workspace.feed.after(0)
    assert {post["to"] for post in posts} == {"ana"}
    page.get_by_test_id("whoami").select_option("gus")
    expect(messages).not_to_contain_text("Port 1: Bob since")


def test_the_board(page: Page, here: World) -> None:
    """Switched on, it stands above the messages, pinned; it changes in place, and leads to the
    page for a screen, which has no script.
    """
    board = page.get_by_test_id("board")
    expect(board).to_be_hidden()
    page.get_by_test_id("whoami").select_option("dave")
    page.get_by_test_id("say-input").fill("/ev admin board on")
    page.get_by_test_id("say-send").click()
    expect(board).to_contain_text("The board, pinned", timeout=SOON)
    expect(board).to_contain_text("Port 1: Bob since", timeout=SOON)
    page.get_by_test_id("port-1:900001-1").get_by_test_id("unplug").click()
    expect(board).to_contain_text("Port 1: free", timeout=SOON)
    screen = page.context.browser.new_context(java_script_enabled=False).new_page()  # type: ignore[union-attr]  # it has one
    screen.goto(page.get_by_test_id("board-link").get_attribute("href") or "")
    expect(screen.get_by_role("heading", name="HQ garage")).to_be_visible()
    expect(screen.get_by_role("listitem").first).to_contain_text("Port 1")
    expect(screen.locator("body")).not_to_contain_text("Cleo")
    screen.context.close()
    assert here.board()["pinned"]
    first = here.board()["n"]
    here.change_board("delete")
    expect(board).to_be_hidden(timeout=SOON)
    page.get_by_test_id("port-1:900001-2").get_by_test_id("unplug").click()
    expect(board).to_contain_text("Port 2: free", timeout=2 * SOON)  # made anew
    assert here.board()["n"] > first


def test_faults_are_switches(page: Page, here: World) -> None:
    """The network and the chat can be made to do wrong by a click, and to stop it."""
    page.get_by_test_id("faults").locator("summary").click()
    page.get_by_test_id("fault-chat-down").check()
    expect(page.locator("#faulty")).to_have_text("1")
    page.get_by_test_id("say-input").fill("/ev add")
    page.get_by_test_id("say-send").click()
    expect(page.get_by_test_id("line")).to_have_text("Ana", timeout=SOON)
    here.carpark.unplug("1:900001", "1")
    within(30, lambda: here.site().queue[0].turn)
    messages = page.get_by_test_id("messages")
    expect(messages).not_to_contain_text("It's your turn")
    page.get_by_test_id("fault-chat-down").uncheck()
    expect(messages).to_contain_text("It's your turn", timeout=60_000)
    page.get_by_test_id("fault-network-slow_seconds").fill("2")
    page.get_by_test_id("fault-network-slow_seconds").blur()
    within(10, lambda: here.network.fault_config.slow_seconds == 2)
    expect(page.locator("#faulty")).to_have_text("1")


def test_the_building(browser: Browser, tmp_path: Path) -> None:
    """Its power stands beside the cars, with the limit; its meter sends what `power` tells."""
    with world(speed=SPEED, cars=CARS, log=tmp_path / "log", meter=True) as here:
        page = browser.new_page()
        page.goto(here.url)
        power = page.get_by_test_id("building-kw")
        expect(power).to_contain_text("kW", timeout=SOON)
        expect(page.get_by_test_id("building-limit")).to_have_text("of 86.2 kW (fuse 125 A)")
        answer = page.request.post(f"{here.url}/practice/meter", data={"amps": [100, 50, 0]})
        assert answer.ok
        expect(power).to_have_text("34.5 kW", timeout=SOON)
        expect(page.get_by_test_id("building-note")).to_have_text("The amps are set by hand.")
        assert page.request.post(f"{here.url}/practice/meter", data={"amps": [1, 2]}).status == 400
        messages = page.get_by_test_id("messages")

        def told() -> bool:
            page.get_by_test_id("say-input").fill("/ev power")
            page.get_by_test_id("say-send").click()
            page.wait_for_timeout(500)
            return "Building: 34.5 kW" in messages.inner_text()

        within(30, told)
        expect(messages).to_contain_text("Last 24 hours")
        page.close()


@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 568), (844, 390), (667, 375)])
def test_the_chat_has_room(page: Page, here: World, width: int, height: int) -> None:
    """On small phones, on their side, too: some lines are read, and the field is on the screen."""
    page.set_viewport_size({"width": width, "height": height})
    here.slack.say("ana", "/ev list")
    tab = page.get_by_test_id("tab-chat")
    if tab.is_visible():
        tab.click()
    assert page.evaluate("document.getElementById('messages').clientHeight") >= 120
    bottom = page.evaluate("document.getElementById('say-input').getBoundingClientRect().bottom")
    assert bottom <= height
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
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
    """It serves; Ctrl-C or SIGTERM ends it and every process that it began."""
    process = start(free_port())
    assert url_of(process).startswith("http://127.0.0.1:")
    family = offspring(process.pid)
    assert family
    if how == "Ctrl-C":  # a terminal tells everybody
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.terminate()
    said, _ = process.communicate(timeout=ENDS_WITHIN)
    assert process.returncode == 0, said
    assert "Closed." in said
    assert "Traceback" not in said
    assert [pid for pid in family if is_alive(pid)] == []


def test_start_again(start: Starter, browser: Browser) -> None:
    """The button opens everything anew at the same address; the page finds it by itself."""
    process = start(free_port())
    page = browser.new_page()
    page.goto(url_of(process))
    expect(page.get_by_test_id("whoami")).to_have_value("ana")
    line = page.get_by_test_id("line")
    page.get_by_test_id("say-send").click()
    expect(line).to_have_text("Ana", timeout=SOON)
    page.get_by_test_id("port-1:900001-2").get_by_test_id("unplug").click()
    page.get_by_test_id("restart").click()
    expect(line).to_have_text("nobody", timeout=60_000)
    expect(page.get_by_test_id("port-1:900001-2").get_by_test_id("occupant")).to_have_text("Cleo")
    expect(page.get_by_test_id("restart")).to_be_enabled()
    expect(page.get_by_test_id("whoami")).to_have_value("ana")
    page.get_by_test_id("say-send").click()
    expect(line).to_have_text("Ana", timeout=SOON)
    page.close()
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=ENDS_WITHIN)
    assert "is open again, as at the start" in said
    assert "Traceback" not in said


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
