"""AWS over HTTP for tests: one ministack server a test session, and a table a test.

Every test may ask for it: `tests/conftest.py` knows it.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from practice.common.free_port import free_port

START_SECONDS = 20
AWS = {
    "AWS_ACCESS_KEY_ID": "practice",
    "AWS_SECRET_ACCESS_KEY": "practice",
    "AWS_REGION": "us-west-2",
    "AWS_DEFAULT_REGION": "us-west-2",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invented credentials, so that nothing real is ever asked."""
    for name in [n for n in os.environ if n.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in AWS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running server; it and its folder are gone with the session."""
    folder = tmp_path_factory.mktemp("ministack")
    number = free_port()
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "ministack"],
            env=environment(folder, number),
            stdout=log,
            stderr=log,
        )
    try:
        wait_until_it_listens(server, number, folder / "log")
        yield f"http://127.0.0.1:{number}"
    finally:
        server.terminate()
        try:
            server.wait(5)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def environment(folder: Path, number: int) -> dict[str, str]:
    """Loopback only, few services only, and everything that it writes in its own folder."""
    own = {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(number),
        "SERVICES": "dynamodb,s3,ssm,secretsmanager",
        "TMPDIR": str(folder),
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "s3"),
        "LOG_LEVEL": "WARNING",
    }
    return {"PATH": os.environ["PATH"]} | AWS | own


def wait_until_it_listens(server: subprocess.Popen[bytes], number: int, log: Path) -> None:
    """Return when the server answers; fail with its log when it doesn't."""
    give_up_at = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up_at and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", number)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"ministack did not start: {log.read_text(errors='replace')[-2000:]}")
