"""The control of the practice car park, over real HTTP, and what else its address serves."""

from __future__ import annotations

import json
import socket
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest

from chalicelib.edges import StoreUnavailable
from practice import server
from practice.common.wsgi import BadRequest
from practice.page.web import Control
from practice.slack.room import SlackRoom
from tests.practice_world import (
    JSON,
    MONDAY,
    World,
    buttons,
    post_json,
    request,
)

STATION, PORT = "1:900001", "1"
AT = f"ports/{STATION}/{PORT}"


class TestState:
    def test_everything(self, world: World) -> None:
        """One look says where the app is, the time, the people, the ports and the line."""
        world.clock.set_speed(0)
        world.line.extend(["cleo", "ana"])
        world.control(f"{AT}/plug", {"driver": "bob"})
        state = world.get("state")
        assert state["app"] == world.slack.app
        assert datetime.fromisoformat(state["now"]) - MONDAY < timedelta(minutes=1)
        assert state["speed"] == 0
        assert state["drivers"][:4] == ["ana", "bob", "cleo", "dave"]
        assert state["line"] == ["cleo", "ana"]
        assert state["violations"] == 0
        first = state["ports"][0]
        assert first.keys() == {
            "station",
            "port",
            "status",
            "driver",
            "load_kw",
            "allowed_kw",
            "percent",
        }
        assert (first["status"], first["driver"]) == ("INUSE", "bob")

    def test_notes_out_of_reach(self, world: World) -> None:
        """A store that is down is a 503 with a reason."""

        def line() -> list[str]:
            raise StoreUnavailable

        slack, rooms = world.slack, [SlackRoom(world.slack, {})]
        control = Control(slack.app, slack.workspace.feed, rooms, world.carpark, world.clock, line)
        with pytest.raises(BadRequest, match="can't be reached") as refused:
            control.handle("state", {"REQUEST_METHOD": "GET"})
        assert refused.value.status == 503

    def test_violations(self, world: World) -> None:
        """Breaches of Slack's rules are counted, and can be read."""
        world.post("<!channel>")
        assert world.get("state")["violations"] == 1
        assert "<!channel>" in world.get("violations")[0]


class TestPorts:
    def test_a_stay(self, world: World) -> None:
        """A car comes, fills up, and leaves; each act answers with the port."""
        plugged = world.control(f"{AT}/plug", {"driver": "ana"}).json()
        assert (plugged["status"], plugged["driver"]) == ("INUSE", "ana")
        assert plugged["load_kw"] > 0
        assert world.control(f"{AT}/full").json()["load_kw"] == 0
        assert world.control(f"{AT}/unplug").json()["status"] == "AVAILABLE"

    def test_a_stranger(self, world: World) -> None:
        """A car without a known driver plugs in with null."""
        plugged = world.control(f"{AT}/plug", {"driver": None}).json()
        assert (plugged["status"], plugged["driver"]) == ("INUSE", None)

    def test_sight(self, world: World) -> None:
        """A port goes dark and comes back."""
        assert world.control(f"{AT}/unreachable").json()["status"] == "UNREACHABLE"
        assert world.control(f"{AT}/reachable").json()["status"] == "AVAILABLE"

    @pytest.mark.parametrize("station", ["1:900001", "1%3A900001", "1%3a900001"])
    def test_quoted_or_not(self, world: World, station: str) -> None:
        """A station's colon may be quoted or not."""
        assert world.control(f"ports/{station}/1/unreachable").status == 200

    def test_cannot_be_done(self, world: World) -> None:
        """What the car park refuses is a 409 in its words."""
        answer = world.control(f"{AT}/unplug")
        assert answer.status == 409
        assert "nothing is plugged" in answer.json()["error"]

    @pytest.mark.parametrize("path", ["ports/9:9/1/plug", f"ports/{STATION}/9/plug"])
    def test_unknown_port(self, world: World, path: str) -> None:
        """An unknown station or port is a 404 that names the known ones."""
        answer = world.control(path, {"driver": "ana"})
        assert answer.status == 404
        assert f"{STATION}/{PORT}" in answer.json()["error"]

    def test_unknown_act(self, world: World) -> None:
        """An unknown act is a 404 that names the known ones."""
        answer = world.control(f"{AT}/paint")
        assert answer.status == 404
        assert "unplug" in answer.json()["error"]


class TestShed:
    def test_kilowatts_percent_and_off(self, world: World) -> None:
        """The building limits the power in kW or in percent, and lifts the limit."""
        world.control(f"{AT}/plug", {"driver": "ana"})
        assert world.control("shed", {"allowed_kw": 3.3}).json()[0]["allowed_kw"] == 3.3
        assert world.get("state")["ports"][0]["load_kw"] == 3.3
        assert world.control("shed", {"percent": 50}).json()[0]["percent"] == 50
        off = world.control("shed", {}).json()[0]
        assert (off["allowed_kw"], off["percent"]) == (None, None)

    @pytest.mark.parametrize(
        "body",
        [
            {"percent": 50, "allowed_kw": 3.3},
            {"percent": 101},
            {"percent": "50"},
            {"percent": True},
            {"percent": None},
            {"allowed_kw": -1},
            {"allowed_kw": 10**400},
            {"kw": 3.3},
        ],
    )
    def test_bad_limits(self, world: World, body: object) -> None:
        """A limit that is none changes nothing."""
        assert world.control("shed", body).status == 400
        assert world.get("state")["ports"][0]["allowed_kw"] is None


