"""Interactive dialogs, as a Mattermost server checks and keeps them (its own `Dialog.IsValid`;
Mattermost docs: interactive dialogs).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

TRIGGER_LIFE = 3.0  # real seconds; newer servers wait longer
TITLE = DISPLAY_NAME = 24  # bytes, as all of these
NAME, HELP, TEXT, SELECT = 300, 150, 150, 3_000
KINDS = {"text": TEXT, "textarea": 3_000, "select": SELECT, "bool": 150, "radio": SELECT}


class BadDialog(Exception):
    """What the server wouldn't show, in words."""


class Dialogs:
    """What each person has before them: at most one."""

    def __init__(self) -> None:
        self.open_ones: dict[str, dict[str, Any]] = {}  # by name: the whole request
        self.errors: dict[str, dict[str, str]] = {}
        self.trigger_life = TRIGGER_LIFE
        self._triggers: dict[str, tuple[str, float]] = {}

    def trigger(self, name: str, trigger_id: str) -> str:
        """Something that a person did: it opens one dialog, soon."""
        self._triggers[trigger_id] = name, time.monotonic()
        return trigger_id

    def open(self, request: dict[str, Any]) -> None:
        """Raises BadDialog, and LookupError for a trigger that isn't good (any more)."""
        name, born = self._triggers.pop(request.get("trigger_id", ""))
        if time.monotonic() - born > self.trigger_life:
            raise LookupError("expired")
        if not str(request.get("url", "")).startswith(("http://", "https://")):
            raise BadDialog("a dialog without a url")
        check(request.get("dialog"))
        self.open_ones[name] = request
        self.errors.pop(name, None)

    def keep_typed(self, name: str, submission: Mapping[str, Any]) -> None:
        """A dialog that stays open keeps what was typed into it."""
        for one in self.open_ones[name]["dialog"].get("elements", ()):
            one["default"] = submission.get(one["name"]) or ""

    def close(self, name: str) -> None:
        self.open_ones.pop(name, None)
        self.errors.pop(name, None)

    def shown(self, name: str) -> dict[str, Any] | None:
        """The dialog before somebody, as a page can draw it, whatever the platform."""
        if name not in self.open_ones:
            return None
        dialog = self.open_ones[name]["dialog"]
        errors = dict(self.errors.get(name, {}))
        return {
            "title": dialog["title"],
            "submit": dialog.get("submit_label") or "Submit",
            "close": "Cancel",
            "text": dialog.get("introduction_text", ""),
            "error": errors.pop("", ""),
            "fields": [_field(one) for one in dialog.get("elements", ())],
            "errors": errors,
        }

    def submission(self, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """What a browser would send; by a field's name, or its label. Raises BadDialog."""
        if name not in self.open_ones:
            raise BadDialog(f"{name} has no form open")
        elements = self.open_ones[name]["dialog"].get("elements", ())
        names = {one["display_name"]: one["name"] for one in elements}
        given = {names.get(key, key): value for key, value in values.items()}
        strange = sorted(set(given) - set(names.values()))
        if strange:
            known = ", ".join(names.values())
            raise BadDialog(f"no field {', '.join(strange)} in this form, but: {known}")
        return {one["name"]: _value(one, given) for one in elements}


def check(dialog: object) -> None:
    """Raises BadDialog."""
    if not isinstance(dialog, dict):
        raise BadDialog("no dialog")
    if not 0 < size(dialog.get("title")) <= TITLE:
        raise BadDialog(f"a dialog's title has 1 to {TITLE} bytes")
    seen: set[str] = set()
    for one in dialog.get("elements", ()):
        if one.get("name") in seen:
            raise BadDialog(f"two elements {one.get('name')}")
        seen.add(one.get("name"))
        check_element(one)


def check_element(one: dict[str, Any]) -> None:
    most = KINDS.get(one.get("type", ""))
    if most is None:
        raise BadDialog(f"no element {one.get('type')}")
    for key, longest in (("display_name", DISPLAY_NAME), ("name", NAME)):
        if not 0 < size(one.get(key)) <= longest:
            raise BadDialog(f"{key} has 1 to {longest} bytes: {one.get(key)}")
    for key, longest in (("help_text", HELP), ("default", most), ("placeholder", most)):
        if size(one.get(key, "")) > longest:
            raise BadDialog(f"{key} has at most {longest} bytes: {one['name']}")
    if one.get("min_length", 0) > one.get("max_length", 0):
        raise BadDialog(f"min_length is above max_length: {one['name']}")
    options = [option.get("value") for option in one.get("options", ())]
    if one["type"] in ("select", "radio"):
        if not options or not all(options) or not all(o.get("text") for o in one["options"]):
            raise BadDialog(f"options have a text and a value: {one['name']}")
        if one.get("default") and one["default"] not in options:
            raise BadDialog(f"the default is none of the options: {one['name']}")


def size(text: object) -> int:
    return len(text.encode()) if isinstance(text, str) else -1


def _field(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": one["name"],
        "label": one["display_name"],
        "hint": one.get("help_text", ""),
        "optional": bool(one.get("optional")),
        "kind": "choice" if one["type"] in ("select", "radio") else "text",
        "example": one.get("placeholder", ""),
        "value": one.get("default", ""),
        "most": one.get("max_length") or None,
        "options": [
            {"value": option["value"], "label": option["text"]}
            for option in one.get("options", ())
        ],
    }


def _value(one: dict[str, Any], given: Mapping[str, Any]) -> str | None:
    """Raises BadDialog for what the browser wouldn't let through."""
    text = given.get(one["name"], one.get("default", ""))
    if not isinstance(text, str):
        raise BadDialog(f"{one['name']} is filled in with a text")
    if not text and not one.get("optional"):
        raise BadDialog(f"{one['name']} must be filled in")
    if one["type"] in ("select", "radio"):
        known = [option["value"] for option in one["options"]]
        if text and text not in known:
            raise BadDialog(f"{one['name']} is one of {', '.join(known)}")
    elif len(text) > (one.get("max_length") or KINDS[one["type"]]):
        raise BadDialog(f"{one['name']} is too long")
    return text or None
