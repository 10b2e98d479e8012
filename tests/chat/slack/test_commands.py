"""What people type in Slack, and what they are told."""

from __future__ import annotations

import json
import time

import pytest

from chalicelib.chat.handler import CommandHandler
from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.slack.webhook import SlackWebhook
from chalicelib.core import answers as say
from chalicelib.core.inputs import Resume
from chalicelib.core.model import Site
from chalicelib.edges import StaleSite
from tests.chat.slack.kit import JSON, SECRET, Knock, answer, command, signed
from tests.fakes import ANA, World

pytestmark = pytest.mark.usefixtures("no_network")


class TestCommands:
    """What people type."""

    def test_add(self, knock: Knock, car_park: World) -> None:
        """`/ev add` is answered in the channel, and Ana stands in line under her name."""
        reply = answer(knock(command("add")))
        assert reply["response_type"] == "in_channel"
        assert "Ana is number 1" in reply["text"]
        assert [entry.driver for entry in car_park.site().queue] == [ANA]

    @pytest.mark.parametrize(
        "text", ["ADD", " add ", "add.", "add…", "Add!", "\u00a0add\n", "ａｄｄ"]
    )
    def test_forgiving(self, knock: Knock, car_park: World, text: str) -> None:
        """Capitals, blanks, full stops and phones' spelling don't matter."""
        answer(knock(command(text)))
        assert [entry.driver for entry in car_park.site().queue] == [ANA]

    @pytest.mark.parametrize(
        "text", ["list", "status", "help", "", "remove", "resume", "next", "suspend"]
    )
    def test_private(self, knock: Knock, car_park: World, text: str) -> None:
        """Looking, help and refusals are for the asker alone, and write nothing."""
        reply = answer(knock(command(text)))
        assert reply["response_type"] == "ephemeral"
        assert reply["text"]
        assert "save" not in car_park.store.calls

    @pytest.mark.parametrize(
        "text",
        [
            "ad",
            "fly me to the moon",
            "x" * 10_000,
            "\u202eddа",
            "مرحبا بالعالم",
            "👍🏽" * 50,
            "\x00",
            "\ufffd",
            "'; DROP TABLE sites; --",
            "{}",
            "%00",
            "a" * 199 + "ﷺ",
        ],
    )
    def test_unknown_words(self, knock: Knock, car_park: World, text: str) -> None:
        """Anything else gets one line with the way to the help, with HTTP 200."""
        reply = answer(knock(command(text)))
        assert "/ev help" in reply["text"]
        assert len(reply["text"]) <= 4_000
        assert car_park.site().queue == ()

    def test_nearest(self, knock: Knock) -> None:
        """A slip of the finger gets the word that was meant."""
        assert "/ev suspend" in answer(knock(command("susspend")))["text"].splitlines()[0]

    @pytest.mark.parametrize("word", ["a<!channel>b", "a&b", "x<y", "a</b>c"])
    def test_escaped(self, knock: Knock, word: str) -> None:
        """What people typed neither pings nor links."""
        text = answer(knock(command(word)))["text"]
        assert word not in text
        assert "<" not in text.splitlines()[0]
        assert ("&lt;" in text) or ("&amp;" in text)

    def test_escaped_names(self, knock: Knock) -> None:
        """Nor does what people call themselves, in any message."""
        name = "<!here> & <@U1>"
        for text in ("add", "list", "status", "next", "remove"):
            assert "<" not in answer(knock(command(text, user_name=name)))["text"]

    @pytest.mark.parametrize(("team", "channel"), [("T0OTHER", "C0EV"), ("T0HQ", "C0LUNCH")])
    def test_elsewhere(self, knock: Knock, car_park: World, team: str, channel: str) -> None:
        """In another workspace or channel there is no site, kindly."""
        reply = answer(knock(command("add", team_id=team, channel_id=channel)))
        assert "no charging site" in reply["text"]
        assert reply["response_type"] == "ephemeral"
        assert car_park.site().queue == ()

    def test_replayed(self, knock: Knock, car_park: World) -> None:
        """The same request again is answered, and not done again."""
        answer(knock(command("add")))
        car_park.ask(ANA, Resume())
        before = car_park.site()
        assert "once" in answer(knock(command("add")))["text"]
        assert car_park.site() == before

    def test_replayed_without_a_trigger(self, knock: Knock, car_park: World) -> None:
        """A request without a trigger_id is known by its signature."""
        body, now = command("add", trigger_id=""), str(int(time.time()))
        answer(knock(body, at=now))
        before = car_park.site()
        assert "once" in answer(knock(body, at=now))["text"]
        assert car_park.site() == before

    @pytest.mark.parametrize("listener", ["command", "click", "nobody"])
    def test_lazy_headers(self, door: SlackWebhook, car_park: World, listener: str) -> None:
        """Bolt's lazy headers from outside mean nothing: the command is done as ever."""
        lazy = {
            "X-Slack-Bolt-Lazy-Only": "1",
            "X-Slack-Bolt-Lazy-Function-Name": listener,
        }
        body = command("add")
        assert "number 1" in answer(door({**signed(body), **lazy}, body.encode()))["text"]
        assert len(car_park.site().queue) == 1

    def test_environment(self, car_park: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """Bolt finds tokens and clients in the environment, and must not use them."""
        for name in (
            "SLACK_BOT_TOKEN", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET",
            "SLACK_VERIFICATION_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_SCOPES",
        ):  # fmt: skip
            monkeypatch.setenv(name, "made-up")
        door = SlackWebhook(SECRET, CommandHandler(car_park.concierge, SlackMarkup()))
        assert answer(door(signed(command("add")), command("add").encode()))["text"]
        assert door(signed("ssl_check=1"), b"ssl_check=1")[0] == 200


class TestFaults:
    """Outside failures, in words."""

    def test_store_down(self, knock: Knock, car_park: World) -> None:
        """The driver hears that nothing was changed, alone."""
        car_park.store.down = True
        reply = answer(knock(command("add")))
        assert "I can't reach my notes right now, nothing was changed" in reply["text"]
        assert reply["response_type"] == "ephemeral"

    def test_busy(self, knock: Knock, car_park: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """Losing every race, too."""
        monkeypatch.setattr("chalicelib.concierge.steps.RETRY_FOR", -1.0)

        def stale(*_: object) -> Site:
            raise StaleSite

        monkeypatch.setattr(car_park.store, "save", stale)
        assert "nothing was changed" in answer(knock(command("add")))["text"]

    def test_newer(self, knock: Knock, car_park: World) -> None:
        """Notes of a newer program are left alone."""
        version, at, _ = car_park.store.bodies["hq"]
        newer = (version, at, b"\xfaof tomorrow")
        car_park.store.bodies["hq"] = newer
        assert "newer version" in answer(knock(command("add")))["text"]
        assert car_park.store.bodies["hq"] == newer

    def test_removed(self, knock: Knock, car_park: World) -> None:
        """A site that was removed a moment ago is no site any more."""
        answer(knock(command("help")))
        car_park.store.delete("hq")
        assert "no charging site" in answer(knock(command("add")))["text"]


class TestOverheard:
    """Plain messages: `ev add` in a channel as in 2016, and whatever is said to us alone."""

    @staticmethod
    def event(text: str, channel: str = "C0EV", **more: object) -> str:
        """A message event (Slack docs: events/message.channels, message.im)."""
        message = {"type": "message", "user": "U0ANA", "channel": channel, "text": text, **more}
        return json.dumps(
            {"type": "event_callback", "team_id": "T0HQ", "event_id": "Ev1", "event": message}
        )

    def test_bare_ev_add(self, knock: Knock, car_park: World) -> None:
        """It is done once however often Slack sends it, and answered in the channel."""
        for _ in range(3):
            assert knock(self.event("ev add"), JSON)[0] == 200
        car_park.concierge.deliver("hq")
        added = [to for to, effect, _ in car_park.messenger.sent if isinstance(effect, say.Added)]
        assert added == ["slack:T0HQ:C0EV"]
        assert len(car_park.site().queue) == 1

    def test_a_private_answer(self, knock: Knock, car_park: World) -> None:
        """What concerns the asker alone goes to the asker alone."""
        knock(self.event("ev list"), JSON)
        car_park.concierge.deliver("hq")
        assert [to for to, _, _ in car_park.messenger.sent] == ["slack:T0HQ:U0ANA"]

    @pytest.mark.parametrize(
        "more",
        [
            {"bot_id": "B1"},
            {"subtype": "message_changed"},
            {"user": ""},
            {"user": {"id": "U0ANA"}, "type": "team_join"},
            {"channel": {"id": "C"}},
            {"text": None},
        ],
    )
    def test_not_a_persons_words(
        self, more: dict[str, object], knock: Knock, car_park: World
    ) -> None:
        """Bots, edits and what isn't a message of a person are acknowledged, and nothing else."""
        body = json.loads(self.event("ev add"))
        body["event"].update(more)
        assert knock(json.dumps(body), JSON)[0] == 200
        assert not car_park.site().queue

    def test_small_talk_in_the_channel(self, knock: Knock, car_park: World) -> None:
        """People talk; only what begins with `ev` is for us."""
        knock(self.event("every charger is taken"), JSON)
        assert not car_park.site().outbox

    @pytest.mark.parametrize("fault", ["down", "newer"])
    def test_later(self, knock: Knock, car_park: World, fault: str) -> None:
        """While nothing can be noted down, Slack is asked to send the event again."""
        bodies = car_park.store.bodies
        car_park.store.down = fault == "down"
        if fault == "newer":
            car_park.store.bodies = {"hq": (1, None, b"\xfaof tomorrow")}
        assert knock(self.event("ev add"), JSON)[0] == 503
        car_park.store.down, car_park.store.bodies = False, bodies
        assert knock(self.event("ev add"), JSON, x_slack_retry_num="1")[0] == 200
        assert len(car_park.site().queue) == 1

    def test_a_direct_message(self, knock: Knock, car_park: World) -> None:
        """Said to us alone, `add` means the one car park of the workspace."""
        knock(self.event("add", channel="D0ANA"), JSON)
        assert len(car_park.site().queue) == 1
