"""Socket Mode: cut off, stalled and turned away in every way, it notices and comes back."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from slack_sdk import WebClient

from chalicelib import wiring
from chalicelib.chat.slack.socket import SlackSocket, socket_url
from chalicelib.core import Outcome
from chalicelib.core.inputs import Input
from chalicelib.edges import MessengerUnavailable
from chalicelib.settings import BadSettings, Settings, read
from practice import server
from practice.common.people import CHANNEL, WORKSPACE
from practice.common.proxy import StallingProxy
from practice.slack.socket import Sockets
from practice.slack.web import SlackWeb
from practice.slack.workspace_peer import Slack
from tests.chat.slack.socket_kit import APP_TOKEN, HURRY, listening, settled, socket_to
from tests.fakes import World, site_of, world
from tests.telemetry.kit import logging_as, objects
from tests.waiting import within

NOTICED = HURRY.ping_every + HURRY.answer_within + 1.0  # and the library's own close
BUSY = 3.0  # seconds that a busy machine may add


@dataclass
class Here:
    """A workspace with Socket Mode, and a car park."""

    slack: Slack
    sockets: Sockets
    park: World
    api: str

    def socket(self, token: str = APP_TOKEN) -> SlackSocket:
        return socket_to(self.park.concierge, self.api, token)

    def line(self) -> list[str]:
        return [entry.driver.rpartition(":")[2] for entry in self.park.site().queue]


@pytest.fixture
def here() -> Iterator[Here]:
    with workspace() as found:
        yield found
        assert found.slack.violations == []


@contextmanager
def workspace() -> Iterator[Here]:
    park = world(site_of(f"slack:{WORKSPACE}:{CHANNEL}"))
    with ExitStack() as stack:
        listener = server.listen(0)
        url = server.address(listener)
        slack = Slack(park.clock, signing_secret="", bot_token="xoxb-made-up", app="", url=url, app_token=APP_TOKEN)  # fmt: skip
        web = SlackWeb(slack)
        assert slack.sockets is not None
        stack.enter_context(slack.sockets)
        stack.enter_context(
            server.serving(
                lambda environ, start: web.api(environ["PATH_INFO"][5:], environ).send(start), listener, 4
            )
        )  # fmt: skip
        yield Here(slack, slack.sockets, park, f"{url}/api/")


class Slow:
    """A concierge that takes its time over some."""

    def __init__(self, park: World, until: threading.Event) -> None:
        self._handle, self._until = park.concierge.handle, until
        park.concierge.handle = self.handle  # type: ignore[method-assign]  # a slow one

    def handle(self, site_id: str, given: Input) -> Outcome:
        self._until.wait(10)
        return self._handle(site_id, given)


class TestRequests:
    def test_a_command(self, here: Here) -> None:
        """A command's answer comes back with its acknowledgement, blocks and all."""
        with listening(here.socket()):
            said = here.slack.say("ana", "/ev add")
            assert (said["to"], here.line()) == ("channel", ["U0ANA"])
            said = here.slack.say("ana", "/ev help")
            assert (said["to"], said["ephemeral"]) == ("ana", True)

    def test_it_leaves_a_line(self, here: Here, capfd: pytest.CaptureFixture[str]) -> None:
        """A command by Socket Mode can be seen from outside like any other."""
        written: list[str] = []

        def it_is_written() -> bool:
            written.append(read_log())
            return "Add" in "".join(written)

        with logging_as("json", capfd) as read_log, listening(here.socket()):
            here.slack.say("ana", "/ev add")
            within(5, it_is_written)
        (line,) = [one for one in objects("".join(written)) if one["message"] == "command"]
        assert (line["command"], line["answer"]) == ("Add", "Added")
        assert line["request"]

    def test_plain_words(self, here: Here) -> None:
        """`ev add` without the slash is an event, acknowledged without a payload."""
        with listening(here.socket()):
            here.slack.say("ana", "ev add")
            assert here.line() == ["U0ANA"]

    def test_an_event_again(self, here: Here) -> None:
        """What is told again, in another envelope, is done once."""
        with listening(here.socket()):
            here.slack.say("ana", "ev add")
            before = here.park.site().version
            here.sockets.again()
            assert here.sockets.acks == 2
            assert here.park.site().version == before

    def test_an_event_while_the_store_is_down(self, here: Here) -> None:
        """An event that can't be done now is not acknowledged: Slack tells it again."""
        with listening(here.socket()):
            here.slack.say("bob", "ev list")
            here.park.store.down = True
            threading.Timer(1.0, lambda: setattr(here.park.store, "down", False)).start()
            here.slack.say("ana", "ev add")
        assert here.line() == ["U0ANA"]
        assert [words.split(" ", 1)[1] for words in here.slack.violations] == ["an event, try 1: no answer within 3 s"]  # fmt: skip
        here.slack.violations.clear()

    def test_a_slow_one_holds_up_nobody(self, here: Here) -> None:
        """While requests take their time, pings are answered and sent, and others are served."""
        release = threading.Event()
        Slow(here.park, release)
        with listening(here.socket()) as socket:
            workers = [threading.Thread(target=here.slack.say, args=(who, "/ev add")) for who in ("ana", "bob")]  # fmt: skip
            for worker in workers:
                worker.start()
            time.sleep(2 * (HURRY.ping_every + HURRY.answer_within))
            release.set()
            for worker in workers:
                worker.join()
            assert sorted(here.line()) == ["U0ANA", "U0BOB"]
            assert socket.opened == 1

    @pytest.mark.parametrize(
        "sent", [b'{"type":"slash_commands","payload":{"a":"\xff"}}', b"\xff", b"[]", b"{}", b'{"type":"x","payload":' + b"[" * 200_000]
    )  # fmt: skip
    def test_unreadable(self, here: Here, sent: bytes, caplog: pytest.LogCaptureFixture) -> None:
        """What can't be read is refused like over HTTP, and is no bug of ours."""
        caplog.set_level(logging.INFO)
        here.socket()._answer(None, sent)  # type: ignore[arg-type]  # nothing is sent back
        assert "refused: not" in caplog.text
        assert "a bug" not in caplog.text

    def test_a_bug_is_its_own(self, here: Here, caplog: pytest.LogCaptureFixture) -> None:
        """A request that hits a bug is logged without what was typed; the next one is served."""

        def handle(*_: object) -> Outcome:
            raise ZeroDivisionError("a bug")

        handled = here.park.concierge.handle
        with listening(here.socket()) as socket:
            here.park.concierge.handle = handle  # type: ignore[assignment,method-assign]  # the bug
            assert here.slack.say("ana", "/ev add")["error"] == "operation_timeout"
            here.park.concierge.handle = handled  # type: ignore[method-assign]  # mended
            assert "error" not in here.slack.say("ana", "/ev add")
            assert socket.opened == 1
        assert "ZeroDivisionError: a bug" in caplog.text
        here.slack.violations.clear()

    def test_what_is_under_way_at_the_end(self, here: Here) -> None:
        """Told to end, it answers what it has taken, and hangs up."""
        release, said = threading.Event(), []
        Slow(here.park, release)
        with listening(here.socket()) as socket:
            worker = threading.Thread(target=lambda: said.append(here.slack.say("ana", "/ev add")))
            worker.start()
            within(2, lambda: socket._workers._work_queue.empty() and here.sockets._waiting)
            time.sleep(0.2)
            socket.rung.set()
            release.set()
            worker.join()
            settled(here.sockets, 0)
        assert "error" not in said[0]


