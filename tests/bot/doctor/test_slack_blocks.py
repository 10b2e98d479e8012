"""The doctor asks Slack's own validator about one of each shape; the stand-in answers as Slack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.doctor import slack_blocks
from bot.doctor.result import Level
from bot.doctor.slack_blocks import Sample, check_blocks, samples
from practice.slack import validator
from practice.slack.faults import SlackError
from tests.practice_world import TOKEN, FakeApp, World, practice_world

SOURCES = Path("chalicelib/chat/slack")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with practice_world(tmp_path, FakeApp()) as world:
        yield world


def asked(world: World) -> list[str]:
    return [str(one) for one in check_blocks(TOKEN, f"{world.url}/api/", "Practice")]


def kinds(part: object) -> set[str]:
    """Every `type` in it."""
    if isinstance(part, list):
        return set().union(*map(kinds, part)) if part else set()
    if not isinstance(part, dict):
        return set()
    here = {part["type"]} if isinstance(part.get("type"), str) else set()
    return here.union(*map(kinds, part.values())) if part else here


@pytest.mark.parametrize("sample", list(samples()), ids=lambda one: one.name)
def test_each(sample: Sample) -> None:
    """Each keeps Slack's published limits; messages have a text besides their blocks."""
    validator.check(sample.sort, sample.value, charts=True)
    assert sample.sort == "view" or sample.value["text"].strip()


def test_every_shape() -> None:
    """What the code can put into blocks is asked about: a new kind of block needs a sample."""
    built = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES.glob("*.py"))
    written = set(re.findall(r'"type": "([a-z_]+)"', built))
    others = {"global", "event_callback", "block_actions", "url_verification", "message"}
    shown = set().union(*(kinds(sample.value) for sample in samples()))
    assert written - others <= shown, written - others - shown


def test_all_is_well(world: World) -> None:
    """One line, and nothing is posted; no scope is needed."""
    world.slack.api.scopes.clear()
    (line,) = asked(world)
    assert line == "ok       Slack's blocks: Practice takes every kind of message, form and page"
    assert world.slack.workspace.feed.after(0) == []


def test_no_charts_here(world: World) -> None:
    """A workspace without the new blocks: it is said what comes instead, and it is no failure."""
    world.slack.workspace.takes_charts = False
    (line,) = asked(world)
    assert line.startswith("ok ")
    assert "draws no charts yet" in line


def test_what_is_wrong(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where, and why, in Slack's words."""
    bad: dict[str, Any] = {"text": "x", "blocks": [{"type": "section"}]}
    monkeypatch.setattr(slack_blocks, "samples", lambda: [Sample("a call", "message", bad)])
    (line,) = asked(world)
    assert line.startswith(f"{Level.WARNING} ")
    assert "doesn't take a call: must have text or fields (/blocks/0)" in line


@pytest.mark.parametrize("how", ["ratelimited", "500", "unknown_method"])
def test_no_answer(world: World, how: str) -> None:
    """Slack can't be asked: one line."""
    world.slack.api.fail(20, how)
    (line,) = asked(world)
    assert "couldn't be asked" in line


def test_nobody_there() -> None:
    """The same without a connection."""
    (found,) = check_blocks(TOKEN, "http://127.0.0.1:9/api/", "Practice")
    assert found.level is Level.WARNING


def test_the_stand_in_refuses() -> None:
    """It isn't the samples' friend: nonsense is nonsense."""
    with pytest.raises(SlackError):
        validator.check("message", {"text": "x", "blocks": [{"type": "nonsense"}]}, charts=True)
