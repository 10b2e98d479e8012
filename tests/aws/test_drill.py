"""Everything is lost but the backup, and comes back; the minutes are printed."""

from __future__ import annotations

from pathlib import Path

from tests.aws.drill import drill


def test_the_drill(tmp_path: Path) -> None:
    """After the loss the site is as it was, nothing is said twice, and the morning goes on."""
    found = drill(tmp_path)
    print(found)
    assert found.after == found.before
    assert "error" in found.silent
    calls = [(to, text) for to, text in found.heard if "plug in at port" in text]
    assert [to for to, _ in calls] == ["cleo"]
    texts = [text for _, text in found.heard]
    assert len(texts) == len(set(texts))
    assert sum(found.took.values()) < 180, "half a minute, unless the machine is very busy"
