"""Slack's views: forms as modals, and what comes back of them (Slack docs: reference/views).

Plain dicts: the SDK's classes know less than Slack does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from chalicelib.chat.forms import LONGEST, MOST_FIELDS, Field, Filled, Form, Kind
from chalicelib.chat.text.home import Part
from chalicelib.chat.text.wording import Words
from chalicelib.core.answers import FormName
from chalicelib.shapes import Malformed, Shape

from .markup import SECTION, button, plain

View = dict[str, Any]
JOIN_LINE = "join_line"  # the shortcut's callback_id, as the manifest calls it
PREFIX = "form_"  # of a form's callback_id
VALUE = "value"  # the action_id of each field; its block_id is the field's name
ERROR = 250  # characters of an error; Slack shows about so many


class Kept(msgspec.Struct):
    """What a modal keeps for us: its site, and what it said when it was opened."""

    site: str
    before: dict[str, str] = {}


KEPT: Shape[Kept] = Shape(Kept)


def modal(form: Form) -> View:
    """A form as it is opened."""
    kept = {"site": form.site, "before": form.before}
    return {
        "type": "modal",
        "callback_id": f"{PREFIX}{form.name}",
        "private_metadata": msgspec.json.encode(kept).decode(),
        "title": plain(form.title),
        "submit": plain(form.submit),
        "close": plain("Cancel"),
        "blocks": [*section(form.intro), *map(input_block, form.fields)],
    }


def said(title: str, words: Words) -> View:
    """In the place of a form that was sent: what came of it."""
    return {
        "type": "modal",
        "title": plain(title),
        "close": plain("Close"),
        "blocks": section(words.text),
    }


def section(text: str) -> list[dict[str, Any]]:
    return (
        [{"type": "section", "text": {"type": "mrkdwn", "text": text[:SECTION]}}] if text else []
    )


def input_block(field: Field) -> dict[str, Any]:
    block: dict[str, Any] = {
        "type": "input",
        "block_id": field.name,
        "label": plain(field.label),
        "optional": not field.needed,
        "element": {**element(field), "action_id": VALUE},
    }
    return block | ({"hint": plain(field.hint)} if field.hint else {})


def element(field: Field) -> dict[str, Any]:
    first: dict[str, Any]
    match field.kind:
        case Kind.TIME:
            first = {"initial_time": field.value} if field.value else {}
            return {"type": "timepicker", **first}
        case Kind.CHOICE:
            options = [{"text": plain(label), "value": value} for value, label in field.choices]
            chosen = [one for one in options if one["value"] == field.value]
            first = {"initial_option": chosen[0]} if chosen else {}
            return {"type": "static_select", "options": options, **first}
        case Kind.TEXT:
            first = {"initial_value": field.value} if field.value else {}
            shown = {"placeholder": plain(field.example)} if field.example else {}
            return {"type": "plain_text_input", "max_length": LONGEST, **first, **shown}


def filled(view: View) -> Filled | None:
    """A modal that was sent; None: it isn't one of ours."""
    try:
        name = FormName(view["callback_id"].removeprefix(PREFIX))
        kept = KEPT.of_json(view["private_metadata"])
    except (ValueError, Malformed):
        return None
    fields = list(view["state"]["values"].items())[:MOST_FIELDS]
    values = {block: value_of(state.get(VALUE)) for block, state in fields}
    return Filled(name, kept.site, values, kept.before)


def value_of(state: dict[str, Any] | None) -> str:
    """What stands in one field; a field that nobody touched has no value."""
    state = state or {}
    option = state.get("selected_option")
    chosen = option.get("value") if isinstance(option, dict) else None
    found = state.get("value") or state.get("selected_time") or chosen or ""
    return found[:LONGEST] if isinstance(found, str) else ""


def errors(found: Mapping[str, str]) -> dict[str, Any]:
    """The form stays open, and says what is wrong with which field."""
    short = {name: text[:ERROR] for name, text in found.items()}
    return {"response_action": "errors", "errors": short}


# --- the Home tab -----------------------------------------------------------------------------

MOST_BLOCKS = 100


def home(parts: Sequence[Part], site: str) -> View:
    """The page; it remembers which site it shows."""
    blocks = [block for part in parts for block in part_blocks(part)]
    return {"type": "home", "private_metadata": site, "blocks": blocks[:MOST_BLOCKS]}


def part_blocks(part: Part) -> Iterator[dict[str, Any]]:
    if part.title:
        yield {"type": "header", "text": plain(part.title)}
    for text in chunks(part.text):
        yield from section(text)
    if part.buttons:
        yield {"type": "actions", "elements": [button(one) for one in part.buttons]}


def chunks(text: str) -> Iterator[str]:
    """In whole lines, each as long as a section may be."""
    chunk = ""
    for line in text.split("\n"):
        if chunk and len(chunk) + 1 + len(line) > SECTION:
            yield chunk
            chunk = ""
        chunk = f"{chunk}\n{line}" if chunk else line[:SECTION]
    if chunk:
        yield chunk
