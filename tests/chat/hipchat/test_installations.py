"""HipChat's add-on is installed: by whom we are called, and whom we call."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.chat.hipchat.hosts import AllowedHosts, NotAllowed, read_host
from chalicelib.chat.rest import call
from chalicelib.edges import MessageRefused
from chalicelib.settings import Settings
from practice.hipchat.server import GROUP, ROOM
from tests.chat.hipchat.kit import CALL, clock, hall, installs, knock, stand, watch
from tests.chat.hipchat.test_contract import TENANT, HipChatStand
from tests.contracts.chat_stage import Hall, Street, hall_of
from tests.fakes import FakeClock
from tests.practice_world import post_json, request

__all__ = ["clock", "hall", "stand"]  # fixtures


class TestInstallation:
    def test_kept(self, hall: Hall, stand: HipChatStand) -> None:
        """An installation is kept, and its secret is in no repr."""
        assert stand.server.addon is not None
        kept = installs(stand).find(stand.server.addon.oauth_id)
        assert kept is not None
        assert (kept.tenant, kept.room) == (TENANT.removeprefix("hipchat:"), "")
        assert stand.server.addon.secret not in repr(kept)

    def test_another_secret(self, hall: Hall, stand: HipChatStand) -> None:
        """Nobody replaces an installation with a secret that its server refuses."""
        addon = stand.server.addon
        assert addon is not None
        before = installs(stand).find(addon.oauth_id)
        offer = {"oauthId": addon.oauth_id, "oauthSecret": "forged", "groupId": GROUP, "capabilitiesUrl": f"{stand.server.url}/v2/capabilities"}  # fmt: skip
        assert post_json(addon.callback, offer).status == 403
        assert installs(stand).find(addon.oauth_id) == before

    def test_anew(self, hall: Hall, stand: HipChatStand) -> None:
        """Installed once more, the newer installation speaks."""
        stand.server.install()
        assert "channel" in [said.to for said in hall.say("ana", "add")]

    def test_one_room(self, street: Street, clock: FakeClock, tmp_path: Path) -> None:
        """Installed in one room, it believes nothing about another."""
        stand = HipChatStand(street, clock, tmp_path)
        stand.open(hall_of(stand, clock).concierge)
        assert stand.server.install(room=43) == 204
        assert knock(stand, stand.server.event("ana", "/ev add")) == 403
        assert stand.server.install(room=ROOM) == 204
        assert knock(stand, stand.server.event("ana", "/ev add")) == 204

    @pytest.mark.parametrize(
        "body",
        [b"", b"[]", b"{}", b"\xff", b'{"oauthId":5}', b"[" * 10_000,
         b'{"oauthId":"a b","oauthSecret":"s","capabilitiesUrl":"http://x"}',
         b'{"oauthId":"a","oauthSecret":"s\\n","capabilitiesUrl":"http://x"}'],
    )  # fmt: skip
    def test_rubbish(self, hall: Hall, stand: HipChatStand, body: bytes) -> None:
        """What is no offer is a bad request."""
        url = f"{stand.street.app}/hipchat/installed"
        assert request("POST", url, body, {"Content-Type": "application/json"}).status == 400

    @pytest.mark.parametrize(
        "url",
        [
            "http://169.254.169.254/latest/meta-data/", "https://10.0.0.1/", "https://localhost/",
            "http://127.0.0.1:1/v2", "http://{there}@evil.example/", "http://evil.example@{there}/",
            "http://user:pass@{there}/v2/capabilities", "https://{there}.evil.example/",
            "http://{there}#@evil.example/", "http://[::ffff:127.0.0.1]/", "http://2130706433/",
            "http://0x7f.1/", "http://127.1/", "file:///etc/passwd", "gopher://{there}/",
            "//{there}/v2", "{there}", "http://{there}\\\\@evil.example/", "http://[", "https://[::1]/",
        ],
    )  # fmt: skip
    def test_somewhere_else(self, hall: Hall, stand: HipChatStand, url: str) -> None:
        """An offer that would make us call another address is refused, uncalled and unkept."""
        there, called = stand.street.api.removeprefix("http://"), watch(stand)
        offer = {"oauthId": "evil", "oauthSecret": "s", "groupId": 1, "capabilitiesUrl": url.format(there=there)}  # fmt: skip
        answer = post_json(f"{stand.street.app}/hipchat/installed", offer)
        assert answer.status in (400, 403), answer
        assert called == []
        assert installs(stand).find("evil") is None

    @pytest.mark.parametrize("where", ["tokenUrl", "url"])
    @pytest.mark.parametrize(
        "evil", ["http://127.0.0.1:1/x", "https://evil.example/", "file:///x", ""]
    )
    def test_the_document_points_elsewhere(
        self, hall: Hall, stand: HipChatStand, where: str, evil: str
    ) -> None:
        """What a server's document names is believed no more than the offer."""
        good = f"{stand.street.api}/v2"
        document = {"oauth2Provider": {"tokenUrl": good}, "hipchatApiProvider": {"url": good}}
        for part in document.values():
            if where in part:
                part[where] = evil
        called = watch(stand, 200, json.dumps({"capabilities": document}).encode())
        assert offered(stand) in (403, 503)
        assert called == ["/v2/capabilities"]

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_redirects(self, hall: Hall, stand: HipChatStand, status: int) -> None:
        """A redirect is followed nowhere."""
        called = watch(stand, status, b"", ("Location", f"{stand.street.api}/elsewhere"))
        assert offered(stand) == 503
        assert called == ["/v2/capabilities"]

    @pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"<html>", b"\xff", b"x" * 1_100_000])
    def test_a_server_that_talks_nonsense(
        self, hall: Hall, stand: HipChatStand, body: bytes
    ) -> None:
        """Nothing is kept, and the one who installs is asked to come again."""
        watch(stand, 200, body)
        assert offered(stand) == 503

    def test_not_set_up(self, street: Street) -> None:
        """Where the operator listed no server, there is no add-on."""
        settings = Settings(store="sqlite::memory:", public_url="https://ev.example")
        street.open(wiring.open_endpoints(settings, wiring.build(settings)))
        for path in ("descriptor", "glance", "nothing"):
            assert request("GET", f"{street.app}/hipchat/{path}").status == 404

    def test_removed(self, hall: Hall, stand: HipChatStand) -> None:
        """It is forgotten once its server refuses us, and not on anybody's word."""
        addon = stand.server.addon
        assert addon is not None
        url = f"{addon.callback}/{addon.oauth_id}"
        assert request("DELETE", url).status == 409
        assert installs(stand).find(addon.oauth_id) is not None
        assert stand.server.uninstall() == 204
        assert installs(stand).find(addon.oauth_id) is None
        assert request("DELETE", url).status == 204
        with pytest.raises(MessageRefused, match="not installed"):
            stand.messenger.send(stand.channel, CALL, hall.store.site(), None)

    def test_removed_without_a_word(self, hall: Hall, stand: HipChatStand) -> None:
        """A server that refuses us takes no messages: others must not wait for it."""
        stand.server.addon = None
        with pytest.raises(MessageRefused, match="doesn't know"):
            stand.messenger.send(stand.channel, CALL, hall.store.site(), None)