class TestClock:
    def test_speed_and_leap(self, world: World) -> None:
        """The page sets the speed and leaps ahead; the answer is the new time."""
        assert world.control("clock", {"speed": 0}).json()["speed"] == 0
        before = world.clock.now()
        answer = world.control("clock", {"advance_minutes": 15}).json()
        assert datetime.fromisoformat(answer["now"]) - before < timedelta(minutes=15, seconds=1)
        assert world.clock.now() - before == timedelta(minutes=15)

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"speed": -1},
            {"speed": "fast"},
            {"speed": True},
            {"speed": 10**400},
            {"advance_minutes": -1},
            {"advance_minutes": 1e300},
            {"speed": 1, "advance_minutes": 1},
            {"hours": 1},
        ],
    )
    def test_bad_times(self, world: World, body: object) -> None:
        """A time that is none changes nothing."""
        assert world.control("clock", body).status == 400
        assert world.clock.speed == 1


class TestMessages:
    def test_after(self, world: World) -> None:
        """Posts come in order, those after a number only."""
        for text in ("one", "two", "three"):
            world.post(text)
        assert [post["text"] for post in world.messages()] == ["one", "two", "three"]
        assert [post["n"] for post in world.messages(2)] == [3]
        assert world.messages(99) == []

    @pytest.mark.parametrize("after", ["-1", "x", "1.5", "9" * 5000, "%00", "²"])
    def test_bad_number(self, world: World, after: str) -> None:
        """What is no number is a 400."""
        path = f"{world.url}/practice/messages?after="
        quoted = after if after.isascii() else "%C2%B2"
        assert request("GET", path + quoted).status == 400


class TestBadBodies:
    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("say", {"driver": "ana"}),
            ("say", {"driver": "ana", "text": ""}),
            ("say", {"driver": "ana", "text": 7}),
            ("say", {"driver": ["ana"], "text": "/ev"}),
            ("say", {"driver": "ana", "text": "/ev", "loud": True}),
            ("press", {"driver": "ana", "n": "1", "action": "go"}),
            ("press", {"driver": "ana", "n": True, "action": "go"}),
            ("press", {"driver": "ana", "n": 1}),
            (f"{AT}/plug", {"driver": 7}),
            (f"{AT}/plug", {"who": "ana"}),
            (f"{AT}/unplug", {"driver": "ana"}),
        ],
    )
    def test_wrong_parts(self, world: World, path: str, body: object) -> None:
        """A missing, odd or unknown part is a 400 that says which."""
        world.post("Go?", blocks=buttons("Go"))
        answer = world.control(path, body)
        assert answer.status == 400
        assert answer.json()["error"]
        assert world.app.requests == []

    @pytest.mark.parametrize(
        "body",
        [
            b"{",
            b"[]",
            b'"x"',
            b"\xff\xfe",
            b"[" * 100_000,
            b'{"driver":"ana","text":"\\ud800"}',
            b'{"speed":NaN}',
            b'{"n":' + b"9" * 5000 + b"}",
        ],
        ids=["cut", "list", "text", "bytes", "deep", "surrogate", "nan", "digits"],
    )
    @pytest.mark.parametrize("path", ["say", "press", "clock", "shed", f"{AT}/plug"])
    def test_any_bytes(self, world: World, path: str, body: bytes) -> None:
        """Bytes that are no JSON object are a 400, everywhere."""
        answer = request(
            "POST", f"{world.url}/practice/{path}", body, {"Content-Type": "application/json"}
        )
        assert answer.status == 400
        assert answer.json()["error"]

    def test_unknown_people(self, world: World) -> None:
        """An unknown driver is a 404 that names the known ones."""
        for path, body in (
            ("say", {"driver": "zelda", "text": "/ev"}),
            (f"{AT}/plug", {"driver": "zelda"}),
        ):
            answer = world.control(path, body)
            assert answer.status == 404
            assert "ana, bob, cleo" in answer.json()["error"]

    def test_unknown_message(self, world: World) -> None:
        """A message that isn't there is a 404."""
        body = {"driver": "ana", "n": 10**30, "action": "go"}
        assert world.control("press", body).status == 404

    def test_too_large(self, world: World) -> None:
        """A body of more than a megabyte is a 413."""
        assert world.control("say", {"driver": "ana", "text": "x" * 1_000_001}).status == 413

    def test_wrong_method(self, world: World) -> None:
        """Reading and doing have their own methods."""
        assert request("GET", f"{world.url}/practice/say").status == 405
        assert world.control("state").status == 405

    @pytest.mark.parametrize("path", ["practice/dance", "practice/", "practice/ports/1", "else"])
    def test_elsewhere(self, world: World, path: str) -> None:
        """An unknown address is a 404 with a reason."""
        answer = request("GET", f"{world.url}/{path}")
        assert answer.status == 404
        assert answer.json()["error"]


