"""What is sent where Slack doesn't take our blocks: it rolls out new ones in phases."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from slack_sdk.errors import SlackApiError

from .errors import reason_of

log = logging.getLogger(__name__)

NO_SUCH_BLOCKS = {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"}
T = TypeVar("T")


def or_text_alone(act: Callable[[dict[str, Any]], T], said: dict[str, Any]) -> T:
    """Send a message; without its blocks if those are what is refused: `text` says it all.

    Raises SlackApiError.
    """
    try:
        return act(said)
    except SlackApiError as error:
        if not said.get("blocks") or reason_of(error) not in NO_SUCH_BLOCKS:
            raise
        log.warning("Slack takes these blocks not: %s", reason_of(error))
    return act({**said, "blocks": []})
