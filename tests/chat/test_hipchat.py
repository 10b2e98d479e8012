"""HipChat's add-on: its installation, its proofs, and what it has of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.chat.hipchat import PATTERN
from chalicelib.chat.hipchat_hosts import AllowedHosts, NotAllowed, read_host
from chalicelib.chat.hipchat_installs import Installs
from chalicelib.chat.hipchat_markup import HipChatHtml, HipChatText, as_html
from chalicelib.chat.rest import call
from chalicelib.chat.wording import Words
from chalicelib.core import effects as say
from chalicelib.core.effects import Effect, News
from chalicelib.edges import MessageRefused, MessengerUnavailable
from chalicelib.settings import Settings
from practice.hipchat import GROUP, ROOM
from tests.chat.test_contract_hipchat import TENANT, HipChatStand
from tests.contracts.chat_stage import PORTS, Hall, Street, hall_of, street
from tests.fakes import MONDAY, FakeClock
from tests.practice_world import post_json, request

CALL = say.Called("", PORTS[0], 7, timedelta(minutes=15), MONDAY)


@pytest.fixture(scope="module")
def here() -> Iterator[Street]:
    with street() as found:
        yield found


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def stand(here: Street, clock: FakeClock, tmp_path: Path) -> HipChatStand:
    return HipChatStand(here, clock, tmp_path)


@pytest.fixture
def hall(stand: HipChatStand, clock: FakeClock) -> Hall:
    return hall_of(stand, clock)


def installs(stand: HipChatStand) -> Installs:
    return wiring.installs_of(stand.settings)


def knock(stand: HipChatStand, event: object, **claims: object) -> int:
    """One webhook of Ana's; the status."""
    return int(stand.server.knock(json.dumps(event).encode(), stand.server.token("ana", **claims)).status)  # fmt: skip


class TestDescriptor:
    def test_what_it_asks_for(self, hall: Hall, stand: HipChatStand) -> None:
        """Proof is asked for explicitly, rights are few, and addresses are our public ones."""
        found = request("GET", f"{stand.street.app}/hipchat/descriptor").json()
        needs = found["capabilities"]
        assert needs["webhook"][0]["authentication"] == "jwt"
        assert set(needs["hipchatApiConsumer"]["scopes"]) == {"send_message", "send_notification", "view_group"}  # fmt: skip
        assert found["links"]["self"] == f"{stand.street.app}/hipchat/descriptor"
        icon = request("GET", needs["glance"][0]["icon"]["url"])
        assert icon.headers["Content-Type"] == "image/svg+xml"

    @pytest.mark.parametrize(
        ("text", "ours"),
        [("/ev add", True), ("/EV", True), ("ev add", True), ("/ev\tadd", True), ("/event", False),
         ("every day", False), ("we ev", False), ("/eval", False)],
    )  # fmt: skip
    def test_pattern(self, text: str, ours: bool) -> None:
        """`/ev` and `ev`, and not words that begin so."""
        assert bool(re.search(PATTERN, text)) == ours


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
        assert [said.to for said in hall.say("ana", "add")] == ["channel"]

    def test_one_room(self, here: Street, clock: FakeClock, tmp_path: Path) -> None:
        """Installed in one room, it believes nothing about another."""
        stand = HipChatStand(here, clock, tmp_path)
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

    def test_not_set_up(self, here: Street) -> None:
        """Where the operator listed no server, there is no add-on."""
        here.open(wiring.open_office(Settings(public_url="https://ev.example"), None))  # type: ignore[arg-type]  # not asked
        for path in ("descriptor", "glance", "nothing"):
            assert request("GET", f"{here.app}/hipchat/{path}").status == 404

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


def watch(
    stand: HipChatStand, status: int = 404, body: bytes = b"", *headers: tuple[str, str]
) -> list[str]:
    """A server that only says this; the paths that were asked for."""
    called: list[str] = []

    def api(environ: Any, start: Callable[..., Any]) -> list[bytes]:
        called.append(environ["PATH_INFO"])
        start(f"{status} Whatever", [("Content-Type", "application/json"), *headers])
        return [body]

    stand.street.handlers["api"] = api
    return called


def offered(stand: HipChatStand) -> int:
    """The status of an offer that names the server on the list."""
    offer = {"oauthId": "new", "oauthSecret": "s", "groupId": 1, "capabilitiesUrl": f"{stand.street.api}/v2/capabilities"}  # fmt: skip
    status = post_json(f"{stand.street.app}/hipchat/installed", offer).status
    assert installs(stand).find("new") is None
    return status


