"""What Slack checks in a message before it takes it.

The numbers are those of "Slack docs: Block Kit reference" and of the SDK's models, but for
the sum over all blocks, which Slack does not document (slackapi/bolt-js #2509).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from .faults import SlackError

Block = dict[str, Any]

MOST_BLOCKS, MOST_IN_VIEW = 50, 100
MOST_CHARACTERS = 13_200  # over all blocks together
LONGEST_ID = 255  # action_id and block_id


def read_blocks(given: object) -> list[Block]:
    """A message's blocks as the app sent them (a list, or JSON text in a form), checked.

    Each block and button without an id gets one, as Slack gives it. Raises SlackError.
    """
    if given in (None, "", []):
        return []
    blocks = _checked(_parse(given), MOST_BLOCKS, _CHECKS, "/blocks")
    if sum(len(text) for block in blocks for text in texts(block)) > MOST_CHARACTERS:
        raise SlackError("msg_blocks_too_long")
    return blocks


def read_view_blocks(given: object) -> list[Block]:
    """The same of a view: more of them, inputs too, and no markdown. Raises SlackError."""
    blocks = _parse(given)
    if not blocks:
        raise invalid("must have at least 1 item [json-pointer:/view/blocks]")
    return _checked(blocks, MOST_IN_VIEW, _IN_VIEWS, "/view/blocks")


def _checked(
    blocks: list[Block], most: int, checks: dict[str, Callable[[Block, str], None]], at: str
) -> list[Block]:
    if len(blocks) > most:
        raise invalid(f"no more than {most} items allowed [json-pointer:{at}]")
    for n, block in enumerate(blocks):
        _check_block(block, f"{at}/{n}", checks)
    _name(blocks)
    _unique((block["block_id"] for block in blocks), "block_id", at)
    return blocks


def buttons(blocks: list[Block]) -> Iterator[tuple[Block, Block]]:
    """Every button, with the block it stands in."""
    for block in blocks:
        for element in [*block.get("elements", ()), block.get("accessory") or {}]:
            if element.get("type") == "button":
                yield block, element


def find_button(blocks: list[Block], action: str) -> tuple[Block, Block]:
    """By id before label; with its block. Raises LookupError."""
    there = list(buttons(blocks))
    for block, button in there:
        if button["action_id"] == action:
            return block, button
    for block, button in there:
        if button["text"]["text"] == action:
            return block, button
    known = ", ".join(f"{button['action_id']} ({button['text']['text']})" for _, button in there)
    raise LookupError(f"no button {action!r} there: {known or 'it has none'}")


def texts(part: object) -> Iterator[str]:
    """Every text that a reader sees in a block or in a part of one."""
    if isinstance(part, list):
        for each in part:
            yield from texts(each)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key in {"text", "alt_text"} and isinstance(value, str):
                yield value
            elif isinstance(value, dict | list):
                yield from texts(value)


def invalid(why: str) -> SlackError:
    """`invalid_blocks`, with Slack's hint at which."""
    return SlackError("invalid_blocks", response_metadata={"messages": [f"[ERROR] {why}"]})


def _parse(given: object) -> list[Block]:
    try:
        blocks = json.loads(given) if isinstance(given, str) else json.loads(json.dumps(given))
    except (ValueError, RecursionError) as error:
        raise SlackError("invalid_blocks_format") from error
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise SlackError("invalid_blocks_format")
    return blocks


def _check_block(block: Block, at: str, checks: dict[str, Callable[[Block, str], None]]) -> None:
    kind = block.get("type")
    check = checks.get(kind) if isinstance(kind, str) else None
    if check is None:
        raise invalid(f"unsupported type: {kind} [json-pointer:{at}/type]")
    _check_id(block, "block_id", at)
    check(block, at)


def _check_section(block: Block, at: str) -> None:
    fields = block.get("fields")
    if block.get("text") is None and not fields:
        raise invalid(f"must have text or fields [json-pointer:{at}]")
    if block.get("text") is not None:
        check_text(block["text"], 3_000, f"{at}/text")
    for n, field in enumerate(_listed(fields, 10, f"{at}/fields") if fields is not None else ()):
        check_text(field, 2_000, f"{at}/fields/{n}")
    if block.get("accessory") is not None:
        _check_element(block["accessory"], f"{at}/accessory")


def _check_header(block: Block, at: str) -> None:
    check_text(block.get("text"), 150, f"{at}/text", kinds=("plain_text",))


def _check_context(block: Block, at: str) -> None:
    for n, element in enumerate(_listed(block.get("elements"), 10, f"{at}/elements")):
        if isinstance(element, dict) and element.get("type") == "image":
            _check_image(element, f"{at}/elements/{n}")
        else:
            check_text(element, 3_000, f"{at}/elements/{n}")


