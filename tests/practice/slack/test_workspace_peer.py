"""The Slack stand-in is as strict as Slack: over real HTTP, on a clock of its own."""

from __future__ import annotations

import json
from threading import Thread

import pytest

from practice.common.people import CHANNEL, WORKSPACE
from practice.slack.blocks import MOST_CHARACTERS
from practice.slack.workspace import BOT_USER
from tests.practice_world import (
    World,
    buttons,
    section,
)

ANA, BOB = "U0ANA", "U0BOB"


class TestTokens:
    def test_auth(self, world: World) -> None:
        """The right token is told which workspace and bot it belongs to."""
        answer = world.api("auth.test")
        assert answer["ok"] is True
        assert (answer["team_id"], answer["user_id"]) == (WORKSPACE, BOT_USER)

    @pytest.mark.parametrize(("token", "error"), [("", "not_authed"), ("xoxb-9", "invalid_auth")])
    def test_no_or_a_foreign_token(self, world: World, token: str, error: str) -> None:
        """A missing token and a foreign one get their own errors, with HTTP 200."""
        assert world.api("auth.test", token) == {"ok": False, "error": error}

    @pytest.mark.parametrize("error", ["token_revoked", "account_inactive"])
    def test_revoked(self, world: World, error: str) -> None:
        """A revoked token is refused from then on."""
        world.slack.api.revoke(error)
        assert world.post()["error"] == error

    def test_missing_scope(self, world: World) -> None:
        """A method whose scope was not granted says which it needs."""
        world.slack.api.scopes.remove("im:write")
        answer = world.api("conversations.open", users=ANA)
        assert (answer["error"], answer["needed"]) == ("missing_scope", "im:write")

    def test_token_in_a_form(self, world: World) -> None:
        """A form carries token and blocks as fields."""
        blocks = json.dumps([section("*hi*")])
        assert world.form_api("chat.postMessage", channel=CHANNEL, blocks=blocks)["ok"] is True
        assert world.messages()[0]["blocks"][0]["text"]["text"] == "*hi*"

    def test_unknown_method(self, world: World) -> None:
        """A method that the concierge does not need isn't there."""
        assert world.api("chat.shout")["error"] == "unknown_method"


class TestWhereToPost:
    def test_channel(self, world: World) -> None:
        """A post in the channel is seen by all, under site time."""
        answer = world.post("hello")
        (post,) = world.messages()
        assert answer["channel"] == CHANNEL
        assert (post["n"], post["to"], post["text"], post["by"]) == (1, "channel", "hello", "bot")
        assert post["edited"] is None
        assert post["at"].startswith("2026-03-02T08:31")

    def test_direct(self, world: World) -> None:
        """A person's id opens the conversation with them; its own id works from then on."""
        opened = world.api("conversations.open", users=ANA)["channel"]["id"]
        assert world.post("you", ANA)["channel"] == opened
        assert world.post("again", opened)["ok"] is True
        assert [post["to"] for post in world.messages()] == ["ana", "ana"]

    @pytest.mark.parametrize("channel", ["#ev-charging", "ev-charging", "ana", "C0ELSE", ""])
    def test_names_are_refused(self, world: World, channel: str) -> None:
        """Only ids are taken, and only those of this workspace."""
        assert world.post(channel=channel)["error"] == "channel_not_found"

    def test_unknown_people(self, world: World) -> None:
        """A person who isn't there can neither be written to nor looked up."""
        assert world.post(channel="U0NOBODY")["error"] == "channel_not_found"
        assert world.api("conversations.open", users="U0NOBODY")["error"] == "user_not_found"
        assert world.api("users.info", user="U0NOBODY")["error"] == "user_not_found"

    @pytest.mark.parametrize("error", ["user_disabled", "cannot_dm_bot", "messages_tab_disabled"])
    def test_people_who_take_no_messages(self, world: World, error: str) -> None:
        """A deactivated person or a guest refuses messages by any address."""
        opened = world.api("conversations.open", users=ANA)["channel"]["id"]
        world.slack.workspace.refusing[ANA] = error
        assert world.api("conversations.open", users=ANA)["error"] == error
        assert world.post(channel=ANA)["error"] == error
        assert world.post(channel=opened)["error"] == error
        assert world.post(channel=BOB)["ok"] is True

    def test_user_info(self, world: World) -> None:
        """A person's names are known, and whether they were deactivated."""
        assert world.api("users.info", user=ANA)["user"]["profile"]["display_name"] == "ana"
        world.slack.workspace.refusing[ANA] = "user_disabled"
        assert world.api("users.info", user=ANA)["user"]["deleted"] is True

    def test_archived(self, world: World) -> None:
        """Nothing is posted or edited in an archived channel."""
        ts = world.post()["ts"]
        world.slack.workspace.archived = True
        assert world.post()["error"] == "is_archived"
        edit = world.api("chat.update", channel=CHANNEL, ts=ts, text="new")
        assert edit["error"] == "is_archived"

    def test_not_in_channel(self, world: World) -> None:
        """A bot outside the channel needs `chat:write.public`."""
        world.slack.workspace.members.discard(BOT_USER)
        assert world.post()["ok"] is True
        world.slack.api.scopes.remove("chat:write.public")
        assert world.post()["error"] == "not_in_channel"

    def test_ephemeral(self, world: World) -> None:
        """An ephemeral post is one member's; it can't be edited."""
        answer = world.api("chat.postEphemeral", channel=CHANNEL, user=ANA, text="psst")
        (post,) = world.messages()
        assert (post["to"], post["ephemeral"]) == ("ana", True)
        ts = answer["message_ts"]
        edit = world.api("chat.update", channel=CHANNEL, ts=ts, text="new")
        assert edit["error"] == "message_not_found"

    def test_ephemeral_to_an_outsider(self, world: World) -> None:
        """Who isn't in the channel gets no ephemeral post there."""
        world.slack.workspace.members.discard(ANA)
        answer = world.api("chat.postEphemeral", channel=CHANNEL, user=ANA, text="psst")
        assert answer["error"] == "user_not_in_channel"


