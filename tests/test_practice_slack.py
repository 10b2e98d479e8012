"""The Slack stand-in is as strict as Slack: over real HTTP, on a clock of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from practice.people import CHANNEL, WORKSPACE
from practice.slack_blocks import MOST_CHARACTERS
from practice.slack_workspace import BOT_USER
from tests.practice_world import (
    FakeApp,
    World,
    buttons,
    post_json,
    practice_world,
    request,
    section,
)

ANA, BOB = "U0ANA", "U0BOB"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with practice_world(tmp_path, FakeApp()) as world:
        yield world


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


class TestCommands:
    def test_form(self, world: World) -> None:
        """A command reaches the app as Slack's signed form, with all of its fields."""
        world.say("ana", "/ev suspend until 3pm & <b>")
        (fields,) = world.app.requests
        assert fields | {"response_url": "", "trigger_id": ""} == {
            "token": "deprecated",
            "team_id": WORKSPACE,
            "team_domain": "practice",
            "channel_id": CHANNEL,
            "channel_name": "ev-charging",
            "user_id": ANA,
            "user_name": "ana",
            "command": "/ev",
            "text": "suspend until 3pm & <b>",
            "api_app_id": "A0EVAPP",
            "is_enterprise_install": "false",
            "response_url": "",
            "trigger_id": "",
        }
        assert fields["response_url"].startswith(world.url)
        assert fields["trigger_id"]

    def test_plain_words_are_ephemeral(self, world: World) -> None:
        """An answer in plain words is the typer's alone."""
        world.app.answer = "You are 1st."
        answer = world.say("ana", "/ev add")
        assert (answer["text"], answer["to"], answer["ephemeral"]) == ("You are 1st.", "ana", True)
        assert [post["text"] for post in world.messages()] == ["You are 1st."]

    def test_default_is_ephemeral(self, world: World) -> None:
        """JSON that doesn't say who may see it is the typer's alone."""
        world.app.answer = {"text": "Just you", "blocks": buttons("Go")}
        answer = world.say("ana", "/ev add")
        assert answer["ephemeral"] is True
        assert answer["blocks"][0]["elements"][0]["action_id"] == "go"

    def test_in_channel_shows_the_command(self, world: World) -> None:
        """A public answer is preceded by what was typed, in the typer's name."""
        world.app.answer = {"response_type": "in_channel", "text": "Ana is 1st"}
        answer = world.say("ana", "/ev add")
        assert answer["to"] == "channel"
        assert [(p["by"], p["text"]) for p in world.messages()] == [
            ("ana", "/ev add"),
            ("bot", "Ana is 1st"),
        ]

    def test_in_channel_alone(self, world: World) -> None:
        """Without words it only shows what was typed."""
        world.app.answer = {"response_type": "in_channel"}
        assert world.say("ana", "/ev add")["text"] == ""
        assert [post["text"] for post in world.messages()] == ["/ev add"]

    def test_nothing(self, world: World) -> None:
        """An empty 200 shows nothing, and is no failure."""
        assert "error" not in world.say("ana", "/ev add")
        assert world.messages() == []

    @pytest.mark.parametrize("status", [301, 401, 404, 500])
    def test_bad_status(self, world: World, status: int) -> None:
        """Any other status is shown as a failure, to the typer, and is a breach; no retry."""
        world.app.answer = (status, "no")
        answer = world.say("ana", "/ev add")
        assert answer["error"] == "dispatch_failed"
        assert answer["text"] == '/ev failed with the error "dispatch_failed"'
        assert (answer["to"], answer["by"]) == ("ana", "slackbot")
        assert f"HTTP {status}" in world.slack.violations[0]
        assert len(world.app.requests) == 1

    @pytest.mark.parametrize(
        "answer",
        [(200, ["a", "list"]), {"blocks": [section("x" * 3001)]}, {"text": 7}],
        ids=["no object", "invalid blocks", "text that is a number"],
    )
    def test_bad_answer(self, world: World, answer: object) -> None:
        """An answer that Slack could not show is a failure and a breach."""
        world.app.answer = answer
        assert world.say("ana", "/ev add")["error"] == "dispatch_failed"
        assert len(world.slack.violations) == 1

    def test_three_seconds(self, world: World) -> None:
        """An answer that comes too late is an operation_timeout, whatever the site's clock."""
        done = Event()
        world.app.answer = lambda _: done.wait(10) and "too late"
        world.clock.set_speed(600)
        answer = world.say("ana", "/ev add")
        done.set()
        assert answer["error"] == "operation_timeout"
        assert "3 s" in world.slack.violations[0]

    def test_app_is_down(self, world: World) -> None:
        """An app that isn't there fails the command, but breaks no rule."""
        world.slack.app = "http://127.0.0.1:1"
        assert world.say("ana", "/ev add")["error"] == "dispatch_failed"
        assert world.slack.violations == []

    def test_other_command(self, world: World) -> None:
        """A command of nobody's is Slack's own to refuse."""
        assert world.say("ana", "/tea")["error"] == "invalid_command"
        assert world.app.requests == []

    def test_other_words(self, world: World) -> None:
        """Words that are no command are a post of the person's own."""
        assert world.say("ana", "good morning")["by"] == "ana"
        assert world.app.requests == []


