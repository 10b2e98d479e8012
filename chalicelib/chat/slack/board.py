"""A board as Slack shows it: blocks of plain text, and the same whole in `text`.

Nothing but sections and context: they are read aloud, fold on a phone, and need no newer
client. Slack's limits are kept by `text/board.py`, which shows so many ports and people.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from chalicelib.chat.text.board import BoardWords, board, view_of
from chalicelib.chat.text.format import Speech
from chalicelib.chat.text.wording import Words
from chalicelib.core.effects import BoardPost
from chalicelib.core.model import Site

from .errors import UNREACHABLE, reason_of
from .fallback import or_text_alone
from .markup import SECTION, SlackMarkup, payload

log = logging.getLogger(__name__)

MOST = 12_000  # characters over all blocks (13,200 are too many: slackapi/bolt-js #2509)


def board_payload(post: BoardPost, words: Words, site: Site) -> dict[str, Any]:
    """`words`, which say it all, and the same in blocks; one that is off is text alone."""
    said = payload(words)
    seen = None if post.off else view_of(site)
    if seen is not None:
        speech = Speech(site, SlackMarkup())
        said["blocks"] = list(bounded(blocks(board(speech, seen), speech)))
    return said


def blocks(words: BoardWords, s: Speech) -> Iterator[dict[str, Any]]:
    yield from sections((s.markup.bold(words.title), *words.ports))
    yield {"type": "divider"}
    yield from sections(words.line)
    notes = "\n".join(words.notes)
    yield {"type": "context", "elements": [{"type": "mrkdwn", "text": notes[:SECTION]}]}


def sections(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """As many as it takes, each of whole lines."""
    text = ""
    for line in lines:
        if text and len(text) + len(line) + 1 > SECTION:
            yield section(text)
            text = ""
        text = f"{text}\n{line}" if text else line[:SECTION]
    yield section(text)


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def bounded(parts: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """No more than Slack takes in all; `text` is bounded by itself."""
    left = MOST
    for part in parts:
        left -= len(str(part))
        if left < 0:
            return
        yield part


def show(
    client: WebClient,
    token: str,
    channel: str,
    said: dict[str, Any],
    edits: str | None,
    *,
    off: bool,
) -> str:
    """Post the board, pinned where we may, or edit it; its ref, `CHANNEL/TS`.

    Raises SlackApiError: also when there is nothing left to edit, for then it is to be made anew.
    """
    if edits is not None:
        place, _, ts = edits.partition("/")
        or_text_alone(
            lambda this: client.chat_update(channel=place, ts=ts, token=token, **this), said
        )
        if off:
            pin(client, token, place, ts, is_on=False)
        return edits
    done: Any = or_text_alone(
        lambda this: client.chat_postMessage(channel=channel, token=token, **this).data, said
    )
    pin(client, token, done["channel"], done["ts"], is_on=True)
    return f"{done['channel']}/{done['ts']}"


def pin(client: WebClient, token: str, channel: str, ts: str, *, is_on: bool) -> None:
    """Where we may (the scope `pins:write` is optional), and if it fails the board stands all the
    same: to try again would be to post it twice.
    """
    act = client.pins_add if is_on else client.pins_remove
    try:
        act(channel=channel, timestamp=ts, token=token)
    except SlackApiError as error:
        log.info("the board isn't pinned: %s", reason_of(error))
    except (*UNREACHABLE, SlackClientError, ValueError, LookupError, AttributeError):
        log.info("the board isn't pinned: no answer")
