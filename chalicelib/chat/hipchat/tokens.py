"""Who sent a request of HipChat's: its JSON Web Token (HipChat docs: authenticating requests).

The documents disagree about where it sits, the header or the query, so both will do. It
doesn't cover the body: what both say must agree. A browser gets such a token, too, for the
glance, in the name of its own person: so what a webhook says of its author must agree as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import jwt
from jwt.types import Options

from chalicelib.values import dataclass

from .installations import Installation, Installs

LONGEST_ID = 200  # characters of what a token names
LONGEST_TOKEN = 10_000  # characters; HipChat's have some hundreds
LEEWAY = timedelta(seconds=60)  # clocks differ
USED = "hipchat-jwt"
# Ids are numbers or texts, depending on the server's age; PyJWT wants texts.
CHECKS: Options = {
    "require": ["exp", "iss"],
    "verify_sub": False,
    "verify_jti": False,
    "verify_aud": False,
}


UNREADABLE = (jwt.PyJWTError, ValueError, OverflowError, RecursionError, TypeError)


class NotProven(Exception):
    """Not sent by a server that we know; or sent before."""


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """What a token says: for which installation, who ("" when it doesn't), in which room."""

    installation: Installation
    user: str
    room: str
    jti: str


def token_of(headers: Mapping[str, str], signed: str) -> str:
    """From `Authorization: JWT …`, or from the query's `signed_request`."""
    found = {name.lower(): value for name, value in headers.items()}
    scheme, _, token = found.get("authorization", "").partition(" ")
    return token.strip() if scheme.upper() == "JWT" else signed


def verify(installs: Installs, token: str) -> VerifiedToken:
    """Raises NotProven or StoreUnavailable."""
    installation = installs.find(issuer(token))
    if installation is None:
        raise NotProven("an installation that I don't know")
    try:
        claims = jwt.decode(
            token, installation.secret, algorithms=["HS256"], leeway=LEEWAY, options=CHECKS
        )
    except UNREADABLE as error:
        raise NotProven("not signed by HipChat, or too old") from error
    context = claims.get("context")
    room = context.get("room_id") if isinstance(context, dict) else None
    return VerifiedToken(
        installation, text(claims.get("sub")), text(room), text(claims.get("jti"))
    )


def consume(installs: Installs, proof: VerifiedToken) -> None:
    """A token does one thing. Raises NotProven when it has, or StoreUnavailable."""
    if not proof.jti:
        return
    key = f"{proof.installation.oauth_id}:{proof.jti[:LONGEST_ID]}"
    if not installs.records.compare_and_set(
        USED, key, None, {"used": True}, ttl=timedelta(hours=1)
    ):
        raise NotProven("sent before")


def issuer(token: str) -> str:
    """Who the token says it is from, not proven yet. Raises NotProven."""
    if len(token) > LONGEST_TOKEN:
        raise NotProven("no token")
    try:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except UNREADABLE as error:
        raise NotProven("no token") from error
    found = claims.get("iss")
    if not isinstance(found, str) or not 0 < len(found) <= LONGEST_ID or not is_unicode(found):
        raise NotProven("no issuer")
    return found


def text(value: object) -> str:
    """An id, whether a number or a text; "" for anything else."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**LONGEST_ID:
        return str(value)
    return value if isinstance(value, str) and is_unicode(value) else ""


def is_unicode(value: str) -> bool:
    """JSON can name halves of characters, which no store and no answer can hold."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
