"""What Slack tells of people: renamed, in a meeting, or gone (rule 41)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.chat.slack.people import availability, profile_of
from chalicelib.core.inputs import Add, Asked, Availability, Prefer, Profile, Sort
from chalicelib.core.model import Standing
from tests.chat.slack.kit import JSON, Knock
from tests.fakes import ANA, MONDAY, World

pytestmark = pytest.mark.usefixtures("no_network")
ENDS = int(MONDAY.timestamp()) + 1800
UNTIL = datetime.fromtimestamp(ENDS, UTC)


def event(kind: str = "user_status_changed", user: object = None, **profile: object) -> str:
    """As Slack sends it, with what we don't read left out."""
    status = {"status_text": "In a meeting", "status_expiration": ENDS, **profile}
    told = {"id": "U0ANA", "team_id": "T0HQ", "name": "ana", "profile": status}
    found: dict[str, Any] = {"type": kind, "user": told if user is None else user}
    return json.dumps(
        {"type": "event_callback", "team_id": "T0HQ", "event_id": "Ev1", "event": found}
    )


def in_line(car_park: World) -> None:
    """Ana stands in line, and asked us to look at her status."""
    car_park.concierge.handle("hq", Asked(ANA, Add(), "ana"))
    own = Profile(ANA, status=Availability())
    car_park.concierge.handle("hq", Asked(ANA, Prefer(heeds_status=True), profiles=(own,)))


def standing(car_park: World) -> Standing:
    return car_park.site().queue[0].standing


class TestStatus:
    @pytest.mark.parametrize(
        "text",
        ["In a meeting", "1:1 with Bob", "On a call", "in a zoom call", "Interviewing", "Busy", "In a huddle", "Besprechung"],
    )  # fmt: skip
    def test_a_meeting(self, text: str) -> None:
        """What calendars and people write, with an end."""
        found = availability({"status_text": text, "status_expiration": ENDS})
        assert found == Availability(UNTIL)

    def test_by_its_sign(self) -> None:
        """In whatever language a calendar app writes: its sign tells."""
        found = availability(
            {"status_text": "会議中", "status_emoji": ":spiral_calendar_pad:", "status_expiration": ENDS}
        )  # fmt: skip
        assert found == Availability(UNTIL)

    @pytest.mark.parametrize("text", ["Vacationing", "Working remotely", "On call this week", "", "Commuting", "Met Bob"])  # fmt: skip
    def test_no_meeting(self, text: str) -> None:
        """Other statuses end, too, and are no meetings."""
        assert availability({"status_text": text, "status_expiration": ENDS}) == Availability()

    @pytest.mark.parametrize("ends", [0, None, "soon", True, -5, 1e18, float("inf")])
    def test_without_an_end(self, ends: object) -> None:
        """A status that stays says nothing, and nonsense neither."""
        assert availability({"status_text": "Busy", "status_expiration": ends}) == Availability()

    def test_a_user(self) -> None:
        """A lookup says it, too."""
        user = {
            "id": "U0ANA",
            "name": "ana",
            "profile": {"status_text": "Busy", "status_expiration": ENDS},
        }
        assert profile_of(ANA, user) == Profile(ANA, "ana", "ana", Sort.PERSON, Availability(UNTIL))  # fmt: skip


class TestEvents:
    @pytest.mark.parametrize("kind", ["user_change", "user_status_changed"])
    def test_a_meeting(self, knock: Knock, car_park: World, kind: str) -> None:
        """Either event takes Ana out of the calls, and her status cleared brings her back."""
        in_line(car_park)
        assert knock(event(kind), JSON)[0] == 200
        assert standing(car_park) is Standing.AWAY
        assert knock(event(kind, status_text="", status_expiration=0), JSON)[0] == 200
        assert standing(car_park) is Standing.WAITING

    def test_who_did_not_ask(self, knock: Knock, car_park: World) -> None:
        """Nobody's status counts unless they said so."""
        car_park.concierge.handle("hq", Asked(ANA, Add(), "ana"))
        knock(event(), JSON)
        assert standing(car_park) is Standing.WAITING

    def test_a_stranger(self, knock: Knock, car_park: World) -> None:
        """Of somebody whom no site knows nothing is kept."""
        user = {"id": "U0ZOE", "team_id": "T0HQ", "name": "zoe", "profile": {}}
        before = car_park.site()
        assert knock(event("user_change", user), JSON)[0] == 200
        assert car_park.site() == before

    def test_gone(self, knock: Knock, car_park: World) -> None:
        """A deactivated account leaves the line."""
        in_line(car_park)
        user = {"id": "U0ANA", "team_id": "T0HQ", "name": "ana", "deleted": True, "profile": {}}
        knock(event("user_change", user), JSON)
        assert car_park.site().queue == ()

    def test_renamed(self, knock: Knock, car_park: World) -> None:
        """Who chose another name has it from then on."""
        knock(event("user_change", display_name="Anna"), JSON)
        assert car_park.site().people[ANA].name == "Anna"

    @pytest.mark.parametrize("user", ["U0ANA", None, 5, [], {}, {"id": "../x"}, {"id": "U0ANA", "profile": 3}, {"id": "U0ANA", "deleted": "no"}])  # fmt: skip
    def test_strange_users(self, knock: Knock, car_park: World, user: object) -> None:
        """What isn't as Slack's documents say is taken for nothing."""
        before = car_park.site()
        told = {"type": "user_change", "user": user}
        body = {"type": "event_callback", "team_id": "T0HQ", "event_id": "Ev1", "event": told}
        assert knock(json.dumps(body), JSON)[0] == 200
        assert car_park.site() == before

    def test_while_the_store_is_down(self, knock: Knock, car_park: World) -> None:
        """It is refused, so that Slack tells it again."""
        car_park.store.down = True
        assert knock(event(), JSON)[0] == 503
