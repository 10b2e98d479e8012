"""The Makefile where a newcomer meets it first: on a machine that lacks something."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAKE = shutil.which("make") or "make"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the Makefile and the pins; `tools` is all that its PATH has."""
    for name in (
        "Makefile",
        "requirements-dev.txt",
        "bot/requirements.txt",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "tools").mkdir()
    return tmp_path


def make(clone: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [MAKE, *words],
        cwd=clone,
        env={"PATH": str(clone / "tools")},
        capture_output=True,
        text=True,
        check=False,
    )


def tool(clone: Path, name: str, script: str) -> None:
    file = clone / "tools" / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def test_no_python(clone: Path) -> None:
    """Without Python 3.11 or newer `make run` says what is missing, and leaves nothing behind."""
    tool(clone, "python3", "exit 1")  # as an older one answers our question
    done = make(clone, "run")
    assert done.returncode != 0
    assert "needs Python 3.11 or newer" in done.stderr
    assert not (clone / ".venv").exists()


def test_no_venv_module(clone: Path) -> None:
    """Where Debian split `venv` off, the message names the package to install."""
    tool(clone, "rm", 'exec /bin/rm "$@"')
    tool(clone, "mkdir", 'exec /bin/mkdir "$@"')
    tool(clone, "python3", 'test "$1" = -m && mkdir -p .venv/bin && exit 1; exit 0')
    done = make(clone, "run")
    assert done.returncode != 0
    assert "apt install python3-venv" in done.stderr
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize("word", ["mysql", "sqlite:x", "dynamo"])
def test_no_such_store(clone: Path, word: str) -> None:
    """A store that there isn't is refused, before anything is made or installed."""
    done = make(clone, "run", f"STORE={word}")
    assert done.returncode == 2
    assert f"STORE is sqlite (as if not given) or dynamodb, not {word}." in done.stderr
    assert not (clone / ".venv").exists()


def test_installed_is_installed(clone: Path) -> None:
    """What is installed for the tests is enough to run; new pins are installed again."""
    (clone / ".venv" / "bin").mkdir(parents=True)
    tool(clone, "touch", 'exec /bin/touch "$@"')
    python = clone / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\necho "$@" >> {clone}/called\n')
    python.chmod(0o755)
    assert make(clone, "install").returncode == 0
    assert make(clone, "run").returncode == 0
    soon = time.time() + 60
    os.utime(clone / "bot" / "requirements.txt", (soon, soon))
    assert make(clone, "run").returncode == 0
    called = (clone / "called").read_text().splitlines()
    assert [line.split()[-1] for line in called] == [
        "requirements-dev.txt",
        "practice",
        "bot/requirements.txt",
        "practice",
    ]
