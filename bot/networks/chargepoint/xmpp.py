"""One XMPP connection to the event feed, from its opening to its end.

slixmpp doesn't reconnect after an abort, has no deadline for a session to start, and hangs
when it reconnects into a stalled path (observed, slixmpp 1.17). So a client here is used
once, on a loop of its own, and there is a deadline for everything it waits for.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import slixmpp
from slixmpp.exceptions import IqTimeout
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

from chalicelib.edges import NetworkRefused, NetworkUnavailable

from . import markup

DOMAIN = "webservice.chargepointportal.net"  # seen in 2019
LARGEST = 1024 * 1024  # bytes of a message; one with an event has about 700
# It would write every stanza at DEBUG, the login among them; what matters we say ourselves.
logging.getLogger("slixmpp").setLevel(logging.CRITICAL)

Tls = Literal["starttls", "direct", "none"]


@dataclass(frozen=True, slots=True)
class Account:
    """Where the feed is, and who we are there: the API key and the API password.

    The port and the TLS mode are undocumented. With TLS, `trust` decides who may vouch for
    the server, whose certificate must be `domain`'s; there is no login before that.
    """

    host: str
    port: int
    key: str = field(repr=False)
    password: str = field(repr=False)
    tls: Tls = "starttls"
    domain: str = DOMAIN
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)


def check_login(account: Account) -> None:
    """Raises NetworkRefused where the key or the password can't be sent; without showing them."""
    try:
        slixmpp.JID(f"{account.key}@{account.domain}")
        fits = not markup.is_unfit(account.password)
    except slixmpp.InvalidJID:
        fits = False
    if not fits:
        raise NetworkRefused(
            "the API key or the API password holds a character that can't be sent: set it again, "
            "as ChargePoint shows it"
        )


class Client(slixmpp.ClientXMPP):
    """A connection that has still to be opened; `hear` gets every message, on the loop.

    Its account has passed `check_login`.
    """

    def __init__(self, account: Account, hear: Callable[[Any], None]) -> None:
        bare = account.tls == "none"
        super().__init__(
            f"{account.key}@{account.domain}",
            account.password,
            plugin_config={
                "feature_mechanisms": {"unencrypted_scram": bare, "unencrypted_plain": bare}
            },
            ssl_context=account.trust,
        )
        self._address = account.host, account.port
        self._hear = hear
        self._received = 0  # bytes since the last message or ping
        self._began: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._ended: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.enable_direct_tls = account.tls == "direct"
        self.enable_starttls = account.tls == "starttls"
        self.enable_plaintext = bare
        self.register_plugin("xep_0199")
        # Any message: slixmpp's own event leaves out those without a body.
        self.register_handler(Callback("feed", MatchXPath("{jabber:client}message"), self._take))
        self.add_event_handler("session_start", self._session)
        self.add_event_handler("failed_all_auth", self._refused)
        self.add_event_handler("ssl_invalid_chain", self._untrusted)
        self.add_event_handler("connection_failed", self._lost)
        self.add_event_handler("disconnected", self._lost)

    async def open(self, within: float) -> bool:
        """Connect and log in; false if we hung up meanwhile.

        Raises NetworkUnavailable or NetworkRefused.
        """
        self.connect(*self._address)
        first = asyncio.FIRST_COMPLETED
        await asyncio.wait((self._began, self._ended), timeout=within, return_when=first)
        if self._has_ended():
            return False
        if not self._began.done():
            raise NetworkUnavailable(f"no session within {within:g} s")
        self.send_presence()  # whoever isn't present gets no messages
        return True

    async def lives(self, pause: float, within: float) -> bool:
        """Wait, then ping the server; false once we hung up. Raises NetworkUnavailable."""
        await asyncio.wait((self._ended,), timeout=pause)
        if self._has_ended():
            return False
        ping = asyncio.ensure_future(self.plugin["xep_0199"].ping(timeout=within))
        await asyncio.wait((self._ended, ping), return_when=asyncio.FIRST_COMPLETED)
        if self._has_ended():
            return False
        try:
            await ping
        except IqTimeout as silence:
            raise NetworkUnavailable(f"no answer to a ping within {within:g} s") from silence
        self._received = 0
        return True

    def data_received(self, data: bytes | str) -> None:
        """A stanza without an end isn't read: slixmpp would keep all of it."""
        self._received += len(data)
        if self._received > LARGEST:
            self.end(NetworkUnavailable("it sends a message larger than any feed would"))
        else:
            super().data_received(data)

    def end(self, fault: Exception | None = None) -> None:
        """It is over; without a fault, because we want it."""
        if not self._ended.done():
            self._ended.set_result(fault)

    def exception(self, exception: Exception) -> None:
        """A bug while handling a stanza; slixmpp would go on."""
        self.end(exception)

    def _take(self, message: Any) -> None:
        self._received = 0
        self._hear(message)

    def _has_ended(self) -> bool:
        """Raises the fault that ended it."""
        fault: Exception | None = self._ended.result() if self._ended.done() else None
        if fault is not None:
            raise fault
        return self._ended.done()

    def _session(self, _: object) -> None:
        if not self._began.done():
            self._began.set_result(None)

    def _refused(self, _: object) -> None:
        why = "the login was refused: check the API key, the API password and the TLS mode"
        self.end(NetworkRefused(why))

    def _untrusted(self, error: object) -> None:
        self.end(NetworkUnavailable(f"the certificate isn't trusted: {error}"))

    def _lost(self, reason: object) -> None:
        self.end(NetworkUnavailable(str(reason or "the connection ended")))
