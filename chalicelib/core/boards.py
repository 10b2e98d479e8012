"""Where a board stands, and what goes without saying there."""

from __future__ import annotations

from typing import Protocol

from . import ways
from .answers import PUBLIC, Added, Answer
from .model import Policy

BOARD = "/board"  # after a channel's address: its board, which nothing else waits for


class House(Protocol):
    """What may have boards: a site, or one in the making."""

    @property
    def policy(self) -> Policy: ...

    @property
    def refused(self) -> dict[str, str]: ...


def board_of(channel: str) -> str:
    """The address of a channel's board."""
    return f"{channel}{BOARD}"


def has_board(house: House, channel: str) -> bool:
    """The channel shows what ports do by edits: where the house wants it, and the platform can."""
    can = house.policy.board and ways.can_edit(channel)
    return can and board_of(channel) not in house.refused


def is_public(house: House, answer: Answer, channel: str) -> bool:
    """Everybody in the channel (or a thread in it) hears it: but for who joins the line, where
    the board says so.
    """
    if isinstance(answer, Added) and has_board(house, channel.partition("/")[0]):
        return False
    return isinstance(answer, PUBLIC)
