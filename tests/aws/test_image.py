"""The listener as `deploy/Dockerfile` makes it, but for the container."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.listener import lease
from chalicelib.stores import open_store
from practice.common.free_port import free_port
from tests.aws.stack import ROOT, Stack

DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
MANUAL = ["site", "add", "hq", "--channel", "slack:T0HQ:C0EV", "--manual", "2"]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A folder with what the Dockerfile copies to /app, and nothing else."""
    app = tmp_path / "app"
    app.mkdir()
    for source, target in re.findall(r"^COPY (\S+) (/app/\S*)$", DOCKERFILE, re.MULTILINE):
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, app / Path(target).relative_to("/app"))
        else:
            shutil.copy(ROOT / source, app)
    return app


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "EV_STORE": f"sqlite:{tmp_path / 'ev.sqlite'}",
        "EV_HTTP": f"127.0.0.1:{free_port()}",
        "SLACK_SIGNING_SECRET": "made-up",
        "SLACK_BOT_TOKEN": "xoxb-made-up",
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
    }


@pytest.fixture
def listener(image: Path, environ: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The image's own command, at work."""
    subprocess.run([sys.executable, "-m", "bot", *MANUAL], cwd=image, env=environ, check=True)
    process = subprocess.Popen([sys.executable, "-m", "bot", "run"], cwd=image, env=environ)
    yield process
    process.kill()
    process.wait()


def test_it_is_healthy_and_stops_cleanly(
    listener: subprocess.Popen[bytes], environ: dict[str, str]
) -> None:
    """What is copied is all it needs; the health check passes; SIGTERM gives the lease back."""
    (words,) = re.findall(r"HEALTHCHECK .*?CMD (\[.*?\])$", DOCKERFILE, re.DOTALL | re.MULTILINE)
    check = [one.replace("127.0.0.1:8080", environ["EV_HTTP"]) for one in json.loads(words)]
    check[0] = sys.executable

    def is_healthy() -> bool:
        return subprocess.run(check, capture_output=True, check=False).returncode == 0

    assert Stack.wait(is_healthy, 20)
    records = open_store(environ["EV_STORE"]).records
    assert Stack.wait(lambda: records.get(lease.KIND, lease.KEY))
    listener.send_signal(signal.SIGTERM)
    assert listener.wait(20) == 0
    assert records.get(lease.KIND, lease.KEY) is None


def test_it_is_nobody_in_particular() -> None:
    """The image runs as a user of its own, and no shell stands before the listener's signals."""
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER (?!root|0)\w+$", last, re.MULTILINE)
    assert re.search(r'^ENTRYPOINT \["python", "-m", "bot"\]$', last, re.MULTILINE)
    assert "STOPSIGNAL SIGTERM" in last
