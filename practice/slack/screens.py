"""What people do in Slack besides typing and pressing in messages: forms, the Home tab, shortcuts
("Slack docs: surfaces/app-home, surfaces/modals, interactivity/implementing-shortcuts").
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from practice.common.people import Driver

from .app import App, AppFailed, Reply
from .blocks import find_button
from .faults import SlackError
from .socket import Sockets
from .views import BadForm, View, Views, inputs, shown, state_of, with_typed
from .workspace import APP_ID, BOT_ID, TEAM_DOMAIN, Workspace

SHORTCUTS = {"join_line": "Join the line"}  # as the app's manifest has them
TROUBLE = "We had some trouble connecting. Try again?"


class Screens:
    """The Home tabs and forms of one workspace's people; `wire` is the way to the app."""

    def __init__(self, workspace: Workspace, views: Views) -> None:
        self._workspace = workspace
        self._views = views

    def form(self, person: Driver) -> dict[str, Any] | None:
        """The form that somebody has open, as a page can draw it."""
        view = self._views.modals.get(person.slack_id)
        if view is None:
            return None
        return shown(view, self._views.errors.get(person.slack_id, {}))

    def opened(self, person: Driver) -> dict[str, Any]:
        """The event that somebody has opened their Home tab."""
        view = self._views.homes.get(person.slack_id)
        return {
            "type": "app_home_opened",
            "user": person.slack_id,
            "channel": self._workspace.direct(person.slack_id),
            "tab": "home",
            "event_ts": f"{time.time():.6f}",
            **({"view": self._handed(view)} if view is not None else {}),
        }

    def home_click(self, person: Driver, action: str) -> dict[str, Any]:
        """A button of a Home tab, pressed: no channel, and no response_url. Raises LookupError."""
        view = self._views.homes.get(person.slack_id)
        block, button = find_button(view["blocks"] if view is not None else [], action)
        pressed = {key: button[key] for key in ("type", "action_id", "text")}
        pressed |= {key: button[key] for key in ("value", "style") if key in button}
        return {
            **self._person(person, "block_actions"),
            "container": {"type": "view", "view_id": view["id"] if view is not None else ""},
            "view": self._handed(view or {}),
            "actions": [
                {**pressed, "block_id": block["block_id"], "action_ts": f"{time.time():.6f}"}
            ],
        }

    def shortcut(self, person: Driver, callback_id: str) -> dict[str, Any]:
        """A global shortcut. Raises BadForm."""
        if callback_id not in SHORTCUTS:
            raise BadForm(f"no shortcut {callback_id!r}, but: {', '.join(SHORTCUTS)}")
        return {
            **self._person(person, "shortcut"),
            "callback_id": callback_id,
            "action_ts": f"{time.time():.6f}",
        }

    def send(self, person: Driver, values: Mapping[str, Any], wire: App | Sockets) -> None:
        """Fill in the open form and send it. Raises BadForm and AppFailed."""
        view = self._views.modals.get(person.slack_id)
        if view is None or not view.get("submit"):
            raise BadForm(f"{person.name} has no form open")
        payload = {
            **self._person(person, "view_submission"),
            "view": {**self._handed(view), "state": {"values": state_of(view, values)}},
            "response_urls": [],
        }
        self._came(person.slack_id, view, wire.click(payload))
        if self._views.errors.get(person.slack_id):
            self._views.modals[person.slack_id] = with_typed(view, values)

    def close(self, person: Driver) -> None:
        """Cancel, or close; the app hears nothing, for it hasn't asked to."""
        self._views.close(person.slack_id)

    def _came(self, user: str, view: View, reply: Reply) -> None:
        """What the app wants done with the form. Raises AppFailed."""
        try:
            self._do(user, view, json.loads(reply.body) if reply.body.strip() else {})
        except (ValueError, AttributeError, SlackError) as error:
            raise AppFailed("trouble", f"unreadable answer to a form: {error}", rude=True) from error  # fmt: skip

    def _do(self, user: str, view: View, said: dict[str, Any]) -> None:
        match said.get("response_action", "" if said else "clear"):
            case "clear":
                self._views.close(user)
            case "errors":
                self._views.errors[user] = checked_errors(said.get("errors"), view)
            case "update":
                self._views.replace(user, said.get("view"))
                self._workspace.check_shown(self._views.modals[user]["blocks"])
            case other:
                raise ValueError(f"response_action {other!r}")

    def _person(self, person: Driver, kind: str) -> dict[str, Any]:
        team = self._workspace.team
        return {
            "type": kind,
            "token": "deprecated",
            "api_app_id": APP_ID,
            "team": {"id": team, "domain": TEAM_DOMAIN},
            "enterprise": None,
            "is_enterprise_install": False,
            "user": {
                "id": person.slack_id,
                "username": person.name,
                "name": person.name,
                "team_id": team,
            },
            "trigger_id": self._views.trigger(person.slack_id),
        }

    def _handed(self, view: View) -> View:
        """A view as Slack hands it to apps."""
        return {
            "state": {"values": {}},
            **view,
            "team_id": self._workspace.team,
            "app_id": APP_ID,
            "bot_id": BOT_ID,
            "root_view_id": view.get("id", ""),
            "previous_view_id": None,
            "external_id": "",
            "private_metadata": view.get("private_metadata", ""),
            "callback_id": view.get("callback_id", ""),
        }


def checked_errors(errors: object, view: View) -> dict[str, str]:
    """Each under a field of the form ("Slack docs: surfaces/modals"). Raises ValueError."""
    fields = {block["block_id"] for block in inputs(view)}
    if not isinstance(errors, dict) or not errors or not set(errors) <= fields:
        raise ValueError("errors name fields of the form")
    if not all(isinstance(text, str) and text for text in errors.values()):
        raise ValueError("an error is a text")
    return errors
