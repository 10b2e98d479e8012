"""Links to a meter's figures that need no key, and end.

The signature is over all that the link asks for: nobody can make it ask for more.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

from .keys import Meter

LONGEST = timedelta(days=400)  # a link that a yearly report may hold


def link(base: str, meter: Meter, query: Mapping[str, str], until: datetime) -> str:
    """`BASE/energy?…`, good until then."""
    asked = {**query, "meter": meter.name, "expires": str(int(until.timestamp()))}
    signed = {**asked, "signature": signature(meter, asked)}
    return f"{base.rstrip('/')}/energy?{urlencode(signed)}"


def is_signed(meter: Meter, query: Mapping[str, str]) -> bool:
    """Whether we made this link, expired or not."""
    asked = {name: text for name, text in query.items() if name != "signature"}
    given = query.get("signature", "").encode(errors="replace")
    return hmac.compare_digest(signature(meter, asked).encode(), given)


def is_over(query: Mapping[str, str], now: datetime) -> bool:
    """Of a link that we made."""
    return now.timestamp() >= int(query["expires"])


def signature(meter: Meter, asked: Mapping[str, str]) -> str:
    text = urlencode(sorted(asked.items()))
    return hmac.new(meter.key_for_links(), text.encode(), hashlib.sha256).hexdigest()
