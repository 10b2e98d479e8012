"""Which servers we talk to for HipChat: an address that somebody hands us is not to be believed.

The callback of an installation is unsigned and names the addresses to call, so anybody
could make us call anything. We call what the operator listed, at an address of the
internet, over TLS; and the address that was checked is the one that is called.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from chalicelib.chat.rest import Answered, call
from chalicelib.edges import Fault, MessengerUnavailable
from chalicelib.values import dataclass

URL = re.compile(r"[!-\[\]-~]{1,2000}")  # visible ASCII, no backslash
PORTS = {"https": 443, "http": 80}
PLAIN = ip_network("2000::/3")  # global unicast (RFC 4291); outside it: NAT64, IPv4-compatible, …

Network = IPv4Network | IPv6Network


class NotAllowed(Fault):
    """That is no server of ours."""


@dataclass(frozen=True, slots=True)
class Host:
    """A server that the operator listed, and where its name may lead."""

    name: str
    port: int
    network: Network | None  # None: the internet


def read_host(entry: str) -> Host:
    """`NAME`, `NAME:PORT`, either with `=NETWORK` for names that lead inside. Raises ValueError."""
    where, _, network = entry.partition("=")
    parts = urlsplit(f"//{where}")
    if not parts.hostname or parts.netloc != where or "@" in where or not URL.fullmatch(where):
        raise ValueError(f"{entry!r} is not HOST, HOST:PORT or HOST=NETWORK")
    inside = ip_network(network) if network else literal(parts.hostname)
    return Host(parts.hostname, parts.port or PORTS["https"], inside)


def literal(name: str) -> Network | None:
    """The address that the name itself is."""
    try:
        return ip_network(name)
    except ValueError:
        return None


def look_up(name: str, port: int) -> list[str]:
    """The addresses of a name. Raises MessengerUnavailable when there are none."""
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise MessengerUnavailable(f"{name} can't be found") from error
    return [str(one[4][0]) for one in found]


class AllowedHosts:
    """Calls the servers on the list, and no other."""

    def __init__(
        self, hosts: Iterable[Host], resolve: Callable[[str, int], list[str]] = look_up
    ) -> None:
        self._hosts = {(host.name, host.port): host for host in hosts}
        self._resolve = resolve

    def call(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        seconds: float | None = None,
    ) -> Answered:
        """One request. Raises NotAllowed, before anything is sent, or MessengerUnavailable."""
        return call(method, url, headers, body, self.check(url), seconds)

    def check(self, url: str) -> str:
        """The address to call for this URL. Raises NotAllowed or MessengerUnavailable."""
        try:
            to = urlsplit(url) if URL.fullmatch(url) else urlsplit("")
            host = self._hosts.get((to.hostname or "", to.port or PORTS.get(to.scheme, 0)))
        except ValueError as error:
            raise NotAllowed from error
        if host is None or set("@#") & set(url) or not is_safe(to, host):
            raise NotAllowed
        addresses = self._resolve(host.name, host.port)
        if not addresses or not all(may_lead(host, address) for address in addresses):
            raise NotAllowed(f"{host.name} leads where it may not")
        return addresses[0]


def is_safe(to: SplitResult, host: Host) -> bool:
    """TLS; without it only to this very machine, by its address."""
    if to.scheme == "https":
        return True
    inside = literal(host.name)
    return to.scheme == "http" and inside is not None and inside.is_loopback


def may_lead(host: Host, address: str) -> bool:
    """Whether the host's name may mean this address."""
    found = ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    if host.network is not None:
        return found in host.network
    return found.is_global and not found.is_multicast and not is_passage(found)


def is_passage(address: IPv4Address | IPv6Address) -> bool:
    """An IPv6 address with one of IPv4 in it, which may be inside: only plain ones will do."""
    return address.version == 6 and (address not in PLAIN or address.sixtofour is not None)
