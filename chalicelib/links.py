"""Links that need no key, say what they show, and end.

The signature is over all that a link asks for: nobody can make it ask for more. The key is a
record of its own; another key makes the old links worthless.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from .edges import Records

NOBODYS = secrets.token_bytes(32)  # compared with where there is no key


def signed(key: bytes, asked: Mapping[str, str], until: datetime) -> dict[str, str]:
    """The question with its end, and the signature over both."""
    whole = {**asked, "expires": str(int(until.timestamp()))}
    return {**whole, "signature": signature(key, whole)}


def is_signed(key: bytes, query: Mapping[str, str]) -> bool:
    """Whether we made this link, expired or not; in the same time whatever it is."""
    asked = {name: text for name, text in query.items() if name != "signature"}
    given = query.get("signature", "").encode(errors="replace")
    return hmac.compare_digest(signature(key, asked).encode(), given)


def is_over(query: Mapping[str, str], now: datetime) -> bool:
    """Of a link that we made."""
    return now.timestamp() >= int(query["expires"])


def signature(key: bytes, asked: Mapping[str, str]) -> str:
    text = urlencode(sorted(asked.items()), errors="replace")
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def key_of(records: Records, kind: str, name: str) -> bytes | None:
    """The key for links of a kind; None: there are none. Raises StoreUnavailable."""
    found = records.get(kind, name)
    return bytes.fromhex(found["key"]) if found is not None else None


def key_made(records: Records, kind: str, name: str) -> bytes:
    """The same, made when it is first needed. Raises StoreUnavailable."""
    found = key_of(records, kind, name)
    if found is None:
        records.compare_and_set(kind, name, None, {"key": secrets.token_hex(32)})
        found = key_of(records, kind, name)  # whoever was first
    return found or NOBODYS