class TestMoving:
    @pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
    def test_slack_asks_us_to_move(
        self, here: Here, reason: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A new connection before the old one ends; what comes on either is answered."""
        with listening(here.socket()) as socket:
            here.sockets.part(reason, within=0.4)
            for _ in range(40):
                assert "error" not in here.slack.say("ana", "/ev list")
            within(BUSY, lambda: socket.opened == 2)
            settled(here.sockets, 1)
            assert "error" not in here.slack.say("ana", "/ev list")
        assert "lost" not in caplog.text

    def test_an_old_one_that_stays(self, here: Here) -> None:
        """If Slack doesn't end the old connection, we do."""
        with listening(here.socket()) as socket:
            here.sockets.part(within=60)
            within(BUSY, lambda: socket.opened == 2)
            settled(here.sockets, 1)

    def test_too_many(self, here: Here, caplog: pytest.LogCaptureFixture) -> None:
        """The eleventh connection is sent away, and waits for a place."""
        with ExitStack() as ten:
            for _ in range(9):
                ten.enter_context(listening(here.socket()))
            with listening(here.socket()), listening(here.socket(), at_once=False) as last:
                within(BUSY, lambda: "too_many_websockets" in caplog.text)
                assert last.opened == 0
                here.sockets.lines[0].close()
                settled(here.sockets, 10)
        assert {words.split(" ", 1)[1] for words in here.slack.violations} == {"more than 10 sockets"}  # fmt: skip
        here.slack.violations.clear()


class TestOutages:
    def test_a_stalled_path(self, here: Here, caplog: pytest.LogCaptureFixture) -> None:
        """Nothing gets through and nothing closes: noticed by the ping, and back when it heals."""
        with StallingProxy(here.sockets.port) as path:
            here.sockets.through = path.port
            with listening(here.socket()) as socket:
                for stalls in range(1, 4):
                    path.stall()
                    within(NOTICED + BUSY, lambda n=stalls: caplog.text.count("lost") == n)  # type: ignore[misc]  # mypy can't infer it
                    path.heal()
                    within(BUSY, lambda n=stalls: caplog.text.count("back") == n)  # type: ignore[misc]  # same
                    settled(here.sockets, 1)
                    assert "error" not in here.slack.say("ana", "/ev list")
                assert socket.opened == 4
        assert (caplog.text.count("lost"), caplog.text.count("back")) == (3, 3)

    def test_a_path_that_stalls_at_once(self, here: Here) -> None:
        """Connecting into a stall ends at its own deadline, again and again."""
        with StallingProxy(here.sockets.port) as path:
            here.sockets.through = path.port
            path.stall()
            with listening(here.socket(), at_once=False) as socket:
                within(4 * HURRY.open_within + BUSY, lambda: path.connections >= 3)
                path.heal()
                within(2 * HURRY.open_within + BUSY, lambda: socket.opened)

    def test_the_end_in_a_stall(self, here: Here) -> None:
        """Told to end while nothing gets through, it is gone in a moment."""
        with StallingProxy(here.sockets.port) as path:
            here.sockets.through = path.port
            with listening(here.socket()) as socket:
                path.stall()
                began = time.monotonic()
                socket.rung.set()
                assert socket.rung.is_set()
            assert time.monotonic() - began < 2

    def test_a_reset(self, here: Here, caplog: pytest.LogCaptureFixture) -> None:
        """A connection that is reset is opened again, and logged as one outage."""
        with StallingProxy(here.sockets.port) as path:
            here.sockets.through = path.port
            with listening(here.socket()) as socket:
                path.cut()
                within(BUSY, lambda: socket.opened == 2)
                within(BUSY, lambda: "back" in caplog.text)
        assert caplog.text.count("lost") == 1

    def test_an_invalid_token(self, here: Here, caplog: pytest.LogCaptureFixture) -> None:
        """A token that Slack refuses is told once, without it, and tried again rarely."""
        with listening(here.socket("xapp-revoked"), at_once=False):
            within(BUSY, lambda: "SLACK_APP_TOKEN: invalid_auth" in caplog.text)
            calls = here.sockets.calls
            time.sleep(1.0)
            assert here.sockets.calls - calls <= 1.0 / HURRY.retry_refused + 1
        assert len(caplog.records) == 1
        assert "revoked" not in caplog.text

    def test_a_switch(self, here: Here, caplog: pytest.LogCaptureFixture) -> None:
        """Socket Mode switched off is an outage that ends when it is switched on."""
        here.sockets.enabled = False
        with listening(here.socket(), at_once=False) as socket:
            within(BUSY, lambda: "forbidden_team" in caplog.text)
            here.sockets.enabled = True
            within(BUSY, lambda: socket.opened)
            within(BUSY, lambda: "back" in caplog.text)

    def test_a_rate_limit(self, here: Here, caplog: pytest.LogCaptureFixture) -> None:
        """Retry-After is heeded, whatever our own pauses are."""
        here.sockets.limit = 0
        with listening(here.socket(), at_once=False):
            within(BUSY, lambda: "ratelimited" in caplog.text)
            time.sleep(0.5)
            assert here.sockets.calls == 1

    def test_slack_is_away(self, here: Here, caplog: pytest.LogCaptureFixture) -> None:
        """Slack's API fails, and answers again: one line each."""
        here.slack.api.fail(3, "500")
        with listening(here.socket(), at_once=False) as socket:
            within(BUSY, lambda: socket.opened)
            within(BUSY, lambda: "back" in caplog.text)
        assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2

    def test_pauses(self, here: Here) -> None:
        """A fortnight of small outages is no hammering: pauses grow up to the longest."""
        socket = here.socket()
        pauses = [socket._pause(0.0) for _ in range(6)]
        assert all(0.5 * HURRY.retry_most <= pause <= HURRY.retry_most for pause in pauses[2:])
        assert socket._pause(HURRY.retry_most * 2) == 0
        assert socket._pause(0.0) <= HURRY.retry_first


class TestAddress:
    @pytest.mark.parametrize(
        "url", [None, 7, "", "http://127.0.0.1:1/", "ws://[", "ws://127.0.0.1:1/"]
    )
    def test_nonsense(self, here: Here, url: object, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whatever Slack gives for an address, it is an outage and no crash, and isn't told."""
        monkeypatch.setattr(here.sockets, "open", lambda _: {"url": url})
        with pytest.raises(MessengerUnavailable) as caught:
            here.socket()._open()
        assert not isinstance(url, str) or not url or url not in str(caught.value)

    def test_no_way_back_to_plain(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """From a Slack with TLS only an address with TLS is taken."""
        urls = iter(["ws://slack.example/link", "wss://slack.example/link"])
        answer = SimpleNamespace(data={})

        def ask(*_: object, **__: object) -> object:
            answer.data = {"url": next(urls)}
            return answer

        monkeypatch.setattr(WebClient, "apps_connections_open", ask)
        with pytest.raises(MessengerUnavailable, match="nonsense"):
            socket_url(APP_TOKEN, "https://slack.example/api/")
        assert socket_url(APP_TOKEN, "https://slack.example/api/").startswith("wss:")

    def test_unreachable(self) -> None:
        """No network is an outage."""
        with pytest.raises(MessengerUnavailable, match=r"can't be reached: Connection refused$"):
            socket_url(APP_TOKEN, "http://127.0.0.1:9/")


class TestSetting:
    def test_the_wrong_token(self) -> None:
        """A bot's token in its place is refused, and not repeated."""
        with pytest.raises(BadSettings, match="SLACK_APP_TOKEN: must begin with xapp-") as caught:
            read({"SLACK_APP_TOKEN": "xoxb-secret"})
        assert "secret" not in str(caught.value)

    def test_wiring(self, here: Here) -> None:
        """With the token there is a socket; without, none."""
        concierge = here.park.concierge
        assert wiring.slack.socket(Settings(), concierge) is None
        assert wiring.slack.socket(read({"SLACK_APP_TOKEN": APP_TOKEN}), concierge) is not None
