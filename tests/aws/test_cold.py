"""The packaged app starts beside a bare bolt package: how long each takes is for bench/cold.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.cold import measure


@pytest.mark.nightly
def test_side_by_side(tmp_path: Path) -> None:
    """Both answer their first signed command, ours with its secrets and its table."""
    ours, bare, ratio = measure(tmp_path, rounds=1, counts=(2,))
    print(ours, bare, ratio, sep="\n")
    assert ours.startswith("2 at once, ours: slowest ")
    assert bare.startswith("2 at once, bare: slowest ")
    assert float(ratio.rpartition(" ")[2]) < 4, "of processor time"
