"""Whether the event feed lets us in: for the operator's check-up."""

from __future__ import annotations

import asyncio

from .xmpp import Account, Client, check_login


class _Caller(Client):
    """Looks in without being present: whoever is present gets events meant for the listener."""

    def send_presence(self, *_: object, **__: object) -> None:
        pass


def probe(account: Account, within: float = 10.0) -> None:
    """Log in, and leave. Raises NetworkUnavailable or NetworkRefused."""
    asyncio.run(_call(account, within))


async def _call(account: Account, within: float) -> None:
    check_login(account)
    client = _Caller(account, lambda _message: None)
    try:
        await client.open(within)
        await client.disconnect(0.5)
    finally:
        client.abort()
