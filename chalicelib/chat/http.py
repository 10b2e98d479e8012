"""What every platform's door gives back."""

from __future__ import annotations

import hashlib
import logging

import msgspec

LONGEST = 200  # characters of a reason; some quote what was sent

log = logging.getLogger(__name__)

Reply = tuple[int, dict[str, str], str]  # status, headers, body


def refuse(status: int, why: str) -> Reply:
    """Refused, with a short reason; what was sent is not logged."""
    log.info("refused: %s", why[:LONGEST])
    return status, {"Content-Type": "text/plain"}, why[:LONGEST]


def json_reply(value: object) -> Reply:
    return 200, {"Content-Type": "application/json"}, msgspec.json.encode(value).decode()


def short(name: str) -> str:
    """A request's name, however long the platform's own is; "" stays ""."""
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:16] if name else ""
