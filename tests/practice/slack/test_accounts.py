"""The accounts of the stand-in: statuses, names, and who is gone, told as Slack tells it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.practice_world import World

UNTIL = "2031-03-03T17:30:00Z"


def told(world: World) -> list[dict[str, Any]]:
    """The events that the app was sent."""
    return [json.loads(one["event"])["event"] for one in world.app.requests if "event" in one]


class TestStatus:
    def test_both_events(self, world: World) -> None:
        """A status is told twice, at the same time, with its end in seconds."""
        answer = world.control("status", {"driver": "ana", "text": "In a meeting", "until": UNTIL})
        assert answer.json() == {"told": 2}
        assert [one["type"] for one in told(world)] == ["user_change", "user_status_changed"]
        profile = told(world)[0]["user"]["profile"]
        assert profile["status_text"] == "In a meeting"
        assert profile["status_expiration"] == 1_930_325_400
        assert world.api("users.info", user="U0ANA")["user"]["profile"] == profile

    def test_cleared(self, world: World) -> None:
        """An empty text clears it, and its end with it."""
        world.control("status", {"driver": "ana", "text": "In a meeting", "until": UNTIL})
        world.control("status", {"driver": "ana", "text": ""})
        assert told(world)[-1]["user"]["profile"]["status_expiration"] == 0

    def test_without_the_scope(self, world: World) -> None:
        """Without `users:read` Slack tells nothing."""
        world.slack.api.scopes.discard("users:read")
        body = {"driver": "ana", "text": "In a meeting", "until": UNTIL}
        assert world.control("status", body).json() == {"told": 0}
        assert told(world) == []

    @pytest.mark.parametrize(
        "body",
        [
            {"driver": "nobody", "text": "x"},
            {"driver": "ana"},
            {"driver": "ana", "text": 5},
            {"driver": "ana", "text": "x", "until": "soon"},
            {"driver": "ana", "text": "x", "until": "2031-03-03T17:30:00"},
            {"driver": "ana", "text": "x" * 101},
            {"driver": "ana", "text": "x", "since": UNTIL},
        ],
    )
    def test_nonsense(self, world: World, body: dict[str, Any]) -> None:
        """What makes no sense is refused with a reason, and nothing is told."""
        assert world.control("status", body).status in (400, 404)
        assert told(world) == []


class TestAccount:
    def test_renamed(self, world: World) -> None:
        """The name that somebody chose is told, and found by a lookup."""
        world.control("account", {"driver": "ana", "name": "Anna"})
        assert told(world)[0]["user"]["profile"]["display_name"] == "Anna"
        assert world.api("users.info", user="U0ANA")["user"]["profile"]["display_name"] == "Anna"

    def test_closed(self, world: World) -> None:
        """A closed account is told as deleted, and takes no message."""
        world.control("account", {"driver": "ana", "closed": True})
        assert told(world)[0]["user"]["deleted"] is True
        assert world.post(channel="U0ANA")["error"] == "user_disabled"
