"""Views, as Slack checks and keeps them: open forms and Home tabs ("Slack docs: surfaces/modals,
surfaces/app-home, views.open, views.publish").
"""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .blocks import Block, check_text, invalid, read_view_blocks
from .faults import SlackError

View = dict[str, Any]
TRIGGER_LIFE = 3.0  # real seconds
LARGEST = 250_000  # bytes
LONGEST_KEPT = 3_000  # private_metadata
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class BadForm(Exception):
    """What a person can't do with a form: there is none, or no such field, or no such choice."""


@dataclass(slots=True)
class Trigger:
    """Something that a person did: it opens one form, soon."""

    user: str
    born: float
    used: bool = False


class Views:
    """What each person has before them: their Home tab, and at most one form."""

    def __init__(self) -> None:
        self.homes: dict[str, View] = {}
        self.modals: dict[str, View] = {}
        self.errors: dict[str, dict[str, str]] = {}  # shown under the fields of an open form
        self.published = 0
        self._counts: dict[str, int] = {}
        self._drawn = threading.Condition()
        self.trigger_life = TRIGGER_LIFE
        self._triggers: dict[str, Trigger] = {}

    def trigger(self, user: str) -> str:
        """A new trigger_id."""
        name = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._triggers[name] = Trigger(user, time.monotonic())
        return name

    def open(self, trigger_id: str, given: object) -> View:
        """`views.open`: before whoever did what the trigger says. Raises SlackError."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if time.monotonic() - trigger.born > self.trigger_life:
            raise SlackError("expired_trigger_id")
        view = read_view(given, "modal")
        trigger.used = True
        self.modals[trigger.user] = named(view)
        self.errors.pop(trigger.user, None)
        return self.modals[trigger.user]

    def publish(self, user: str, given: object, seen: str) -> View:
        """`views.publish`; `seen`, the hash of the one that is replaced. Raises SlackError."""
        view = read_view(given, "home")
        before = self.homes.get(user)
        if seen and before is not None and seen != before["hash"]:
            raise SlackError("hash_conflict")
        with self._drawn:
            self.published += 1
            self._counts[user] = self._counts.get(user, 0) + 1
            self.homes[user] = named(view, before["id"] if before is not None else "")
            self._drawn.notify_all()
        return self.homes[user]

    def drawn(self, user: str) -> int:
        """How often somebody's Home tab was drawn so far."""
        return self._counts.get(user, 0)

    def wait_for(self, user: str, count: int, within: float) -> bool:
        """Whether it is drawn once more than so often, within so many real seconds."""
        with self._drawn:
            return self._drawn.wait_for(lambda: self.drawn(user) > count, within)

    def replace(self, user: str, given: object) -> None:
        """`response_action: update`. Raises SlackError."""
        self.modals[user] = named(read_view(given, "modal"), self.modals[user]["id"])
        self.errors.pop(user, None)

    def close(self, user: str) -> None:
        self.modals.pop(user, None)
        self.errors.pop(user, None)


def named(view: View, view_id: str = "") -> View:
    """As Slack keeps it."""
    return {
        **view,
        "id": view_id or f"V{secrets.token_hex(5).upper()}",
        "hash": f"{time.time():.6f}.{secrets.token_hex(4)}",
    }


def read_view(given: object, kind: str) -> View:
    """A view as the app sent it (an object, or JSON text in a form), checked. Raises SlackError."""
    try:
        view = json.loads(given) if isinstance(given, str) else json.loads(json.dumps(given))
    except (ValueError, RecursionError) as error:
        raise SlackError("invalid_arguments") from error
    if not isinstance(view, dict) or view.get("type") != kind:
        raise refused(f"must be a {kind} [json-pointer:/view/type]")
    if len(json.dumps(view).encode()) > LARGEST:
        raise SlackError("view_too_large")
    try:
        _check_view(view, kind)
    except SlackError as error:
        if error.error != "invalid_blocks":
            raise
        raise SlackError("invalid_arguments", **error.more) from error
    return view


KEYS = {
    "home": {"type", "blocks", "private_metadata", "callback_id", "external_id"},
    "modal": {
        "type", "blocks", "private_metadata", "callback_id", "external_id", "title", "submit",
        "close", "clear_on_close", "notify_on_close", "submit_disabled",
    },
}  # fmt: skip