class TestEdits:
    def test_edit(self, world: World) -> None:
        """An edit appears again under a new number and names the first."""
        ts = world.post("one")["ts"]
        world.post("two")
        assert world.api("chat.update", channel=CHANNEL, ts=ts, text="three")["ok"] is True
        assert [(p["n"], p["text"], p["edited"]) for p in world.messages()] == [
            (1, "one", None),
            (2, "two", None),
            (3, "three", 1),
        ]

    def test_direct_edit_needs_the_conversation(self, world: World) -> None:
        """A person's id is no address for an edit: the id that the post returned is."""
        posted = world.post("one", ANA)
        by_user = world.api("chat.update", channel=ANA, ts=posted["ts"], text="two")
        assert by_user["error"] == "channel_not_found"
        by_id = world.api("chat.update", channel=posted["channel"], ts=posted["ts"], text="two")
        assert by_id["ok"] is True

    def test_no_such_message(self, world: World) -> None:
        """An edit of nothing is refused."""
        edit = world.api("chat.update", channel=CHANNEL, ts="1.000000", text="new")
        assert edit["error"] == "message_not_found"

    def test_other_peoples_words(self, world: World) -> None:
        """The bot can't edit what a person wrote."""
        world.say("ana", "hello all")
        message = world.slack.workspace.feed.message(1)
        assert message is not None
        edit = world.api("chat.update", channel=CHANNEL, ts=message.ts, text="new")
        assert edit["error"] == "cant_update_message"

    def test_stamps_differ_while_time_stands(self, world: World) -> None:
        """No two messages have the same `ts`, even with the clock stopped."""
        world.clock.set_speed(0)
        stamps = [world.post(channel=who, text="x")["ts"] for who in (ANA, BOB, CHANNEL)]
        assert len(set(stamps)) == 3


def _elements(count: int) -> list[dict[str, object]]:
    return buttons(*(f"b{n}" for n in range(count)))


def _twice(part: dict[str, object]) -> list[dict[str, object]]:
    return [{**part, "block_id": "same"}, {**part, "block_id": "same"}]


def _context(count: int) -> dict[str, object]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * count}


FITTING = {
    "50 blocks": [section()] * 50,
    "section of 3000": [section("x" * 3000)],
    "label of 75": buttons("x" * 75),
    "value of 2000": buttons("Go", value="x" * 2000),
    "action_id of 255": buttons("Go", action_id="x" * 255),
    "25 buttons": _elements(25),
    "10 in a context": [_context(10)],
    "header of 150": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 150}}],
    "a divider": [{"type": "divider"}],
    "same action_id in two blocks": [*buttons("Go"), *buttons("Go")],
}
BROKEN = {
    "51 blocks": [section()] * 51,
    "section of 3001": [section("x" * 3001)],
    "empty section": [section("")],
    "section without text": [{"type": "section"}],
    "11 fields": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11}],
    "label of 76": buttons("x" * 76),
    "label in mrkdwn": buttons("Go", text={"type": "mrkdwn", "text": "Go"}),
    "value of 2001": buttons("Go", value="x" * 2001),
    "action_id of 256": buttons("Go", action_id="x" * 256),
    "26 buttons": _elements(26),
    "no buttons": [{"type": "actions", "elements": []}],
    "same action_id in a block": buttons("Go", "Go"),
    "same block_id": _twice(section()),
    "11 in a context": [_context(11)],
    "header of 151": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
    "unknown block": [{"type": "carousel"}],
    "unknown style": buttons("Go", style="loud"),
    "confirm of 301": buttons("Go", confirm={"text": {"type": "mrkdwn", "text": "x" * 301}}),
    "style that is a list": buttons("Go", style=[]),
    "type that is a list": [{"type": []}],
}


