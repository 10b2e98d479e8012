"""What nobody's Slack sends of forms, Home tabs and shortcuts: refused, or taken for nothing."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from chalicelib.core.inputs import Add
from tests.chat.slack.kit import JSON, Knock
from tests.fakes import ANA, World

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
WHO: dict[str, Any] = {"team": {"id": "T0HQ"}, "user": {"id": "U0ANA", "username": "ana"}}
STATES = st.dictionaries(
    st.sampled_from(["amount", "by", "answer", "opens", "told", "quiet_from", "clock", "x" * 500]),
    st.dictionaries(
        st.sampled_from(["value", "other"]),
        st.dictionaries(
            st.sampled_from(["value", "selected_time", "selected_option", "type"]), ANYTHING
        ),
    ),
)


def sent(**view: object) -> str:
    payload = {"type": "view_submission", **WHO, "view": {"id": "V1", "type": "modal", **view}}
    return urlencode({"payload": json.dumps(payload)})


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    values=STATES,
    form=st.sampled_from(["join", "need", "settings", "turns", "hours"]),
    before=ANYTHING,
)
def test_any_state(knock: Knock, values: Any, form: str, before: Any) -> None:
    """Whatever stands in the fields: an answer, or a refusal, and no bug."""
    kept = json.dumps({"site": "hq", "before": before if isinstance(before, dict) else {}})
    status, _, body = knock(
        sent(callback_id=f"form_{form}", private_metadata=kept, state={"values": values})
    )
    assert status in (200, 400)
    if status == 200:
        said = json.loads(body)
        assert said["response_action"] in ("errors", "update")
        for name, text in said.get("errors", {}).items():
            assert name in values
            assert 0 < len(text) <= 250


@pytest.mark.parametrize(
    "view",
    [
        {},
        {"callback_id": "form_need"},
        {"callback_id": "form_need", "private_metadata": "[]"},
        {"callback_id": "form_need", "private_metadata": '{"site": 5}'},
        {"callback_id": "form_fly", "private_metadata": '{"site":"hq"}'},
        {"callback_id": "need", "private_metadata": "x" * 5_000},
        {"callback_id": "form_need", "private_metadata": '{"site":"hq"}', "state": []},
        {"callback_id": "form_need", "private_metadata": '{"site":"hq"}', "state": {"values": 1}},
        {"type": "home", "callback_id": "form_need", "private_metadata": '{"site":"hq"}'},
    ],
)
def test_no_form_of_ours(knock: Knock, car_park: World, view: dict[str, object]) -> None:
    """Refused before the store is asked."""
    assert knock(sent(**view))[0] == 400
    assert car_park.store.calls == []


@pytest.mark.parametrize("site", ["", "hq2", "../hq", "x" * 300, "HQ"])
def test_another_site(knock: Knock, car_park: World, site: str) -> None:
    """A form of a site that isn't there says so, in the form's place or under its field."""
    car_park.ask(ANA, Add())
    before = car_park.site()
    values = {"amount": {"value": {"type": "plain_text_input", "value": "8 kWh"}}}
    kept = json.dumps({"site": site})
    status, _, body = knock(
        sent(callback_id="form_need", private_metadata=kept, state={"values": values})
    )
    assert status == 200
    assert "no charging site" in body
    assert car_park.site() == before


def test_closed(knock: Knock, car_park: World) -> None:
    """Who closes a form has done nothing."""
    payload = {"type": "view_closed", **WHO, "view": {"id": "V1", "type": "modal"}}
    assert knock(urlencode({"payload": json.dumps(payload)}))[0] == 200
    assert car_park.store.calls == []


@pytest.mark.parametrize("event", [{"tab": 5}, {"tab": "home"}, {"tab": "home", "user": {"id": 1}}, {"tab": "home", "user": "U0ANA", "view": 7}, {"tab": "home", "user": "U0ANA", "view": {"private_metadata": 5}}])  # fmt: skip
def test_strange_openings(knock: Knock, event: dict[str, object]) -> None:
    """An event about a Home tab in another shape is taken, and nobody's tab is drawn for it."""
    body = {"type": "event_callback", "team_id": "T0HQ", "event_id": "Ev1", "event": {"type": "app_home_opened", **event}}  # fmt: skip
    assert knock(json.dumps(body), JSON)[0] == 200


@pytest.mark.parametrize("name", ["", "fly", "x" * 300])
def test_strange_shortcuts(knock: Knock, car_park: World, name: str) -> None:
    """A shortcut that we don't have is taken, and does nothing."""
    payload = {"type": "shortcut", "callback_id": name, **WHO, "trigger_id": "1.2.x"}
    assert knock(urlencode({"payload": json.dumps(payload)}))[0] == 200
    assert car_park.store.calls == []


def test_pressed_nowhere(knock: Knock, car_park: World) -> None:
    """A click without a message and without a Home tab is none."""
    payload = {"type": "block_actions", **WHO, "actions": [{"action_id": "leave_line", "value": "hq:0"}]}  # fmt: skip
    assert knock(urlencode({"payload": json.dumps(payload)}))[0] == 400
    assert car_park.store.calls == []
