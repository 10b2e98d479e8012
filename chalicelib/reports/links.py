"""Links to a site's report that need no key, and end.

The signature is over all that the link asks for: nobody can make it ask for another site.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from chalicelib.edges import Records

KIND = "report link"  # the record of a site's key


def key_of(records: Records, site_id: str) -> bytes:
    """The site's key for links, made when it is first needed. Raises StoreUnavailable."""
    found = records.get(KIND, site_id)
    if found is None:
        records.compare_and_set(KIND, site_id, None, {"key": secrets.token_hex(32)})
        found = records.get(KIND, site_id)  # whoever was first
    return bytes.fromhex(found["key"]) if found is not None else b""


def link(base: str, key: bytes, query: Mapping[str, str], until: datetime) -> str:
    """`BASE/report?…`, good until then."""
    asked = {**query, "expires": str(int(until.timestamp()))}
    return f"{base.rstrip('/')}/report?{urlencode({**asked, 'signature': signature(key, asked)})}"


def is_signed(key: bytes, query: Mapping[str, str]) -> bool:
    """Whether we made this link, expired or not."""
    asked = {name: text for name, text in query.items() if name != "signature"}
    given = query.get("signature", "").encode(errors="replace")
    return hmac.compare_digest(signature(key, asked).encode(), given)


def is_over(query: Mapping[str, str], now: datetime) -> bool:
    """Of a link that we made."""
    return now.timestamp() >= int(query["expires"])


def signature(key: bytes, asked: Mapping[str, str]) -> str:
    text = urlencode(sorted(asked.items()), errors="replace")
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
