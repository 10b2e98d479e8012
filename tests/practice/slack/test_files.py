"""The stand-in takes files in three steps, draws charts, and validates, as Slack does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.chat.slack.charts import chart_block, table_block
from chalicelib.chat.text.reports import chart, table
from tests.cards import WEEK
from tests.chat.text.test_reports import SPEECH
from tests.practice_world import World, request

CHART, TABLE = chart_block(chart(WEEK, SPEECH)), table_block(table(WEEK, SPEECH))
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}


def asked(world: World, name: str = "a.png", body: bytes = b"picture") -> dict[str, Any]:
    return world.form_api("files.getUploadURLExternal", filename=name, length=str(len(body)))


def complete(world: World, file_id: str, channel: str = "C0EV") -> dict[str, Any]:
    files = json.dumps([{"id": file_id, "title": "A"}])
    return world.form_api("files.completeUploadExternal", files=files, channel_id=channel)


class TestThreeSteps:
    """Asked for, sent, completed: in this order, once."""

    def test_shown(self, world: World) -> None:
        """It is in the channel, and can be looked at."""
        asked_for = asked(world)
        assert request("POST", asked_for["upload_url"], b"picture").status == 200
        assert complete(world, asked_for["file_id"])["ok"]
        (post,) = world.slack.workspace.feed.after(0)
        shown = request("GET", f"{world.url}{post['files'][0]['url']}")
        assert (shown.body, shown.headers["Content-Type"]) == (b"picture", "image/png")

    def test_never_sent(self, world: World) -> None:
        """What wasn't sent can't be completed, and is nowhere."""
        file_id = asked(world)["file_id"]
        assert complete(world, file_id)["error"] == "file_not_found"
        assert request("GET", f"{world.url}/files/{file_id}").status == 404

    def test_once(self, world: World) -> None:
        """An address takes one file, of the length that was told; a file is completed once."""
        asked_for = asked(world)
        assert request("POST", asked_for["upload_url"], b"another picture").status == 400
        assert request("POST", asked_for["upload_url"], b"picture").status == 404
        asked_for = asked(world)
        request("POST", asked_for["upload_url"], b"picture")
        assert complete(world, asked_for["file_id"])["ok"]
        assert complete(world, asked_for["file_id"])["error"] == "file_not_found"

    @pytest.mark.parametrize("channel", ["U0ANA", "CNOWHERE"])
    def test_where(self, world: World, channel: str) -> None:
        """A conversation's id; a person's is none."""
        asked_for = asked(world)
        request("POST", asked_for["upload_url"], b"picture")
        assert complete(world, asked_for["file_id"], channel)["error"] == "channel_not_found"

    def test_not_as_json(self, world: World) -> None:
        """The first step is form-encoded only."""
        found = world.api("files.getUploadURLExternal", filename="a.png", length=7)
        assert found["error"] == "invalid_arguments"

    def test_scope(self, world: World) -> None:
        """It takes files:write, which is optional."""
        world.slack.api.scopes.discard("files:write")
        assert asked(world)["needed"] == "files:write"

    @pytest.mark.parametrize("length", ["0", "-1", "x", ""])
    def test_lengths(self, world: World, length: str) -> None:
        found = world.form_api("files.getUploadURLExternal", filename="a.png", length=length)
        assert found["error"] == "invalid_arguments"


def changed(block: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """The block with one thing in it changed; `path` as a JSON pointer."""
    found = json.loads(json.dumps(block))
    *parts, last = [int(one) if one.isdecimal() else one for one in path.strip("/").split("/")]
    here = found
    for part in parts:
        here = here[part]
    here[last] = value
    return found  # type: ignore[no-any-return]  # JSON


class TestValidate:
    """`blocks.validate` says what would be refused, and why, and posts nothing."""

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("blocks", [SECTION, CHART, TABLE]),
            ("message", {"text": "x", "blocks": [SECTION, CHART]}),
            ("view", {"type": "home", "blocks": [SECTION]}),
        ],
    )
    def test_good(self, world: World, name: str, value: object) -> None:
        """One of three, as JSON; no scope is needed."""
        world.slack.api.scopes.clear()
        assert world.form_api("blocks.validate", **{name: json.dumps(value)}) == {"ok": True}
        assert world.slack.workspace.feed.after(0) == []

    @pytest.mark.parametrize(
        ("block", "path", "value"),
        [
            (CHART, "title", "x" * 51), (CHART, "title", ""), (CHART, "chart/type", "cake"),
            (CHART, "chart/series", []), (CHART, "chart/series/0/name", "went without"),
            (CHART, "chart/series/0/data/0/value", "9"), (CHART, "chart/series/0/data/0/label", "Sun"),
            (CHART, "chart/series/0/data", []), (CHART, "chart/axis_config", None),
            (CHART, "chart/axis_config/categories/0", "x" * 21),
            (CHART, "chart/axis_config/categories", [str(n) for n in range(21)]),
            (TABLE, "caption", ""), (TABLE, "rows", [[{"type": "raw_text", "text": "x"}]]),
            (TABLE, "rows/1", [{"type": "raw_text", "text": "x"}]), (TABLE, "rows/1/0/text", ""),
            (TABLE, "rows/1/0/type", "mrkdwn"), (TABLE, "page_size", 0), (TABLE, "page_size", 101),
            (TABLE, "row_header_column_index", 2),
        ],
    )  # fmt: skip
    def test_bad(self, world: World, block: dict[str, Any], path: str, value: object) -> None:
        """Slack's limits for charts and tables; the answer points at what is wrong."""
        blocks = [SECTION, changed(block, path, value)]
        found = world.form_api("blocks.validate", blocks=json.dumps(blocks))
        assert found["error"] == "invalid_blocks"
        assert found["errors"][0]["pointer"].startswith("/blocks/1")
        posted = world.api("chat.postMessage", channel="C0EV", text="x", blocks=blocks)
        assert posted["error"] == "invalid_blocks"

    def test_workspaces_without(self, world: World) -> None:
        """The new blocks come workspace by workspace: elsewhere they are refused."""
        world.slack.workspace.takes_charts = False
        for block in (CHART, TABLE):
            found = world.form_api("blocks.validate", blocks=json.dumps([block]))
            assert found["errors"][0]["message"].startswith("unsupported type")

    def test_three_charts(self, world: World) -> None:
        """Two in a message, no more."""
        found = world.form_api("blocks.validate", blocks=json.dumps([CHART] * 3))
        assert found["error"] == "invalid_blocks"

    @pytest.mark.parametrize(
        "args", [{}, {"blocks": "[]", "view": "{}"}, {"blocks": "not JSON"}, {"message": "[]"}]
    )
    def test_one_of_three(self, world: World, args: dict[str, str]) -> None:
        """Exactly one, and readable."""
        assert not world.form_api("blocks.validate", **args)["ok"]
