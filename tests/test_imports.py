"""What is imported where: the webhook starts fast, and packaging needs nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NO_NETWORK = """
import socket, sys
def refuse(*_):
    raise AssertionError("the network was used")
socket.socket.connect = socket.socket.bind = socket.getaddrinfo = refuse
"""


def run(code: str, **environ: str) -> set[str]:
    """The modules imported by the code in a fresh process, in an environment of its own."""
    script = f"{NO_NETWORK}\n{code}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_the_app_needs_nothing() -> None:
    """Importing `app` needs no setting, opens no connection and makes no store."""
    modules = run("import app")
    assert "chalice.app" in modules
    assert "boto3" not in modules


@pytest.mark.parametrize("store", ["sqlite:{}/ev.db", "dynamodb:ev"])
def test_the_webhook(tmp_path: Path, store: str) -> None:
    """The webhook path imports neither the charger's libraries nor any that draw, nor AWS's."""
    modules = run(
        "import app\nfrom chalicelib import wiring\nassert '/slack/events' in wiring.endpoints().webhooks",
        EV_STORE=store.format(tmp_path),
        SLACK_SIGNING_SECRET="made-up",
        SLACK_BOT_TOKEN="xoxb-made-up",
        SLACK_APP_TOKEN="xapp-made-up",
        AWS_DEFAULT_REGION="eu-central-1",
    )
    heavy = {
        "zeep",
        "slixmpp",
        "lxml",
        "requests",
        "matplotlib",
        "pygal",
        "resvg_py",
        "pandas",
        "waitress",
        "websockets",
        "opentelemetry",
        "boto3",
        "botocore",
        "bot",
    }
    assert not heavy & modules
    assert not list(tmp_path.iterdir()), "the store is opened at its first use"


def test_the_core_is_alone() -> None:
    """The rules of the house know none of our other parts, and no library but what values are made of."""
    modules = run(
        "before = set(sys.modules)\nimport chalicelib.core\nsys.modules = {name: 0 for name in sys.modules if name not in before}"
    )
    assert {name for name in modules if name.startswith("chalicelib.")} == {
        name
        for name in modules
        if name.startswith(("chalicelib.core", "chalicelib.energy", "chalicelib.values"))
    }
    ours = {"chalicelib", "dataclasses", "datetime", "enum", "typing", "zoneinfo"}
    forbidden = {"socket", "ssl", "http", "urllib", "logging", "asyncio", "sqlite3"}
    assert "chalicelib.core.step" in modules
    assert not forbidden & modules, forbidden & modules
    assert ours & modules


def test_the_command_line_is_quick(tmp_path: Path) -> None:
    """`site` commands don't wait for the charger's libraries."""
    modules = run(
        "from bot.__main__ import main\n"
        "assert main(['site', 'add', 'hq', '--channel', 'slack:T:C', '--manual', '1']) == 0",
        EV_STORE=f"sqlite:{tmp_path}/ev.db",
    )
    assert not {"zeep", "lxml", "chalice"} & modules
