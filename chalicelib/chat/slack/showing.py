"""A message with a chart, or with a file: what Slack draws itself, a picture, or words alone.

Once the words are there no failure matters: said twice is worse than not drawn.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from slack_sdk import WebClient

from chalicelib.chat.drawing import NAME, Draw
from chalicelib.chat.text.format import Words
from chalicelib.edges import MessageRefused, MessengerUnavailable

from .charts import chart_block, table_block
from .files import Attachment, upload
from .markup import SECTION, payload

log = logging.getLogger(__name__)

NOT_TAKEN = ("invalid_blocks", "invalid_blocks_format")  # by a workspace without the new blocks
NO_SCOPE = "missing_scope"  # files:write, which is optional
REMEMBERED = 86_400.0  # real seconds: by then a workspace may have what it lacked
BLOCKS, FILES = "blocks", "files"
Speak = Callable[[str, Callable[[str], str]], str]  # with a workspace's token
Say = Callable[[str, dict[str, Any], str | None], str]  # posts to a target, or edits


class Showing:
    """`client` is for the steps of an upload, which must not take long."""

    def __init__(self, speak: Speak, client: WebClient, draw: Draw) -> None:
        self._speak = speak
        self._client = client
        self._draw = draw
        self._lacking: dict[tuple[str, str], float] = {}  # workspace, what -> believed until

    def show(self, say: Say, team: str, target: str, said: Words) -> str:
        """The message's ref. Raises MessengerUnavailable or MessageRefused: nothing was said."""
        if said.chart is not None and not self._lacks(team, BLOCKS):
            try:
                return say(target, with_charts(said), None)
            except MessageRefused as refused:
                if refused.reason not in NOT_TAKEN:
                    raise
                self._note(team, BLOCKS)
        ref = say(target, payload(said), None)
        if not self._attach(team, ref, said) and said.file is not None:
            self._instead(say, team, ref, said.file.instead)
        return ref

    def _attach(self, team: str, ref: str, said: Words) -> bool:
        """Send the file, or the chart as a picture, after what was said; whether it is there."""
        if self._lacks(team, FILES):
            return False
        file, channel = self._attachment(said), ref.partition("/")[0]
        if file is None:
            return False
        try:
            self._speak(team, lambda token: upload(self._client, token, channel, file))
        except (MessengerUnavailable, MessageRefused) as fault:
            log.warning("%s: a file was not sent: %s", team, fault)
            if str(fault) == NO_SCOPE:
                self._note(team, FILES)
            return False
        return True

    def _attachment(self, said: Words) -> Attachment | None:
        """None: there is nothing to send, or nobody who draws it."""
        if said.file is not None:
            return Attachment(said.file.name, said.file.text.encode(), said.file.title)
        picture = self._draw(said.chart) if said.chart is not None else None
        if said.chart is None or picture is None:
            return None
        return Attachment(NAME, picture, said.chart.title, said.chart.alt)

    @staticmethod
    def _instead(say: Say, team: str, ref: str, text: str) -> None:
        """Whoever waits for a file hears that there is none."""
        try:
            say("", payload(Words(text)), ref)
        except (MessengerUnavailable, MessageRefused) as fault:
            log.warning("%s: nobody could be told that there is no file: %s", team, fault)

    def _lacks(self, team: str, what: str) -> bool:
        return self._lacking.get((team, what), 0.0) > time.monotonic()

    def _note(self, team: str, what: str) -> None:
        self._lacking[team, what] = time.monotonic() + REMEMBERED


def with_charts(words: Words) -> dict[str, Any]:
    """The words, and under them the chart and the table."""
    said = payload(words)
    section = {"type": "section", "text": {"type": "mrkdwn", "text": said["text"][:SECTION]}}
    charts = [chart_block(words.chart)] if words.chart is not None else []
    tables = [table_block(words.table)] if words.table is not None else []
    return {**said, "blocks": [section, *charts, *tables]}
