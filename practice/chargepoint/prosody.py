"""A real XMPP server for the event feed: Debian's prosody on loopback, with its own accounts."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from practice.common.free_port import free_port

HOST = "127.0.0.1"
USER = "prosody"  # it refuses to run as root
STARTS_WITHIN = 20.0  # real seconds
CONFIG = """
pidfile = "{folder}/prosody.pid"
data_path = "{folder}/data"
plugin_paths = {{}}
modules_enabled = {{ "saslauth", "tls", "disco", "ping", "presence", "message", "iq", "offline" }}
modules_disabled = {{ "s2s", "http" }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
c2s_direct_tls_ports = {{ {direct_port} }}
c2s_require_encryption = true
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
storage = "internal"
log = {{ warn = "{folder}/prosody.log" }}
ssl = {{ key = "{folder}/key.pem", certificate = "{folder}/cert.pem" }}
{hosts}
"""


class NoProsody(Exception):
    """prosody isn't installed, or doesn't start."""


@dataclass
class Prosody:
    """A running server. `ca` is the certificate that vouches for `domain`."""

    folder: Path
    domain: str
    port: int
    direct_port: int
    process: subprocess.Popen[bytes]

    @property
    def ca(self) -> Path:
        return self.folder / "cert.pem"

    def pause(self) -> None:
        """It stands still, and its connections stay open."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        self.process.wait()

    def start(self) -> None:
        """Again, on the same port with the same accounts. Raises NoProsody."""
        self.process = _launch(self.folder)
        _await(self)


def is_installed() -> bool:
    """Whether there is a prosody that can run, and an openssl to make its certificate."""
    runs = os.geteuid() != 0 or any(user.pw_name == USER for user in pwd.getpwall())
    return bool(runs and shutil.which("prosody") and shutil.which("openssl"))


@contextmanager
def prosody(
    accounts: Mapping[str, str],
    domain: str,
    *,
    strangers: Mapping[str, str] | None = None,
) -> Iterator[Prosody]:
    """Serve `domain` with these accounts (user → password) until this is left.

    `strangers` are accounts of a second domain, `elsewhere.example`. Raises NoProsody.
    """  # fmt: skip
    if not is_installed():
        raise NoProsody("prosody or openssl is not installed")
    with tempfile.TemporaryDirectory(prefix="ev-prosody-") as name:
        folder = Path(name)
        hosts = {domain: accounts, "elsewhere.example": strangers or {}}
        port, direct_port = free_port(), free_port()
        _certify(folder, list(hosts))
        for host, users in hosts.items():
            _register(folder, host, users)
        (folder / "config.lua").write_text(
            CONFIG.format(
                folder=folder,
                port=port,
                direct_port=direct_port,
                hosts="\n".join(f'VirtualHost "{host}"' for host in hosts),
            )
        )
        _hand_over(folder)
        server = Prosody(folder, domain, port, direct_port, _launch(folder))
        try:
            _await(server)
            yield server
        finally:
            server.resume()
            server.kill()


def _launch(folder: Path) -> subprocess.Popen[bytes]:
    """In a session of its own: Ctrl-C is for us, and we end it when nobody needs it any more."""
    words = ["prosody", "--config", str(folder / "config.lua"), "-F"]
    user = USER if os.geteuid() == 0 else None
    return subprocess.Popen(words, user=user, group=user, extra_groups=None if user is None else [], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 — the server that this module is about  # fmt: skip


def _await(server: Prosody) -> None:
    give_up = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < give_up and server.process.poll() is None:
        try:
            socket.create_connection((HOST, server.port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    log = server.folder / "prosody.log"
    raise NoProsody(f"prosody does not start: {log.read_text() if log.exists() else '(no log)'}")


def _certify(folder: Path, domains: list[str]) -> None:
    names = ",".join(f"DNS:{domain}" for domain in domains)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-subj", f"/CN={domains[0]}", "-addext", f"subjectAltName={names}", "-keyout", "key.pem", "-out", "cert.pem"], cwd=folder, check=True, capture_output=True)  # noqa: S603, S607 — our own words; openssl is where it is  # fmt: skip


def _register(folder: Path, host: str, users: Mapping[str, str]) -> None:
    """Accounts as prosody's internal storage keeps them."""
    accounts = folder / "data" / _encoded(host) / "accounts"
    accounts.mkdir(parents=True)
    for user, password in users.items():
        text = f'return {{ ["password"] = "{password}"; }};\n'
        (accounts / f"{_encoded(user)}.dat").write_text(text)


def _encoded(name: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else f"%{ord(c):02x}" for c in name)


def _hand_over(folder: Path) -> None:
    """Give it all to the user that prosody runs as."""
    if os.geteuid() != 0:
        return
    user = pwd.getpwnam(USER)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid)