class TestWebhook:
    @pytest.mark.parametrize("text_ids", [False, True])
    @pytest.mark.parametrize("in_query", [False, True])
    @pytest.mark.parametrize("bare", [False, True])
    def test_old_and_new(
        self, hall: Hall, stand: HipChatStand, text_ids: bool, in_query: bool, bare: bool
    ) -> None:
        """Ids as numbers or texts, the token in either place, without what is newer."""
        stand.server.text_ids, stand.server.in_query, stand.server.bare = text_ids, in_query, bare
        hall.say("ana", "add")
        hall.say("dave", "admin move @ana 1")
        assert hall.line() == ["ana"]
        assert next(iter(hall.store.site().people)) == stand.address("ana")

    def test_as_in_2016(self, hall: Hall, stand: HipChatStand) -> None:
        """Bare `ev add` works; talk that isn't for us doesn't."""
        for text in ("ev add", "Ev Add!"):
            stand.server.say("ana", text)
        stand.server.say("bob", "everybody add yourselves")
        assert knock(stand, stand.server.event("ana", "every /ev add")) == 204
        hall.settle()
        assert hall.line() == ["ana"]

    def test_a_token_is_used_once(self, hall: Hall, stand: HipChatStand) -> None:
        """A token that was overheard carries no other body."""
        token = stand.server.token("ana")
        for text, status in (("/ev list", 204), ("/ev add", 401)):
            body = json.dumps(stand.server.event("ana", text)).encode()
            assert stand.server.knock(body, token).status == status
        assert hall.line() == []

    def test_the_glance_is_no_command(self, hall: Hall, stand: HipChatStand) -> None:
        """A browser's token, made for its own person, speaks for nobody else."""
        body = json.dumps(stand.server.event("bob", "/ev add")).encode()
        assert stand.server.knock(body, stand.server.token("ana")).status == 403
        assert hall.line() == []

    @pytest.mark.parametrize(
        "claims", [{"sub": None}, {"jti": None}, {"iat": None}, {"sub": "1000"}]
    )
    def test_older_tokens(self, hall: Hall, stand: HipChatStand, claims: dict[str, Any]) -> None:
        """Claims that older servers leave out, or write as texts, are not missed."""
        assert knock(stand, stand.server.event("ana", "/ev add"), **claims) == 204
        assert hall.line() == ["ana"]

    @pytest.mark.parametrize(
        ("path", "value", "status"),
        [
            (("item", "room", "id"), 43, 403), (("oauth_client_id",), "another", 403),
            (("event",), "room_enter", 403), (("item", "message", "from"), "Somebot", 403),
            (("item", "message", "from", "id"), "../x", 400), (("item",), None, 400),
            (("item", "message", "message"), 5, 400), (("item", "message", "mentions"), "x", 400),
        ],
    )  # fmt: skip
    def test_a_changed_body(
        self, hall: Hall, stand: HipChatStand, path: tuple[str, ...], value: object, status: int
    ) -> None:
        """The token doesn't cover the body, so they must agree."""
        event = stand.server.event("ana", "/ev add")
        part = event
        for name in path[:-1]:
            part = part[name]
        part[path[-1]] = value
        assert knock(stand, event) == status
        assert hall.line() == []

    def test_mentions(self, hall: Hall, stand: HipChatStand) -> None:
        """People are named by what HipChat says they are, also who never spoke."""
        event = stand.server.event("dave", "/ev admin add @gus")
        body, token = json.dumps(event).encode(), stand.server.token("dave")
        assert stand.server.knock(body, token).status == 204
        assert hall.store.site().queue[0].driver == stand.address("gus")
        hall.settle()
        hall.concierge.introduce("hq")
        assert hall.store.site().people[stand.address("gus")].name == "gus"

    def test_glance(self, hall: Hall, stand: HipChatStand) -> None:
        """How many are in line, for who can prove to be in the room."""
        hall.say("ana", "add")
        assert stand.server.look("bob") == "<b>1</b> in line"
        assert request("GET", f"{stand.street.app}/hipchat/glance").status == 401