def offered(stand: HipChatStand) -> int:
    """The status of an offer that names the server on the list."""
    offer = {"oauthId": "new", "oauthSecret": "s", "groupId": 1, "capabilitiesUrl": f"{stand.street.api}/v2/capabilities"}  # fmt: skip
    status = post_json(f"{stand.street.app}/hipchat/installed", offer).status
    assert installs(stand).find("new") is None
    return status


class TestHosts:
    def hosts(self, entries: str, *addresses: str) -> AllowedHosts:
        listed = [read_host(entry) for entry in entries.split()]
        return AllowedHosts(listed, lambda _name, _port: list(addresses))

    @pytest.mark.parametrize(
        ("entries", "url", "addresses"),
        [
            ("chat.example.org", "https://chat.example.org/v2", ["93.184.215.14"]),
            ("chat.example.org", "https://CHAT.example.org:443/v2", ["93.184.215.14"]),
            ("chat.example.org:8443", "https://chat.example.org:8443/", ["2606:2800:21f::1"]),
            ("chat.example.org=10.0.0.0/8", "https://chat.example.org/", ["10.1.2.3"]),
            ("10.1.2.3", "https://10.1.2.3/", ["10.1.2.3"]),
            ("127.0.0.1:80", "http://127.0.0.1/", ["127.0.0.1"]),
            ("[::1]:8080", "http://[::1]:8080/", ["::1"]),
        ],
    )  # fmt: skip
    def test_allowed(self, entries: str, url: str, addresses: list[str]) -> None:
        """What is listed is called at the address that was checked."""
        assert self.hosts(entries, *addresses).check(url) == addresses[0]

    @pytest.mark.parametrize(
        ("url", "addresses"),
        [
            ("https://chat.example.org/", ["127.0.0.1"]),
            ("https://chat.example.org/", ["10.0.0.1"]),
            ("https://chat.example.org/", ["169.254.169.254"]),
            ("https://chat.example.org/", ["::1"]),
            ("https://chat.example.org/", ["::ffff:127.0.0.1"]),
            ("https://chat.example.org/", ["fe80::1%eth0"]),
            ("https://chat.example.org/", ["100.64.0.1"]),
            ("https://chat.example.org/", ["0.0.0.0"]),
            ("https://chat.example.org/", ["224.0.0.1"]),
            ("https://chat.example.org/", ["64:ff9b::7f00:1"]),
            ("https://chat.example.org/", ["2002:a00:1::1"]),
            ("https://chat.example.org/", ["2001:0:7f00:1::"]),
            ("https://chat.example.org/", ["::127.0.0.1"]),
            ("https://chat.example.org/", ["::ffff:0:127.0.0.1"]),
            ("https://chat.example.org/", ["fec0::1"]),
            ("https://chat.example.org/", ["93.184.215.14", "127.0.0.1"]),
            ("https://chat.example.org/", []),
            ("http://chat.example.org/", ["93.184.215.14"]),
            ("https://chat.example.org:8443/", ["93.184.215.14"]),
            ("https://chat.example.org./", ["93.184.215.14"]),
            ("https://a.chat.example.org/", ["93.184.215.14"]),
            ("https://inside.example/", ["93.184.215.14"]),
            ("https://inside.example/", ["11.0.0.1"]),
            ("http://inside.example/", ["10.0.0.1"]),
            ("https://chat.example.org:99999/", ["93.184.215.14"]),
            ("https://chat.example.org:x/", ["93.184.215.14"]),
            ("https://chat.example.org /", ["93.184.215.14"]),
            ("https://chat.example.org\n/", ["93.184.215.14"]),
            ("https://chаt.example.org/", ["93.184.215.14"]),
        ],
    )
    def test_not_allowed(self, url: str, addresses: list[str]) -> None:
        """Another scheme, port, name, or a name that leads inside: refused."""
        hosts = self.hosts("chat.example.org inside.example=10.0.0.0/8", *addresses)
        with pytest.raises(NotAllowed):
            hosts.check(url)

    def test_a_real_name(self) -> None:
        """`localhost` on the list is a name, and leads where names may not."""
        with pytest.raises(NotAllowed, match="leads where it may not"):
            AllowedHosts([read_host("localhost")]).check("https://localhost/")

    def test_the_name_can_t_change(self, street: Street) -> None:
        """The address that was checked is the one that is called, under the listed name."""
        asked: list[str] = []

        def api(environ: Any, start: Callable[..., Any]) -> list[bytes]:
            asked.append(environ["HTTP_HOST"])
            start("200 OK", [])
            return [b"{}"]

        street.handlers["api"] = api
        port = street.api.rpartition(":")[2]
        call("GET", f"http://chat.example.org:{port}/", {}, None, "127.0.0.1")
        assert asked == [f"chat.example.org:{port}"]
