"""Everything that gets installed is pinned, by version and by hash."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NAMED = sorted([*ROOT.glob("requirements*.in"), *ROOT.glob("bot/requirements*.in")])
PIN = re.compile(r"^([a-z0-9._-]+)(?:\[.*\])?==(\S+)", re.IGNORECASE)
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def pinned(file: Path) -> dict[str, set[str]]:
    """The versions of each package there; one may have several, for several Pythons."""
    found: dict[str, set[str]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        if pin := PIN.match(line):
            found.setdefault(pin[1].lower().replace("_", "-"), set()).add(pin[2])
    return found


@pytest.mark.parametrize("file", NAMED, ids=lambda file: str(file.relative_to(ROOT)))
class TestEachFile:
    """`make pins` makes each `requirements*.txt` from the `.in` beside it."""

    def test_it_is_up_to_date(self, file: Path) -> None:
        """What is named is pinned, at that version; the files include each other by name."""
        named, made = pinned(file), pinned(file.with_suffix(".txt"))
        assert {name: made.get(name) for name in named} == named
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("-r "):
                other = pinned((file.parent / line.removeprefix("-r ")).with_suffix(".txt"))
                assert other.items() <= made.items()

    def test_it_holds_hashes_only(self, file: Path) -> None:
        """Each package has hashes; no index, address or path of anybody's machine is there."""
        lines = file.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
        for line, after in pairwise(lines):
            assert PIN.match(line) or HASH.match(line) or line.lstrip().startswith("#"), line
            if PIN.match(line):
                assert HASH.match(after), line

    def test_it_agrees_with_the_tests(self, file: Path) -> None:
        """What runs is what is tested: no other versions there than those for development."""
        tested = pinned(ROOT / "requirements-dev.txt")
        for name, versions in pinned(file.with_suffix(".txt")).items():
            assert versions <= tested.get(name, versions)


def test_the_image_is_named_by_its_digest() -> None:
    """Whoever builds it later gets the same base; both of its stages have it."""
    text = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+-slim@sha256:[0-9a-f]{64}", bases[0])
    assert "--require-hashes" in text
