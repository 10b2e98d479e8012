"""`python -m bot people import`: a whole list of links, or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.__main__ import main
from chalicelib.core.model import Site
from chalicelib.stores import open_store

ANA, BOB = "slack:T0HQ:U0ANA", "slack:T0HQ:U0BOB"
ADD = ["site", "add", "hq", "--channel", "slack:T0HQ:C0EV", "--station-group", "1234"]


@pytest.fixture(autouse=True)
def hq(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One site, in a fresh file; where lists may lie."""
    monkeypatch.setenv("EV_STORE", f"sqlite:{tmp_path / 'ev.db'}")
    assert main(ADD) == 0
    return tmp_path


def site(folder: Path) -> Site:
    found = open_store(f"sqlite:{folder / 'ev.db'}").load("hq")
    assert found is not None
    return found


def test_a_list(hq: Path) -> None:
    """Comments, blanks and several ids to a driver; twice says it once."""
    (hq / "list.csv").write_text(
        f"# our drivers\n\n{ANA}, 7000123 ,CNCP0000000042\n{BOB},7000456\n"
    )
    for _ in range(2):
        assert main(["people", "import", str(hq / "list.csv")]) == 0
    people = site(hq).people
    assert people[ANA].ids == ("7000123", "CNCP0000000042")
    assert people[BOB].ids == ("7000456",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"{ANA},7000123\nbob,7000456\n", "line 2"),
        (f"{ANA}\n", "line 1"),
        (f"{ANA},7000123\n{BOB},7000123\n", "belongs to"),
    ],
)
def test_all_or_none(text: str, why: str, hq: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One bad line, and nothing is linked; the message names it."""
    (hq / "list.csv").write_text(text)
    assert main(["people", "import", str(hq / "list.csv")]) == 1
    assert why in capsys.readouterr().err
    assert site(hq).people == {}


def test_no_file(hq: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that isn't there is said so."""
    assert main(["people", "import", str(hq / "none.csv")]) == 1
    assert "none.csv" in capsys.readouterr().err
