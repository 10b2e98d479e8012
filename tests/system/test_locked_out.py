"""A key that the network stops taking, through the real process."""

from __future__ import annotations

from pathlib import Path

from practice.common.posts import Post
from practice.world import World, world
from tests.waiting import within

SOON = 20.0  # real seconds: an hour and twenty minutes of site time


def said(here: World, words: str) -> list[Post]:
    """Messages with these words, as they were first said."""
    return [
        p for p in here.slack.workspace.feed.after(0) if words in p["text"] and not p["edited"]
    ]


def test_told_once_and_noticed_by_itself(tmp_path: Path) -> None:
    """The admin is written to once, the channel hears that sight is lost; the stand-in is asked
    every 5 minutes at most; a key that works again needs no restart.
    """
    with world(speed=240, poll_seconds=60, log=tmp_path / "log") as here:
        within(SOON, lambda: len(here.site().ports) == 4)
        began, asked = here.clock.now(), len(here.network.calls)
        here.network.fault_config.fault = "FailedAuthentication"
        within(SOON, lambda: said(here, "refuses our key"))
        within(SOON, lambda: said(here, "haven't seen the chargers since"))
        within(SOON, lambda: (here.clock.now() - began).total_seconds() > 40 * 60)
        minutes = (here.clock.now() - began).total_seconds() / 60
        assert len(here.network.calls) - asked <= minutes / 5 + 2
        assert [post["to"] for post in said(here, "refuses our key")] == ["dave"]
        here.network.fault_config.fault = ""
        within(SOON, lambda: said(here, "can see the chargers again"))
        assert here.stop_bot() == 0
        assert here.slack.violations == []
    assert "Traceback" not in (tmp_path / "log").read_text()