class TestButtons:
    def test_payload(self, world: World) -> None:
        """A press carries person, channel, message, container and the pressed button."""
        posted = world.post("Go?", blocks=buttons("Go", value="turn 7"))
        world.press("bob", 1, "Go")
        action = world.app.action
        assert action["type"] == "block_actions"
        assert action["user"] == {
            "id": BOB,
            "username": "bob",
            "name": "bob",
            "team_id": WORKSPACE,
        }
        assert action["channel"] == {"id": CHANNEL, "name": "ev-charging"}
        assert action["message"]["ts"] == action["container"]["message_ts"] == posted["ts"]
        assert action["message"]["text"] == "Go?"
        (pressed,) = action["actions"]
        assert (pressed["action_id"], pressed["value"]) == ("go", "turn 7")
        assert pressed["block_id"] == action["message"]["blocks"][0]["block_id"]
        assert action["response_url"].startswith(world.url)

    def test_in_a_direct_message(self, world: World) -> None:
        """A press in a direct message comes from that conversation."""
        posted = world.post("Go?", ANA, blocks=buttons("Go"))
        world.press("ana", 1, "go")
        assert world.app.action["channel"] == {"id": posted["channel"], "name": "directmessage"}

    def test_in_an_ephemeral_message(self, world: World) -> None:
        """The app isn't sent an ephemeral message back."""
        world.app.answer = {"text": "Go?", "blocks": buttons("Go")}
        n = world.say("ana", "/ev")["n"]
        world.app.answer = None
        world.press("ana", n, "go")
        assert world.app.action["container"]["is_ephemeral"] is True
        assert "message" not in world.app.action

    def test_only_what_is_there(self, world: World) -> None:
        """A button that an edit took away can't be pressed; the answer says which can."""
        ts = world.post("Go?", blocks=buttons("Go", "Stay"))["ts"]
        world.api("chat.update", channel=CHANNEL, ts=ts, text="Gone", blocks=buttons("Stay"))
        answer = world.control("press", {"driver": "ana", "n": 1, "action": "go"})
        assert answer.status == 409
        assert "stay (Stay)" in answer.json()["error"]
        world.press("ana", 2, "Stay")

    def test_only_who_sees_it(self, world: World) -> None:
        """Nobody presses a button in another's message."""
        world.post("Go?", ANA, blocks=buttons("Go"))
        assert world.control("press", {"driver": "bob", "n": 1, "action": "go"}).status == 404

    @pytest.mark.parametrize("status", [404, 500])
    def test_failure(self, world: World, status: int) -> None:
        """A refused press is shown as a failure, and is a breach."""
        world.post("Go?", blocks=buttons("Go"))
        world.app.answer = (status, "")
        assert world.press("ana", 1, "Go")["error"] == "dispatch_failed"
        assert len(world.slack.violations) == 1

    def test_answer_in_the_reply(self, world: World) -> None:
        """Words in the HTTP reply to a press are lost on Slack, so they are a breach."""
        world.post("Go?", blocks=buttons("Go"))
        world.app.answer = "nobody reads this"
        assert world.press("ana", 1, "Go")["text"] == ""
        assert "nobody sees" in world.slack.violations[0]

    def test_outcome(self, world: World) -> None:
        """What the app says by response_url while it is being asked is the press's outcome."""
        world.post("Go?", blocks=buttons("Go"))

        def answer(fields: dict[str, str]) -> None:
            url = json.loads(fields["payload"])["response_url"]
            post_json(url, {"replace_original": True, "text": "Gone"})

        world.app.answer = answer
        outcome = world.press("ana", 1, "Go")
        assert (outcome["text"], outcome["edited"]) == ("Gone", 1)


