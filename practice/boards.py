"""The board as it stands in each channel, for the page and for tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chalicelib.core.model import Site

from .common.room import Room


def boards(site: Site, rooms: Sequence[Room], link: str) -> dict[str, Any]:
    """Whether the house wants boards, each that stands, and the first of them once more."""
    refs = {one.channel: one.ref for one in site.boards if one.ref}
    standing = [
        shown
        for room in rooms
        if (shown := board_in(room, refs.get(room.channel, ""))) is not None
    ]
    nothing: dict[str, Any] = {"n": None, "text": "", "blocks": [], "pinned": False}
    first = standing[0] if standing else nothing
    return {"on": site.policy.board, "link": link, "boards": standing, **first}


WHAT = ("delete", "unpin")


def change(site: Site, rooms: Sequence[Room], what: str) -> None:
    """Somebody deletes every board, or unpins it."""
    refs = {one.channel: one.ref for one in site.boards if one.ref}
    for room in rooms:
        ref = refs.get(room.channel, "")
        message = room.message(ref) if ref else None
        if message is None or message.deleted:
            continue
        if what == "delete":
            room.delete(ref)
        message.pinned = False


def board_in(room: Room, ref: str) -> dict[str, Any] | None:
    """The message as the channel sees it; None: it has none, or somebody has deleted it."""
    message = room.message(ref) if ref else None
    if message is None or message.deleted:
        return None
    return {
        "platform": room.platform,
        "channel": room.channel,
        "n": message.first,
        "text": message.text,
        "blocks": message.blocks,
        "pinned": message.pinned,
    }
