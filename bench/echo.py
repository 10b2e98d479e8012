"""What the way from an event to a message is measured against: each message, said again.

    python -m bench.echo KEY PASSWORD

slixmpp at one end, one open HTTP connection at the other, nothing decided between them.
Where both are is in the environment, as it is for the concierge.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import sys
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from bot.networks.chargepoint.xmpp import Account, Client


class Echo:
    """Posts what it hears to `TO`, a channel of the Slack stand-in."""

    def __init__(self) -> None:
        self._api = urlsplit(os.environ["SLACK_API_URL"])
        self._slack = HTTPConnection(self._api.netloc)
        self._headers = {
            "Authorization": f"Bearer {os.environ['SLACK_BOT_TOKEN']}",
            "Content-Type": "application/json; charset=utf-8",
        }

    def hear(self, message: Any) -> None:
        said = json.dumps({"channel": os.environ["TO"], "text": message["body"]})
        self._slack.request("POST", f"{self._api.path}chat.postMessage", said, self._headers)
        self._slack.getresponse().read()


async def listen(key: str, password: str) -> None:
    host, _, port = os.environ["CHARGEPOINT_XMPP"].rpartition(":")
    trust = ssl.create_default_context(cafile=os.environ["CHARGEPOINT_XMPP_CA"])
    domain = os.environ["CHARGEPOINT_XMPP_DOMAIN"]
    client = Client(Account(host, int(port), key, password, domain=domain, trust=trust), Echo().hear)  # fmt: skip
    await client.open(10)
    print("listening", flush=True)
    while await client.lives(60, 10):
        pass


if __name__ == "__main__":
    asyncio.run(listen(*sys.argv[1:]))
