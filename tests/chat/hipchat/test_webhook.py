"""HipChat's add-on: its descriptor, its proofs, and what it has of its own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.chat.hipchat.markup import HipChatHtml, HipChatText, as_html
from chalicelib.chat.hipchat.webhook import PATTERN
from chalicelib.chat.text.wording import Words
from chalicelib.core import answers, effects as say
from chalicelib.core.effects import Effect, News
from chalicelib.edges import MessageRefused, MessengerUnavailable
from chalicelib.values import replace
from tests.chat.hipchat.kit import CALL, clock, hall, knock, stand, watch
from tests.chat.hipchat.test_contract import TENANT, HipChatStand
from tests.contracts.chat_stage import PORTS, Hall
from tests.fakes import MONDAY, FakeClock
from tests.practice_world import request

__all__ = ["clock", "hall", "stand"]  # fixtures


class TestDescriptor:
    def test_what_it_asks_for(self, hall: Hall, stand: HipChatStand) -> None:
        """VerifiedToken is asked for explicitly, rights are few, and addresses are our public ones."""
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
            (("item", "message", "mentions"), [{"id": 1}] * 1_001, 400),
            (("item", "message", "message"), "/ev " + "a" * 20_000, 400),
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
        """How many are in line, for who can verify to be in the room."""
        hall.say("ana", "add")
        assert stand.server.look("bob") == "<b>1</b> in line"
        assert request("GET", f"{stand.street.app}/hipchat/glance").status == 401


def by_hand(secret: str, head: object, claims: object) -> str:
    """A token made without the library that reads it (RFC 7515)."""
    parts = [encoded(json.dumps(part).encode()) for part in (head, claims)]
    signed = hmac.new(secret.encode(), ".".join(parts).encode(), hashlib.sha256).digest()
    return ".".join([*parts, encoded(signed)])


def encoded(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


class TestTokens:
    """Made by hand, so that no library agrees with itself."""

    def claims(self, stand: HipChatStand, **more: object) -> dict[str, object]:
        now = int(time.time())
        addon = stand.server.addon
        assert addon is not None
        whose = {"iss": addon.oauth_id, "sub": stand.server.people["ana"]}
        return {**whose, "iat": now, "exp": now + 60, "context": {"room_id": 42}, **more}

    def send(self, stand: HipChatStand, token: str) -> int:
        body = json.dumps(stand.server.event("ana", "/ev add")).encode()
        return int(stand.server.knock(body, token).status)

    def test_valid(self, hall: Hall, stand: HipChatStand) -> None:
        """What RFC 7515 makes with the secret is believed."""
        secret = stand.server.addon.secret  # type: ignore[union-attr]  # installed
        head = {"typ": "JWT", "alg": "HS256"}
        assert self.send(stand, by_hand(secret, head, self.claims(stand))) == 204
        assert hall.line() == ["ana"]

    @pytest.mark.parametrize(
        "head",
        [{"alg": "none"}, {"alg": "None"}, {"alg": ""}, {"alg": None}, {}, {"alg": ["HS256"]}, {"alg": "hs256"},
         {"alg": "RS256"}, {"alg": "HS384"}, {"alg": "HS256", "crit": ["exp"], "b64": False}, "HS256", None],
        ids=str,
    )  # fmt: skip
    @pytest.mark.parametrize("is_signed", [True, False])
    def test_the_head_decides_nothing(
        self, hall: Hall, stand: HipChatStand, head: object, is_signed: bool
    ) -> None:
        """A head of the sender's choice makes no other proof do, nor no proof."""
        secret = stand.server.addon.secret  # type: ignore[union-attr]  # installed
        token = by_hand(secret, head, self.claims(stand))
        assert self.send(stand, token if is_signed else token.rpartition(".")[0] + ".") == 401
        assert hall.line() == []

    @pytest.mark.parametrize(
        "more",
        [{"exp": 0}, {"exp": "soon"}, {"exp": None}, {"exp": -1}, {"exp": 1e400}, {"nbf": 9_999_999_999},
         {"iat": 9_999_999_999}, {"iss": ["x"]}, {"iss": {}}, {"iss": "x" * 300}, {"iss": "../x"}],
        ids=str,
    )  # fmt: skip
    def test_strange_claims(
        self, hall: Hall, stand: HipChatStand, more: dict[str, object]
    ) -> None:
        """Claims that say nothing, or of another time, verify nothing."""
        secret = stand.server.addon.secret  # type: ignore[union-attr]  # installed
        token = by_hand(secret, {"alg": "HS256"}, self.claims(stand, **more))
        assert self.send(stand, token) == 401
        assert hall.line() == []

    def test_both_places(self, hall: Hall, stand: HipChatStand) -> None:
        """With a token in either place, the header's is the one that counts."""
        addon = stand.server.addon
        assert addon is not None
        good = by_hand(addon.secret, {"alg": "HS256"}, self.claims(stand))
        body = json.dumps(stand.server.event("ana", "/ev add")).encode()
        url = f"{addon.webhook}?signed_request={good}"
        headers = {"Content-Type": "application/json", "Authorization": "JWT a.b.c"}
        assert request("POST", url, body, headers).status == 401
        del headers["Authorization"]
        assert request("POST", url, body, headers).status == 204


class TestMessages:
    @pytest.mark.parametrize(
        ("effect", "colour"),
        [
            (say.PortPost(1, PORTS[0], News.FREE), "green"), (say.SightLost(MONDAY), "red"),
            (say.StandsIdle(PORTS[0], None, None), "yellow"), (say.SightBack(), "green"),
            (answers.Did("x", answers.Deed.RESET), "purple"), (say.LineCleared(()), "gray"),
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
        stand.messenger.send(stand.channel, answers.Line(""), hall.store.site(), None)
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
