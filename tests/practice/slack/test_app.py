"""The Slack stand-in calls the app, and hears its answers, as strictly as Slack does."""

from __future__ import annotations

import json
from threading import Event

import pytest

from practice.common.people import CHANNEL, WORKSPACE
from tests.practice_world import (
    World,
    buttons,
    post_json,
    request,
    section,
)

ANA, BOB = "U0ANA", "U0BOB"


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
        """Words that are no command are a post of the person's own, and an event."""
        assert world.say("ana", "good morning")["by"] == "ana"
        (fields,) = world.app.requests
        callback = json.loads(fields["event"])
        assert (callback["type"], callback["team_id"]) == ("event_callback", WORKSPACE)
        assert callback["event"] | {"ts": "", "event_ts": ""} == {
            "type": "message",
            "channel": CHANNEL,
            "channel_type": "channel",
            "user": ANA,
            "team": WORKSPACE,
            "text": "good morning",
            "ts": "",
            "event_ts": "",
        }

    def test_an_event_is_told_again(self, world: World) -> None:
        """An event that is not taken comes again, under its own name; after three, no more."""
        world.app.answer = lambda _: (503, "later") if len(world.app.requests) < 3 else None
        world.say("ana", "ev add")
        assert len({json.loads(one["event"])["event_id"] for one in world.app.requests}) == 1
        assert (len(world.app.requests), len(world.slack.violations)) == (3, 2)
        world.app.answer = (500, "")
        world.say("ana", "ev add")
        assert (len(world.app.requests), len(world.slack.violations)) == (7, 6)


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