class TestBlocks:
    @pytest.mark.parametrize("blocks", FITTING.values(), ids=FITTING.keys())
    def test_fitting(self, world: World, blocks: list[object]) -> None:
        """What just fits is taken."""
        assert world.post(blocks=blocks)["ok"] is True

    @pytest.mark.parametrize("blocks", BROKEN.values(), ids=BROKEN.keys())
    def test_broken(self, world: World, blocks: list[object]) -> None:
        """What is a little too large, or not Block Kit, is refused and not shown."""
        assert world.post(blocks=blocks)["error"] == "invalid_blocks"
        assert world.messages() == []

    @pytest.mark.parametrize("blocks", ["[", "{}", 7, [7], "[" * 100_000])
    def test_not_blocks(self, world: World, blocks: object) -> None:
        """What isn't a list of blocks has an error of its own."""
        assert world.post(blocks=blocks)["error"] == "invalid_blocks_format"

    def test_too_long_together(self, world: World) -> None:
        """All blocks together stay under Slack's undocumented sum."""
        blocks = [section("x" * 2900)] * (MOST_CHARACTERS // 2900)
        assert world.post(blocks=blocks)["ok"] is True
        assert world.post(blocks=[*blocks, section("x" * 2900)])["error"] == "msg_blocks_too_long"

    @pytest.mark.parametrize("text", ["", "  \n"])
    def test_no_text(self, world: World, text: str) -> None:
        """A message says something."""
        assert world.post(text)["error"] == "no_text"
        assert world.post(text, blocks=[section()])["ok"] is True

    def test_cut_at_40000(self, world: World) -> None:
        """A longer text is cut, not refused."""
        assert world.post("x" * 40_001)["ok"] is True
        assert len(world.messages()[0]["text"]) == 40_000


class TestPace:
    def test_two_posts_in_a_second(self, world: World) -> None:
        """The second post within a second of site time is a 429, and recorded."""
        world.clock.set_speed(0)
        assert world.post()["ok"] is True
        refused = world.raw_api("chat.postMessage", channel=CHANNEL, text="two")
        assert (refused.status, refused.headers["Retry-After"]) == (429, "1")
        assert refused.json() == {"ok": False, "error": "ratelimited"}
        assert world.slack.api.limited == ["chat.postMessage"]
        assert len(world.messages()) == 1

    def test_after_the_wait(self, world: World) -> None:
        """Retry-After site seconds later it goes through."""
        world.clock.set_speed(0)
        world.post()
        world.clock.advance(1 / 60)
        assert world.api("chat.postMessage", channel=CHANNEL, text="two")["ok"] is True

    def test_other_channels_do_not_wait(self, world: World) -> None:
        """The pace is each conversation's own."""
        world.clock.set_speed(0)
        for channel in (CHANNEL, ANA, BOB):
            assert world.api("chat.postMessage", channel=channel, text="x")["ok"] is True

    def test_methods_have_their_own(self, world: World) -> None:
        """More edits in a minute than Tier 3 allows are a 429 with the rest of the minute."""
        world.clock.set_speed(0)
        ts = world.post()["ts"]
        edit = {"channel": CHANNEL, "ts": ts, "text": "x"}
        assert all(world.api("chat.update", **edit)["ok"] for _ in range(50))
        refused = world.raw_api("chat.update", **edit)
        assert (refused.status, refused.headers["Retry-After"]) == (429, "60")


class TestOutages:
    def test_slack_error(self, world: World) -> None:
        """As many calls as a test asks for fail as it asks."""
        world.slack.api.fail(2, "internal_error")
        assert [world.post().get("error") for _ in range(3)] == ["internal_error"] * 2 + [None]

    def test_500(self, world: World) -> None:
        """A 500 does nothing."""
        world.slack.api.fail(1, "500")
        assert world.raw_api("chat.postMessage", channel=CHANNEL, text="x").status == 500
        assert world.messages() == []

    @pytest.mark.parametrize(("how", "posts"), [("timeout", 0), ("lost", 1)])
    def test_silence(self, world: World, how: str, posts: int) -> None:
        """A call hangs, either with nothing done or with all done and only the answer lost."""
        world.slack.api.fail(1, how)
        call = Thread(
            target=world.raw_api,
            args=("chat.postMessage",),
            kwargs={"channel": CHANNEL, "text": "x"},
        )
        call.start()
        call.join(0.3)
        assert call.is_alive()
        assert len(world.messages()) == posts
        world.slack.api.over.set()
        call.join(5)
        assert not call.is_alive()