def _check_actions(block: Block, at: str) -> None:
    elements = _listed(block.get("elements"), 25, f"{at}/elements")
    for n, element in enumerate(elements):
        _check_element(element, f"{at}/elements/{n}")
    named = (element["action_id"] for element in elements if element.get("action_id"))
    _unique(named, "action_id", f"{at}/elements")


def _check_image(block: Block, at: str) -> None:
    _check_string(block.get("image_url"), 3_000, f"{at}/image_url")
    _check_string(block.get("alt_text"), 2_000, f"{at}/alt_text")


def _check_nothing(block: Block, at: str) -> None:
    """A divider has no parts."""


def _check_markdown(block: Block, at: str) -> None:
    _check_string(block.get("text"), 12_000, f"{at}/text")


CHARTS = ("data_visualization", "data_table")  # came in 2026, workspace by workspace
MOST_CHARTS = 2


def _check_chart(block: Block, at: str) -> None:
    """Slack docs: data visualization block. Not its pies: the concierge bakes none."""
    _check_string(block.get("title"), 50, f"{at}/title")
    chart = block.get("chart")
    if not isinstance(chart, dict) or chart.get("type") not in ("bar", "line", "area"):
        raise invalid(f"must be a bar, line or area chart here [json-pointer:{at}/chart]")
    axes = chart.get("axis_config")
    if not isinstance(axes, dict):
        raise invalid(f"missing required field: axis_config [json-pointer:{at}/chart]")
    categories = _listed(axes.get("categories"), 20, f"{at}/chart/axis_config/categories")
    for n, label in enumerate(categories):
        _check_string(label, 20, f"{at}/chart/axis_config/categories/{n}")
    for key in ("x_label", "y_label"):
        if axes.get(key) is not None:
            _check_string(axes[key], 50, f"{at}/chart/axis_config/{key}")
    series = _listed(chart.get("series"), 6, f"{at}/chart/series")
    for n, one in enumerate(series):
        _check_series(one, categories, f"{at}/chart/series/{n}")
    _unique((one["name"] for one in series), "name", f"{at}/chart/series")


def _check_series(one: object, categories: list[Any], at: str) -> None:
    """A value, which is a number, for each category, and no others."""
    if not isinstance(one, dict):
        raise invalid(f"must be an object [json-pointer:{at}]")
    _check_string(one.get("name"), 50, f"{at}/name")
    data = _listed(one.get("data"), 20, f"{at}/data")
    for n, point in enumerate(data):
        value = point.get("value") if isinstance(point, dict) else None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise invalid(f"must be a number [json-pointer:{at}/data/{n}/value]")
    if [point.get("label") for point in data] != categories:
        raise invalid(f"labels must match the categories [json-pointer:{at}/data]")


def _check_table(block: Block, at: str) -> None:
    """Slack docs: data table block."""
    _check_string(block.get("caption"), 3_000, f"{at}/caption")
    rows = _listed(block.get("rows"), 101, f"{at}/rows")
    if len(rows) < 2:
        raise invalid(f"must have a header and at least 1 row [json-pointer:{at}/rows]")
    width = len(_listed(rows[0], 20, f"{at}/rows/0"))
    for n, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != width:
            raise invalid(f"every row has as many cells [json-pointer:{at}/rows/{n}]")
        for m, cell in enumerate(row):
            if not isinstance(cell, dict) or cell.get("type") not in ("raw_text", "raw_number"):
                raise invalid(f"must be raw_text or raw_number [json-pointer:{at}/rows/{n}/{m}]")
            if cell["type"] == "raw_text":
                _check_string(cell.get("text"), 3_000, f"{at}/rows/{n}/{m}/text")
    for key, least, most in (("page_size", 1, 100), ("row_header_column_index", 0, width - 1)):
        number = block.get(key, least)
        if isinstance(number, bool) or not isinstance(number, int) or not least <= number <= most:
            raise invalid(f"must be {least} to {most} [json-pointer:{at}/{key}]")


def check_charts(blocks: list[Block], *, taken: bool) -> None:
    """A message has two charts at most; a workspace without them takes none. Raises SlackError."""
    for at, block in enumerate(blocks):
        if block["type"] in CHARTS and not taken:
            raise invalid(f"unsupported type: {block['type']} [json-pointer:/blocks/{at}/type]")
    if sum(block["type"] == CHARTS[0] for block in blocks) > MOST_CHARTS:
        raise invalid(f"no more than {MOST_CHARTS} charts [json-pointer:/blocks]")


_CHECKS: dict[str, Callable[[Block, str], None]] = {
    "section": _check_section,
    "header": _check_header,
    "context": _check_context,
    "actions": _check_actions,
    "image": _check_image,
    "divider": _check_nothing,
    "markdown": _check_markdown,
    "data_visualization": _check_chart,
    "data_table": _check_table,
}


