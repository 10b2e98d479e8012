"""Plain messages of Slack's: with a file, in a thread, by /me, by a mention, and talk."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.chat.slack.kit import JSON, Knock
from tests.chat.slack.test_contract import SlackStand
from tests.contracts.chat_stage import Hall, Street, hall_of
from tests.fakes import FakeClock, World


@pytest.fixture
def stand(street: Street) -> SlackStand:
    return SlackStand(street, FakeClock())


@pytest.fixture
def hall(stand: SlackStand) -> Iterator[Hall]:
    hall = hall_of(stand, stand.slack.workspace.clock)  # type: ignore[arg-type]  # it is a FakeClock
    yield hall
    assert stand.violations == []


def said(hall: Hall, text: str, **how: object) -> list[dict[str, object]]:
    """What ana sees of the bot because she wrote this."""
    slack = hall.stand.slack  # type: ignore[attr-defined]  # it is Slack's
    before = slack.workspace.feed.last
    slack.say("ana", text, **how)
    hall.settle()
    seen = slack.workspace.feed.after(before)
    return [post for post in seen if post["by"] == "bot" and post["to"] in ("channel", "ana")]


class TestHeard:
    @pytest.mark.parametrize("subtype", ["", "file_share", "thread_broadcast", "me_message"])
    def test_whatever_comes_with_it(self, hall: Hall, subtype: str) -> None:
        """A picture of the bay, "also send to channel" and /me take nothing from a command."""
        said(hall, "ev add", subtype=subtype)
        assert hall.line() == ["ana"]

    def test_me(self, hall: Hall) -> None:
        """`/me ev add` is a message of its own kind."""
        said(hall, "/me ev add")
        assert hall.line() == ["ana"]

    @pytest.mark.parametrize(
        "subtype", ["message_changed", "message_deleted", "bot_message", "channel_join"]
    )
    def test_what_is_no_message(self, hall: Hall, subtype: str) -> None:
        """An edit, a bot's words, somebody's coming: not a person's words."""
        assert said(hall, "ev add", subtype=subtype) == []

    def test_a_mention(self, hall: Hall) -> None:
        """Whoever mentions us speaks to us, though Slack tells of it twice."""
        (answer,) = said(hall, "@concierge add me please")
        assert answer["to"] == "channel"
        assert hall.line() == ["ana"]
        (answer,) = said(hall, "@concierge, fly!")
        assert (answer["to"], "I don't know “fly”" in str(answer["text"])) == ("ana", True)

    def test_a_mention_in_passing(self, hall: Hall) -> None:
        """Named somewhere in a sentence, we answer a command and leave talk alone."""
        assert said(hall, "thanks to @concierge I got home in time") == []
        assert said(hall, "hey @concierge when is my turn?") != []

    def test_a_mention_of_somebody_with_it(self, hall: Hall) -> None:
        """Our mention is not the person that an admin means."""
        hall.stand.slack.say("dave", "@concierge admin add <@U0BOB>")  # type: ignore[attr-defined]  # as above
        hall.settle()
        assert hall.line() == ["bob"]


class TestThreads:
    def test_answered_there(self, hall: Hall) -> None:
        """What is asked in a thread is answered in it: aloud, or for the asker's eyes."""
        (call,) = said(hall, "ev add")
        (aloud,) = said(hall, "ev remove", thread=call["n"])
        assert (aloud["to"], aloud["ephemeral"], aloud["thread"]) == ("ana", True, call["n"])
        (added,) = said(hall, "ev add", thread=call["n"])
        assert (added["to"], added["thread"]) == ("channel", call["n"])

    def test_who_has_left_the_channel(self, hall: Hall) -> None:
        """Who can't be spoken to there any more is written to."""
        (call,) = said(hall, "ev add")
        hall.stand.slack.workspace.members.discard("U0ANA")  # type: ignore[attr-defined]  # as above
        (answer,) = said(hall, "ev list", thread=call["n"])
        assert (answer["to"], answer["ephemeral"]) == ("ana", False)


TALK = ["ev chargers are broken again", "EV prices are going up", "ev next week?? the garage is closed", "ev charging is so slow today", "ev lsit", "ev out of order", "hello everybody", "ev", "ev hotels near Lyon?"]  # fmt: skip


@pytest.mark.parametrize("text", TALK)
def test_talk_is_left_alone(hall: Hall, text: str) -> None:
    """Nothing is said, and nothing is asked of the store."""
    hall.store.take_calls()
    slack = hall.stand.slack  # type: ignore[attr-defined]  # as above
    before = slack.workspace.feed.last
    slack.say("ana", text)
    assert hall.store.take_calls() == []
    assert len(slack.workspace.feed.after(before)) == 1


class TestTheDoor:
    def test_events_held_back(self, knock: Knock, car_park: World) -> None:
        """Slack's word that it sends no more events for a minute is acknowledged."""
        body = {"token": "t", "type": "app_rate_limited", "team_id": "T0HQ", "minute_rate_limited": 1518467820, "api_app_id": "A"}  # fmt: skip
        assert knock(json.dumps(body), JSON)[0] == 200
        assert car_park.store.calls == []

    @pytest.mark.parametrize(
        "part",
        [
            {"thread_ts": 5},
            {"ts": None},
            {"ts": ["x"]},
            {"thread_ts": "../x"},
            {"thread_ts": "1.2/U0EVE"},
        ],
    )
    def test_strange_stamps(self, knock: Knock, car_park: World, part: dict[str, object]) -> None:
        """A stamp of another shape leads nowhere: the answer goes to the channel."""
        event = {"type": "message", "channel": "C0EV", "user": "U0ANA", "text": "ev add", "ts": "1.2", **part}  # fmt: skip
        body = {"type": "event_callback", "team_id": "T0HQ", "event_id": "Ev1", "event": event}
        assert knock(json.dumps(body), JSON)[0] == 200
        assert [one.to for one in car_park.site().outbox] == ["slack:T0HQ:C0EV"]

    @pytest.mark.parametrize("who", [None, "x", [5], [{"user_id": 5}], [{}], {"a": 1}])
    def test_strange_authorizations(self, knock: Knock, car_park: World, who: object) -> None:
        """Where Slack doesn't say who we are, the first mention is ours."""
        event = {"type": "app_mention", "channel": "C0EV", "user": "U0ANA", "text": "<@U0US> add", "ts": "1.2"}  # fmt: skip
        body = {"type": "event_callback", "team_id": "T0HQ", "event_id": "Ev1", "event": event, "authorizations": who}  # fmt: skip
        assert knock(json.dumps(body), JSON)[0] == 200
        assert len(car_park.site().queue) == 1
