"""The practice car park on a make-believe DynamoDB: `make run STORE=dynamodb`."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from practice.ministack import ministack
from tests.practice_world import post_json, request

OPENS_WITHIN = 60.0


@pytest.fixture
def car_park() -> Iterator[subprocess.Popen[str]]:
    """`python -m practice.ministack`, on any address."""
    words = [sys.executable, "-u", "-m", "practice.ministack", "--port", "0", "--speed", "60"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    yield process
    process.terminate()  # kindly: it ends what it started
    process.wait(OPENS_WITHIN)


def test_the_line_is_kept_in_dynamodb(car_park: subprocess.Popen[str]) -> None:
    """What ana types is in the table: the page shows her in line. SIGTERM ends all of it."""
    assert car_park.stdout is not None
    lines = iter(car_park.stdout.readline, "")
    url = next(found[0] for line in lines if (found := re.findall(r"is open: (\S+)", line)))
    said = post_json(f"{url}/practice/say", {"driver": "ana", "text": "/ev add"})
    assert "number 1" in said.json()["text"]
    assert json.loads(request("GET", f"{url}/practice/state").body)["line"] == ["ana"]
    children = descendants(car_park.pid)
    assert len(children) >= 2, "the bot and ministack"
    car_park.send_signal(signal.SIGTERM)
    assert car_park.wait(OPENS_WITHIN) == 0
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]


def test_it_is_gone_afterwards() -> None:
    """The server answers on loopback while it is wanted, and nobody listens there after."""
    with ministack() as address:
        place = urlsplit(address)
        assert place.hostname == "127.0.0.1"
        socket.create_connection(("127.0.0.1", place.port or 0), timeout=5).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", place.port or 0), timeout=5)


def descendants(pid: int) -> list[int]:
    """The processes that this one started."""
    found = [
        int(one.name)
        for one in Path("/proc").iterdir()
        if one.name.isdigit() and parent(one) == pid
    ]
    assert os.getpid() not in found
    return found


def parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:  # it ended meanwhile
        return -1
