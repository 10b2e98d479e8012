"""What people press in Slack, and what they are told."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.chat.handler import CommandHandler
from chalicelib.chat.slack import webhook
from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.slack.webhook import SlackWebhook
from chalicelib.core.inputs import Add
from chalicelib.edges import MessengerUnavailable
from tests.chat.slack.kit import HOOK, SECRET, Knock, click, signed
from tests.fakes import ANA, BOB, World

pytestmark = pytest.mark.usefixtures("no_network")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was said at once to who clicked."""
    words: list[str] = []

    def respond(url: str, said: dict[str, Any], **_: object) -> None:
        assert url == HOOK
        words.append(said["text"])

    monkeypatch.setattr(webhook, "respond", respond)
    return words


class TestClicks:
    """What people press."""

    @pytest.fixture(autouse=True)
    def _called(self, car_park: World) -> None:
        car_park.ask(ANA, Add())
        car_park.ask(BOB, Add())
        car_park.free_ports()

    def turn(self, car_park: World, driver: str = ANA) -> int:
        entry = next(entry for entry in car_park.site().queue if entry.driver == driver)
        assert entry.turn is not None
        return entry.turn.id

    def test_on_my_way(self, knock: Knock, car_park: World) -> None:
        """The click is done in one load and one save; the answer waits to be delivered."""
        car_park.store.take_calls()
        turn = self.turn(car_park)
        knock(click("on_my_way", f"hq:{turn}"))
        assert car_park.store.take_calls() == ["load", "save"]
        assert any(p.to == f"slack:T0HQ:{HOOK}#replace" for p in car_park.site().outbox)

    def test_the_reply_is_empty(self, knock: Knock, car_park: World) -> None:
        """Nobody would see words in the HTTP reply to a click."""
        status, _, body = knock(click("on_my_way", f"hq:{self.turn(car_park)}"))
        assert (status, body) == (200, "")

    def test_replayed(self, knock: Knock, car_park: World) -> None:
        """The same click again changes nothing."""
        body = click("pass", f"hq:{self.turn(car_park)}")
        knock(body)
        before = car_park.site()
        assert knock(body)[0] == 200
        assert car_park.site() == before

    def test_in_the_channel(self, knock: Knock, car_park: World) -> None:
        """A button in a channel post is answered beside it: others see that post, too."""
        body = click("on_my_way", f"hq:{self.turn(car_park)}", channel={"id": "C0EV"})
        knock(body)
        assert any(p.to.endswith("#whisper") for p in car_park.site().outbox)

    def test_others_turn(self, knock: Knock, car_park: World) -> None:
        """Nobody presses for somebody else."""
        turn = self.turn(car_park, BOB)
        before = car_park.site()
        knock(click("leave", f"hq:{turn}"))
        assert car_park.site().queue == before.queue

    @pytest.mark.parametrize(
        ("action", "value"),
        [
            ("fly", "hq:1"),
            ("pass", ""),
            ("pass", "hq"),
            ("pass", "hq:x"),
            ("pass", ":1"),
            ("pass", "hq:²"),
            ("pass", "nowhere:1"),
            ("pass", "hq:-1"),
            ("pass", "HQ\x00:1"),
        ],
    )
    def test_strange_buttons(
        self, knock: Knock, car_park: World, told: list[str], action: str, value: str
    ) -> None:
        """A button that isn't ours is answered kindly, at once."""
        before = car_park.site()
        assert knock(click(action, value))[0] == 200
        assert len(told) == 1
        assert car_park.site() == before

    def test_store_down(self, knock: Knock, car_park: World, told: list[str]) -> None:
        """With no notes to wait in, the words are said at once."""
        turn = self.turn(car_park)
        car_park.store.down = True
        assert knock(click("pass", f"hq:{turn}"))[0] == 200
        assert "nothing was changed" in told[0]


class Unreachable:
    """Slack's API, when it can't be reached."""

    def open(self, *_: object) -> None:
        raise MessengerUnavailable("Slack can't be reached", shared=True)

    def tell(self, *_: object) -> None:
        self.open()


def test_a_form_that_cannot_be_opened(car_park: World, told: list[str]) -> None:
    """Where Slack's API takes no connection, the address for answers is tried: it is another."""
    handler = CommandHandler(car_park.concierge, SlackMarkup())
    door = SlackWebhook(SECRET, handler, desk=Unreachable())
    car_park.ask(ANA, Add())
    body = click("form_need", "hq:0")
    assert door(signed(body), body.encode())[0] == 200
    (words,) = told
    assert "/ev need" in words