class TestMessages:
    @pytest.mark.parametrize(
        ("effect", "colour"),
        [
            (say.PortPost(1, PORTS[0], News.FREE), "green"), (say.SightLost(MONDAY), "red"),
            (say.StandsIdle(PORTS[0], None, None), "yellow"), (say.SightBack(), "green"),
            (say.Did("x", say.Deed.RESET), "purple"), (say.LineCleared(()), "gray"),
        ],
    )  # fmt: skip
    def test_colours(self, hall: Hall, stand: HipChatStand, effect: Effect, colour: str) -> None:
        """Colour by kind; nobody's phone rings for what is in the room."""
        stand.messenger.send(stand.channel, effect, hall.store.site(), None)
        said = stand.server.peer.shown[-1].more
        assert (said["color"], said["notify"]) == (colour, False)

    def test_a_turn_rings(self, hall: Hall, stand: HipChatStand) -> None:
        """Only a turn does."""
        at = stand.address("ana")
        for effect, rings in ((CALL, True), (say.NextUp(at), False)):
            stand.messenger.send(at, effect, hall.store.site(), None)
            assert stand.server.peer.shown[-1].more["notify"] is rings

    def test_a_card(self, hall: Hall, stand: HipChatStand) -> None:
        """The line comes as a card, and says it all in plain, too."""
        stand.messenger.send(stand.channel, say.Line(""), hall.store.site(), None)
        said: Any = stand.server.peer.shown[-1].more
        assert said["card"]["style"] == "application"
        assert "Port 1: Dave" in said["message"]

    def test_tokens(self, hall: Hall, stand: HipChatStand, clock: FakeClock) -> None:
        """A token that has run out is renewed, and the message is said once."""
        hall.say("ana", "add")
        clock.advance(hours=9)
        stand.messenger.send(stand.channel, say.SightBack(), hall.store.site(), None)
        assert [one.text for one in stand.server.peer.shown].count("I can see the chargers again. Whoever is called has the full time.") == 1  # fmt: skip

    @pytest.mark.parametrize("many", [31, 501])
    def test_limits(self, hall: Hall, stand: HipChatStand, clock: FakeClock, many: int) -> None:
        """Each limit names its own end, on the server's clock."""
        addresses = [stand.address(name) for name in stand.server.people] if many > 31 else [stand.channel]  # fmt: skip
        tos = [addresses[n % len(addresses)] for n in range(many)]
        for to in tos[:-1]:
            stand.messenger.send(to, say.SightBack(), hall.store.site(), None)
        with pytest.raises(MessengerUnavailable, match="ratelimited") as raised:
            stand.messenger.send(tos[-1], say.SightBack(), hall.store.site(), None)
        longest = timedelta(minutes=5) if many > 31 else timedelta(minutes=1)
        assert longest / 2 < (raised.value.retry_after or timedelta(0)) <= longest + timedelta(seconds=2)  # fmt: skip

    def test_refused(self, hall: Hall, stand: HipChatStand) -> None:
        """A room that is gone, a person who takes nothing, an id that is none."""
        site = hall.store.site()
        stand.server.refusing.add("ana")
        for to, why in ((stand.address("ana"), "Forbidden"), (f"{TENANT}:99", "Not Found"), (f"{TENANT}:../x", "no such id")):  # fmt: skip
            with pytest.raises(MessageRefused, match=why):
                stand.messenger.send(to, CALL, site, None)
        gone = replace(site, channels=(f"{TENANT}:43",))
        with pytest.raises(MessageRefused, match="Not Found"):
            stand.messenger.send(f"{TENANT}:43", say.SightBack(), gone, None)

    @pytest.mark.parametrize("status", [200, 302, 400, 404, 500, 503])
    @pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"<html>", b'{"error": 5}'])
    def test_rubbish(self, hall: Hall, stand: HipChatStand, status: int, body: bytes) -> None:
        """Whatever stands in between: try later, and never a crash."""
        watch(stand, status, body)
        with pytest.raises(MessengerUnavailable):
            stand.messenger.send(stand.channel, CALL, hall.store.site(), None)


class TestWriting:
    def test_the_long_text_is_cut(self) -> None:
        """A message ends at a line's end, with all its tags closed, and shows that it was cut."""
        said = as_html(Words("\n".join(["`/ev` &amp; <b>x</b>"] * 1_000)))["message"]
        assert 9_900 < len(said) <= 10_000
        assert said.endswith("<code>/ev</code> &amp; <b>x</b><br>…")

    def test_a_name_is_no_code(self) -> None:
        """A backtick in a name doesn't pair with ours."""
        name = HipChatHtml().escape("ana ` & <i>")
        said = as_html(Words(f"{name}: `/ev add`"))["message"]
        assert said == "ana &#96; &amp; &lt;i&gt;: <code>/ev add</code>"

    def test_nobody_is_called_all(self) -> None:
        """In the text form a name neither pings nor is a command of HipChat's."""
        for name in ("@all", "/me @here", "ana @all", "@ a b"):
            said = HipChatText().mention("hipchat:x-1:2", name)
            assert "@a" not in said
            assert "@h" not in said
            assert not said.startswith("/")


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

    def test_the_name_can_t_change(self, here: Street) -> None:
        """The address that was checked is the one that is called, under the listed name."""
        asked: list[str] = []

        def api(environ: Any, start: Callable[..., Any]) -> list[bytes]:
            asked.append(environ["HTTP_HOST"])
            start("200 OK", [])
            return [b"{}"]

        here.handlers["api"] = api
        port = here.api.rpartition(":")[2]
        call("GET", f"http://chat.example.org:{port}/", {}, None, "127.0.0.1")
        assert asked == [f"chat.example.org:{port}"]