def _check_input(block: Block, at: str) -> None:
    """A field of a form ("Slack docs: block-kit/blocks/input-block")."""
    check_text(block.get("label"), 2_000, f"{at}/label", kinds=("plain_text",))
    if block.get("hint") is not None:
        check_text(block["hint"], 2_000, f"{at}/hint", kinds=("plain_text",))
    element = block.get("element")
    kind = element.get("type") if isinstance(element, dict) else None
    check = _FIELDS.get(kind) if isinstance(kind, str) else None
    if check is None or not isinstance(element, dict):
        raise invalid(f"unsupported element: {kind} [json-pointer:{at}/element]")
    _check_id(element, "action_id", f"{at}/element")
    element["action_id"] = element.get("action_id") or "a0"
    if element.get("placeholder") is not None:
        check_text(element["placeholder"], 150, f"{at}/element/placeholder", kinds=("plain_text",))
    check(element, f"{at}/element")


def _check_field_text(element: Block, at: str) -> None:
    most = element.get("max_length", 3_000)
    if not isinstance(most, int) or not 1 <= most <= 3_000:
        raise invalid(f"max_length is 1 to 3000 [json-pointer:{at}/max_length]")
    if element.get("initial_value") is not None:
        _check_string(element["initial_value"], most, f"{at}/initial_value")


def _check_field_time(element: Block, at: str) -> None:
    first = element.get("initial_time")
    if first is not None and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", str(first)):
        raise invalid(f"must be HH:mm [json-pointer:{at}/initial_time]")


def _check_field_choice(element: Block, at: str) -> None:
    options = _listed(element.get("options"), 100, f"{at}/options")
    for n, option in enumerate(options):
        check_text(option.get("text"), 75, f"{at}/options/{n}/text", kinds=("plain_text",))
        _check_string(option.get("value"), 150, f"{at}/options/{n}/value")
    first = element.get("initial_option")
    if first is not None and first not in options:
        raise invalid(f"must be one of the options [json-pointer:{at}/initial_option]")


_FIELDS: dict[str, Callable[[Block, str], None]] = {
    "plain_text_input": _check_field_text,
    "timepicker": _check_field_time,
    "static_select": _check_field_choice,
}
_IN_VIEWS = {
    name: check for name, check in _CHECKS.items() if name not in ("markdown", *CHARTS)
} | {"input": _check_input}


def _check_element(element: object, at: str) -> None:
    """Only buttons: the concierge uses no other interactive part."""
    if not isinstance(element, dict) or element.get("type") != "button":
        raise invalid(f"unsupported element, only buttons here [json-pointer:{at}]")
    check_text(element.get("text"), 75, f"{at}/text", kinds=("plain_text",))
    _check_id(element, "action_id", at)
    for key, most in (("value", 2_000), ("url", 3_000), ("accessibility_label", 75)):
        if element.get(key) is not None:
            _check_string(element[key], most, f"{at}/{key}")
    if element.get("style") not in (None, "primary", "danger"):
        raise invalid(f"style is primary or danger [json-pointer:{at}/style]")
    if element.get("confirm") is not None:
        _check_confirm(element["confirm"], f"{at}/confirm")


def _check_confirm(confirm: object, at: str) -> None:
    if not isinstance(confirm, dict):
        raise invalid(f"must be an object [json-pointer:{at}]")
    for key, most in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
        check_text(confirm.get(key), most, f"{at}/{key}")


def check_text(
    text: object, most: int, at: str, kinds: tuple[str, ...] = ("mrkdwn", "plain_text")
) -> None:
    if not isinstance(text, dict) or text.get("type") not in kinds:
        raise invalid(f"must be a text object, {' or '.join(kinds)} [json-pointer:{at}]")
    _check_string(text.get("text"), most, f"{at}/text")


def _check_string(text: object, most: int, at: str) -> None:
    if not isinstance(text, str) or not text:
        raise invalid(f"must be a text of at least 1 character [json-pointer:{at}]")
    if len(text) > most:
        raise invalid(f"must be less than {most + 1} characters [json-pointer:{at}]")


def _check_id(part: Block, key: str, at: str) -> None:
    if part.get(key) not in (None, ""):
        _check_string(part[key], LONGEST_ID, f"{at}/{key}")


def _listed(elements: object, most: int, at: str) -> list[Any]:
    if not isinstance(elements, list) or not 1 <= len(elements) <= most:
        raise invalid(f"must be a list of 1 to {most} items [json-pointer:{at}]")
    return elements


def _unique(ids: Iterator[str], key: str, at: str) -> None:
    seen: set[str] = set()
    for each in ids:
        if each in seen:
            raise invalid(f"`{key}` {each} already exists [json-pointer:{at}]")
        seen.add(each)


def _name(blocks: list[Block]) -> None:
    for at, block in enumerate(blocks):
        block["block_id"] = block.get("block_id") or f"b{at}"
    for at, (_, button) in enumerate(buttons(blocks)):
        button["action_id"] = button.get("action_id") or f"a{at}"
