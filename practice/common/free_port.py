"""A number for a server that another process is going to start."""

from __future__ import annotations

import os
import socket
from itertools import count

HOST = "127.0.0.1"
# Below those that the kernel hands out by itself, or any connection could take the number
# between our look and the server's start; processes begin far from each other.
FIRST, HOW_MANY = 20_000, 12_000
_numbers = count(os.getpid() * 37)


def free_port() -> int:
    """A number of the loopback address that nobody listens at, and never the same again."""
    for number in _numbers:
        port = FIRST + number % HOW_MANY
        try:
            with socket.create_server((HOST, port)):
                return port
        except OSError:
            continue
    raise AssertionError("count() never ends")
