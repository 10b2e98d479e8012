"""How AWS wants a request signed (AWS docs: Signature Version 4)."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

ALGORITHM = "AWS4-HMAC-SHA256"


class Keys(NamedTuple):
    """Who asks. `token` belongs to keys that end."""

    key: str
    secret: str
    token: str = ""

    def __repr__(self) -> str:
        return f"Keys({self.key!r})"


def signed(
    keys: Keys, region: str, service: str, path: str, headers: Mapping[str, str], body: bytes
) -> dict[str, str]:
    """The headers that a POST must have besides these, which have small letters."""
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    more = {"x-amz-date": now} | ({"x-amz-security-token": keys.token} if keys.token else {})
    every = sorted({**headers, **more}.items())
    names = ";".join(name for name, _ in every)
    lines = "".join(f"{name}:{text}\n" for name, text in every)
    asked = f"POST\n{path}\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{now[:8]}/{region}/{service}/aws4_request"
    to_sign = f"{ALGORITHM}\n{now}\n{scope}\n{hashlib.sha256(asked.encode()).hexdigest()}"
    key = day_key(keys.secret, now[:8], region, service)
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    proof = f"{ALGORITHM} Credential={keys.key}/{scope}, SignedHeaders={names}, Signature={signature}"  # fmt: skip
    return {**more, "authorization": proof}


@lru_cache(maxsize=8)
def day_key(secret: str, day: str, region: str, service: str) -> bytes:
    """The key for one day, one region and one service."""
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
