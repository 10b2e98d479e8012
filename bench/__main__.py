"""Measure everything: a table to read, and JSON to compare.

python -m bench [--quick] [--json bench/results.json]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import command, imports, items, parallel, steps
from .figures import Figure, summary, table
from .stores import open_stores

RESULTS = Path(__file__).parent / "results.json"


def measure(*, quick: bool) -> list[Figure]:
    """All figures. Quick: enough to see that it works, not to believe the figures."""
    with open_stores() as stores:
        return [
            *command.measure(stores, rounds=8 if quick else 400),
            *steps.measure(rounds=8 if quick else 400),
            *imports.measure(rounds=2 if quick else 15),
            *items.measure(),
            *parallel.measure(stores, sites=20 if quick else 770, crowd=10 if quick else 100),
        ]


def machine() -> dict[str, Any]:
    """Where the figures were taken."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load": [round(one, 2) for one in os.getloadavg()],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, goals met or not; a figure is no verdict on a busy machine."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few rounds of each")
    parser.add_argument("--json", type=Path, default=RESULTS, help="where the figures go")
    chosen = parser.parse_args(arguments)
    before = machine()
    figures = measure(quick=chosen.quick)
    print(table(figures), "\n### All goals\n", summary(figures), sep="\n")
    found = {"machine": before, "figures": [figure.as_json() for figure in figures]}
    chosen.json.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
