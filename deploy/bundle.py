"""`python -m deploy.bundle`: build/listener.zip, the listener as Elastic Beanstalk takes it.

Unpacked, it runs on any machine with Python: `pip install -r requirements.txt`, then the
command of its Procfile. The same sources and pins give the same zip.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from .package import ROOT, write_zip

SOURCES = ("app.py", "chalicelib", "bot")
PROCFILE = "web: python -m bot run\n"  # Beanstalk wants one that is called web


def bundle(zip_file: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="ev-bundle-") as name:
        folder = Path(name)
        for source in SOURCES:
            if (ROOT / source).is_dir():
                skip = shutil.ignore_patterns("__pycache__")
                shutil.copytree(ROOT / source, folder / source, ignore=skip)
            else:
                shutil.copy(ROOT / source, folder)
        (folder / "Procfile").write_text(PROCFILE)
        shutil.copy(ROOT / "bot" / "requirements.txt", folder)  # Beanstalk installs the root's
        zip_file.parent.mkdir(parents=True, exist_ok=True)
        write_zip(folder, zip_file)


def main() -> int:
    """The exit code."""
    zip_file = ROOT / "build" / "listener.zip"
    bundle(zip_file)
    print(f"{zip_file.relative_to(ROOT)}: {zip_file.stat().st_size / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