class TestOtherSites:
    @pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
    def test_content_type(self, world: World, kind: str) -> None:
        """A body that a foreign form could send is refused."""
        body = json.dumps({"driver": "ana", "text": "/ev add"}).encode()
        answer = request("POST", f"{world.url}/practice/say", body, {"Content-Type": kind})
        assert answer.status == 415
        assert world.app.requests == []

    @pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
    def test_origin(self, world: World, origin: str) -> None:
        """A foreign page is refused, whatever it sends."""
        headers = {"Content-Type": JSON, "Origin": origin}
        answer = request("POST", f"{world.url}/practice/{AT}/plug", b"{}", headers)
        assert answer.status == 403
        assert world.get("state")["ports"][0]["status"] == "AVAILABLE"

    def test_own_origin(self, world: World) -> None:
        """The page itself may."""
        answer = post_json(f"{world.url}/practice/clock", {"speed": 2}, Origin=world.url)
        assert answer.status == 200

    @pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "[", ""])
    def test_host(self, world: World, host: str) -> None:
        """Under a foreign name (DNS rebinding) nothing is served."""
        assert request("GET", f"{world.url}/practice/state", headers={"Host": host}).status == 403

    @pytest.mark.parametrize("host", ["localhost", "[::1]"])
    def test_own_hosts(self, world: World, host: str) -> None:
        """This machine's own names will do."""
        assert request("GET", f"{world.url}/practice/state", headers={"Host": host}).status == 200

    def test_loopback_only(self) -> None:
        """The listener is bound to this machine's own address."""
        with server.listen(0) as listener:
            assert listener.getsockname()[0] == "127.0.0.1"

    def test_taken(self) -> None:
        """A taken address is an OSError before anything has started."""
        with server.listen(0) as listener, pytest.raises(OSError, match="in use"):
            server.listen(listener.getsockname()[1])


class TestOneAddress:
    def test_page(self, world: World) -> None:
        """The page comes with a strict content security policy."""
        answer = request("GET", f"{world.url}/")
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]

    def test_files(self, world: World) -> None:
        """The page's files are served with their types."""
        assert (
            request("GET", f"{world.url}/page/page.js")
            .headers["Content-Type"]
            .startswith("text/javascript")
        )
        assert (
            request("GET", f"{world.url}/page/page.css")
            .headers["Content-Type"]
            .startswith("text/css")
        )

    @pytest.mark.parametrize(
        "path", ["page/../server.py", "page/..%2Fserver.py", "page/", "page/%00", "page/x.py"]
    )
    def test_no_other_files(self, world: World, path: str) -> None:
        """No other file can be had that way."""
        assert request("GET", f"{world.url}/{path}").status == 404

    def test_no_outside(self) -> None:
        """The page fetches nothing from outside and has no inline script or style."""
        files = [one for one in server.PAGE.iterdir() if one.suffix in server.TYPES]
        assert files
        for file in files:
            text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
            assert "http://" not in text
            assert "https://" not in text
            assert "innerHTML" not in text

    @pytest.mark.parametrize("path", ["/webservices/chargepoint/services/5.1", "/cp_api_5.1.wsdl"])
    def test_chargepoint(self, world: World, path: str) -> None:
        """ChargePoint's addresses go to its stand-in."""
        assert request("GET", world.url + path).body == f"chargepoint at {path}".encode()

    @pytest.mark.parametrize(
        "raw",
        [
            b"GET /%ff%fe HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET /practice/\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"POST /api/chat.postMessage HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
            b"POST /practice/say HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n",
            b"BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"PUT /practice/say HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}",
        ],
    )
    def test_any_bytes(self, world: World, raw: bytes) -> None:
        """Bytes that are hardly HTTP get a 4xx, never a 500."""
        to = urlsplit(world.url)
        with socket.create_connection((to.hostname or "", to.port or 0), timeout=5) as wire:
            wire.sendall(raw)
            status = wire.recv(100).split(b" ")[1]
        assert status.startswith(b"4")

    def test_any_bytes_to_slack(self, world: World) -> None:
        """Rubbish to the Web API is refused in Slack's way."""
        for kind in (JSON, "application/x-www-form-urlencoded", "image/png", ""):
            for body in (b"{", b"\xff\x00", b"&" * 5000, b"[" * 100_000, b"a=1" * 1000):
                headers = {"Content-Type": kind}
                answer = request("POST", f"{world.url}/api/chat.postMessage", body, headers)
                assert answer.status == 200
                assert answer.json()["ok"] is False
