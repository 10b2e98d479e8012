"""EV_STORE's value names a store."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.stores import open_store
from chalicelib.stores.dynamodb import DynamoDBStore


def test_sqlite_is_a_path(tmp_path: Path) -> None:
    """All behind the first colon is the path, and nothing is opened yet."""
    store = open_store(f"sqlite:{tmp_path}/a:b.db")
    assert list(tmp_path.iterdir()) == []
    assert store.sites() == []
    assert (tmp_path / "a:b.db").exists()


def test_dynamodb_is_a_table() -> None:
    """It needs neither region nor credentials before it is used."""
    assert isinstance(open_store("dynamodb:ev"), DynamoDBStore)


@pytest.mark.parametrize("spec", ["", "sqlite", "sqlite:", "dynamodb:", "mysql:ev"])
def test_anything_else_is_refused(spec: str) -> None:
    """The message says what a store looks like and what was given."""
    with pytest.raises(ValueError, match=rf"sqlite:PATH or dynamodb:TABLE, not {spec!r}"):
        open_store(spec)


def test_sqlite_does_without_boto3() -> None:
    """One machine doesn't pay for loading AWS's library."""
    code = "import sys\nfrom chalicelib.stores import open_store\nopen_store('sqlite:x')\nassert 'boto3' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=True)
