"""What is wrong with a message or a view, without showing it ("Slack docs: blocks.validate")."""

from __future__ import annotations

import json
import re
from typing import Any

from .blocks import Block, check_charts, read_blocks
from .faults import SlackError
from .views import read_view

Args = dict[str, Any]
_SAID = re.compile(r"\[ERROR\] (.*?)(?: \[json-pointer:(.*)\])?")


def validate(args: Args, *, charts: bool) -> Args:
    """One of three, as JSON; nothing is posted. Raises SlackError."""
    given = {name: args[name] for name in ("blocks", "message", "view") if args.get(name)}
    if len(given) != 1:
        raise SlackError("invalid_arguments")
    ((name, value),) = given.items()
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        raise SlackError("invalid_arguments") from error
    try:
        check(name, found, charts=charts)
    except SlackError as refused:
        raise SlackError(f"invalid_{name}", errors=errors_of(refused)) from refused
    return {}


def check(name: str, value: Any, *, charts: bool) -> None:
    """Raises SlackError."""
    if name == "blocks":
        check_charts(read_blocks(value), taken=charts)
    elif not isinstance(value, dict):
        raise SlackError("invalid_arguments")
    elif name == "view":
        read_view(value, str(value.get("type")))
    else:
        content(value, charts=charts)


def errors_of(refused: SlackError) -> list[dict[str, str]]:
    """What is wrong, and where."""
    said = refused.more.get("response_metadata", {}).get("messages", [f"[ERROR] {refused.error}"])
    found = [_SAID.fullmatch(one) for one in said]
    return [
        {"pointer": one[2] or "", "code": "failed_constraint", "message": one[1]}
        for one in found
        if one is not None
    ]


def content(args: Args, *, charts: bool) -> tuple[str, list[Block]]:
    """Text and blocks of a message. Raises SlackError when there is nothing to read."""
    text, blocks = text_in(args, "text"), read_blocks(args.get("blocks"))
    check_charts(blocks, taken=charts)
    if not text.strip() and not blocks:
        raise SlackError("no_text")
    return text, blocks


def text_in(args: Args, key: str) -> str:
    value = args.get(key, "")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise SlackError("invalid_arguments")
    return value
