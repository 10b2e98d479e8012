"""Mattermost's interactive dialogs: forms as they are opened, and what comes back of them
(Mattermost docs: interactive dialogs; the limits are those of the server's own check).

Nothing is signed by the server, and what a dialog keeps for us passes through the browser of
whoever fills it in. So it is sealed, for that person alone.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import msgspec

from chalicelib.chat.forms import LONGEST, MOST_FIELDS, Field, Filled, Form, Kind
from chalicelib.core.answers import FormName
from chalicelib.shapes import Malformed, Shape


class Kept(msgspec.Struct):
    """What a dialog keeps for us: whose it is, which form, and what it said when it was opened."""

    user: str
    once: str  # one name for what is sent of it, however often
    form: FormName
    site: str
    before: dict[str, str]


KEPT: Shape[Kept] = Shape(Kept)


def dialog(form: Form, state: str) -> dict[str, Any]:
    """A form as it is opened."""
    return {
        "callback_id": f"form_{form.name}",
        "title": form.title,
        "introduction_text": form.intro,
        "elements": [element(field) for field in form.fields],
        "submit_label": form.submit,
        "notify_on_cancel": False,
        "state": state,
    }


def element(field: Field) -> dict[str, Any]:
    """There is no picker for a time alone: it is typed."""
    one: dict[str, Any] = {
        "display_name": field.label,
        "name": field.name,
        "type": "text",
        "default": field.value,
        "placeholder": field.example,
        "help_text": field.hint,
        "optional": not field.needed,
    }
    if field.kind is Kind.CHOICE:
        options = [{"text": label, "value": value} for value, label in field.choices]
        return {**one, "type": "select", "options": options}
    return {**one, "max_length": LONGEST}


def sealed(form: Form, user: str, once: str, key: bytes) -> str:
    """What the dialog keeps: readable by its person, and made by nobody but us."""
    kept = msgspec.json.encode(Kept(user, once, form.name, form.site, form.before))
    return f"{base64.urlsafe_b64encode(kept).decode()}.{sign(kept, key)}"


def unsealed(state: str, user: str, key: bytes) -> Kept | None:
    """None: we didn't make it, or not for this person."""
    body, _, seal = state.partition(".")
    try:
        kept = base64.urlsafe_b64decode(body.encode())
    except ValueError:
        return None
    if not hmac.compare_digest(sign(kept, key).encode(), seal.encode("utf-8", "replace")):
        return None
    try:
        found = KEPT.of_json(kept)
    except Malformed:
        return None
    return found if found.user == user else None


def sign(kept: bytes, key: bytes) -> str:
    return hmac.new(key, b"dialog " + kept, hashlib.sha256).hexdigest()


def filled(kept: Kept, submission: Mapping[str, Any]) -> Filled:
    """The form that came back; what is no text is nothing."""
    values = {
        name: text[:LONGEST] if isinstance(text, str) else ""
        for name, text in list(submission.items())[:MOST_FIELDS]
        if name in kept.before
    }
    return Filled(kept.form, kept.site, values, kept.before)