def _check_view(view: View, kind: str) -> None:
    for strange in sorted(set(view) - KEYS[kind]):
        raise invalid(f"invalid additional property: {strange} [json-pointer:/view]")
    for key, most in (("callback_id", 255), ("external_id", 255), ("private_metadata", LONGEST_KEPT)):  # fmt: skip
        text = view.get(key, "")
        if not isinstance(text, str) or len(text) > most:
            raise invalid(f"must be less than {most + 1} characters [json-pointer:/view/{key}]")
    view["blocks"] = read_view_blocks(view.get("blocks"))
    if kind == "home":
        return
    for key, needed in (("title", True), ("submit", False), ("close", False)):
        if needed or view.get(key) is not None:
            check_text(view.get(key), 24, f"/view/{key}", ("plain_text",))
    if any(block["type"] == "input" for block in view["blocks"]) and not view.get("submit"):
        raise invalid("must define `submit` where there are inputs [json-pointer:/view/submit]")


def refused(why: str) -> SlackError:
    return SlackError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {why}"]})


# --- what a person sees of a form, and fills in ---------------------------------------------------


def inputs(view: View) -> list[Block]:
    return [block for block in view["blocks"] if block["type"] == "input"]


def with_typed(view: View, values: Mapping[str, Any]) -> View:
    """A form that stays open keeps what was typed into it."""
    view = json.loads(json.dumps(view))
    names = {block["label"]["text"]: block["block_id"] for block in inputs(view)}
    given = {names.get(name, name): value for name, value in values.items()}
    for block in inputs(view):
        element = block["element"]
        if block["block_id"] not in given:
            continue
        text = given[block["block_id"]]
        key = {"plain_text_input": "initial_value", "timepicker": "initial_time"}.get(element["type"], "initial_option")  # fmt: skip
        chosen = [one for one in element.get("options", ()) if one["value"] == text]
        element[key] = (chosen[0] if chosen else None) if key == "initial_option" else text or None
    return view


def shown(view: View, errors: Mapping[str, str]) -> dict[str, Any]:
    """A form as a page can draw it, whatever the platform."""
    intro = "\n".join(
        block["text"]["text"] for block in view["blocks"] if block["type"] == "section"
    )
    return {
        "title": view["title"]["text"],
        "submit": view["submit"]["text"] if view.get("submit") else "",
        "close": view["close"]["text"] if view.get("close") else "Cancel",
        "text": intro,
        "fields": [_field(block) for block in inputs(view)],
        "errors": dict(errors),
    }


def _field(block: Block) -> dict[str, Any]:
    element = block["element"]
    return {
        "name": block["block_id"],
        "label": block["label"]["text"],
        "hint": block["hint"]["text"] if block.get("hint") else "",
        "optional": bool(block.get("optional")),
        "kind": {"plain_text_input": "text", "timepicker": "time"}.get(element["type"], "choice"),
        "example": element["placeholder"]["text"] if element.get("placeholder") else "",
        "value": _text_of(_first(element)),
        "most": element.get("max_length"),
        "options": [
            {"value": one["value"], "label": one["text"]["text"]}
            for one in element.get("options", ())
        ],
    }


def _first(element: Block) -> Any:
    return (
        element.get("initial_value")
        or element.get("initial_time")
        or element.get("initial_option")
    )


def _text_of(value: Any) -> str:
    return value["value"] if isinstance(value, dict) else value or ""


def state_of(view: View, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """`state.values` of a form that was filled in so; by a field's name, or its label. Fields
    that aren't there keep what they had. Raises BadForm for what Slack wouldn't send.
    """
    names = {block["label"]["text"]: block["block_id"] for block in inputs(view)}
    given = {names.get(name, name): value for name, value in values.items()}
    strange = sorted(set(given) - {block["block_id"] for block in inputs(view)})
    if strange:
        known = ", ".join(names.values())
        raise BadForm(f"no field {', '.join(strange)} in this form, but: {known}")
    return {
        block["block_id"]: {block["element"]["action_id"]: _state(block, given)}
        for block in inputs(view)
    }


def _state(block: Block, given: Mapping[str, Any]) -> dict[str, Any]:
    element, name = block["element"], block["block_id"]
    text = given.get(name, _text_of(_first(element)))
    if not isinstance(text, str):
        raise BadForm(f"{name} is filled in with a text")
    if not text and not block.get("optional"):
        raise BadForm(f"{name} must be filled in")
    kind = element["type"]
    if kind == "plain_text_input":
        if len(text) > element.get("max_length", 3000):
            raise BadForm(f"{name} takes at most {element['max_length']} characters")
        return {"type": kind, "value": text or None}
    if kind == "timepicker":
        if text and not _TIME.fullmatch(text):
            raise BadForm(f"{name} is a time such as 16:00")
        return {"type": kind, "selected_time": text or None}
    chosen = next((one for one in element["options"] if one["value"] == text), None)
    if text and chosen is None:
        known = ", ".join(one["value"] for one in element["options"])
        raise BadForm(f"{name} is one of {known}")
    return {"type": kind, "selected_option": chosen}