class TestResponseUrls:
    def test_default_is_ephemeral(self, world: World) -> None:
        """An answer that doesn't say who may see it is the asker's alone."""
        world.say("ana", "/ev add")
        assert world.respond(text="psst").status == 200
        (post,) = world.messages()
        assert (post["to"], post["ephemeral"]) == ("ana", True)

    def test_in_channel_shows_the_command_once(self, world: World) -> None:
        """Only the first public answer shows what was typed."""
        world.say("ana", "/ev add")
        world.respond(text="one", response_type="in_channel")
        world.respond(text="two", response_type="in_channel")
        assert [post["text"] for post in world.messages()] == ["/ev add", "one", "two"]

    def test_five_uses(self, world: World) -> None:
        """The sixth use is refused, and is a breach."""
        world.say("ana", "/ev add")
        answers = [world.respond(text="x") for _ in range(6)]
        assert [answer.status for answer in answers] == [200] * 5 + [404]
        assert answers[-1].json()["error"] == "used_url"
        assert len(world.messages()) == 5
        assert len(world.slack.violations) == 1

    def test_thirty_minutes(self, world: World) -> None:
        """It works for 30 minutes of site time."""
        world.clock.set_speed(0)
        world.say("ana", "/ev add")
        world.clock.advance(30)
        assert world.respond(text="x").status == 200
        world.clock.advance(0.1)
        assert world.respond(text="x").json()["error"] == "expired_url"

    def test_only_its_own(self, world: World) -> None:
        """An address that was never handed out does nothing."""
        url = f"{world.url}/hooks/commands/{WORKSPACE}/guess"
        assert post_json(url, {"text": "x"}).status == 404
        assert world.messages() == []

    def test_replace(self, world: World) -> None:
        """`replace_original` edits the pressed message."""
        world.post("Go?", blocks=buttons("Go"))
        world.press("ana", 1, "Go")
        world.respond(replace_original=True, text="Gone")
        assert world.messages(1)[0]["edited"] == 1
        assert world.messages(1)[0]["blocks"] == []

    @pytest.mark.parametrize("kind", ["ephemeral", "in_channel"])
    def test_never_changes_who_sees_it(self, world: World, kind: str) -> None:
        """A message stays ephemeral or public for good."""
        blocks = buttons("Go")
        if kind == "in_channel":
            world.app.answer = {"text": "Go?", "blocks": blocks}
            n = world.say("ana", "/ev")["n"]
            world.app.answer = None
        else:
            world.post("Go?", blocks=blocks)
            n = 1
        world.press("ana", n, "Go")
        answer = world.respond(replace_original=True, text="x", response_type=kind)
        assert answer.json()["error"] == "cannot_change_response_type"

    def test_delete(self, world: World) -> None:
        """`delete_original` takes the pressed message away."""
        world.post("Go?", blocks=buttons("Go"))
        world.press("ana", 1, "Go")
        assert world.respond(delete_original=True).status == 200
        assert world.messages(1)[0]["deleted"] is True
        assert world.control("press", {"driver": "ana", "n": 1, "action": "Go"}).status == 404

    def test_delete_stands_alone(self, world: World) -> None:
        """Words beside `delete_original` are a breach."""
        world.post("Go?", blocks=buttons("Go"))
        world.press("ana", 1, "Go")
        assert world.respond(delete_original=True, text="bye").status == 400
        assert len(world.slack.violations) == 1

    @pytest.mark.parametrize("payload", [{}, {"text": " "}, {"text": 7}, {"response_type": "all"}])
    def test_nonsense(self, world: World, payload: dict[str, object]) -> None:
        """A post without words, or with odd ones, is refused."""
        world.say("ana", "/ev add")
        assert world.respond(**payload).status == 400
        assert world.messages() == []

    @pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff"])
    def test_not_json(self, world: World, body: bytes) -> None:
        """Bytes that are no JSON object are a 400."""
        world.say("ana", "/ev add")
        assert request("POST", world.last_url(), body).status == 400


class TestPings:
    @pytest.mark.parametrize(
        "text", ["<!channel>", "<!here|here>", "<!everyone>", "<!subteam^S1>"]
    )
    def test_everybody(self, world: World, text: str) -> None:
        """The concierge never calls everybody: in text or in blocks, by any way."""
        world.post(f"hi {text}")
        world.post(blocks=[section(text)])
        world.app.answer = f"unknown word {text}"
        world.say("ana", f"/ev {text}")
        assert len([v for v in world.slack.violations if "everybody" in v]) == 3

    def test_escaped(self, world: World) -> None:
        """Escaped, the same words ping nobody."""
        world.app.answer = "I don't know &lt;!channel&gt;"
        world.say("ana", "/ev <!channel>")
        assert world.slack.violations == []

    def test_markup_that_was_typed(self, world: World) -> None:
        """A link that a person typed must not come back alive."""
        world.app.answer = {"text": "I don't know <https://example.com|free power>"}
        world.say("ana", "/ev <https://example.com|free power>")
        assert "unescaped" in world.slack.violations[0]

    def test_mentions(self, world: World) -> None:
        """People of the workspace may be mentioned; others can't."""
        world.post(f"<@{ANA}>, your turn")
        assert world.slack.violations == []
        world.post("<@U0NOBODY>, your turn")
        assert "nobody we know" in world.slack.violations[0]

    def test_link_names(self, world: World) -> None:
        """With `link_names` even a plain @channel pings."""
        world.post("@channel hi")
        assert world.slack.violations == []
        world.post("@channel hi", link_names=True)
        assert "everybody" in world.slack.violations[0]
