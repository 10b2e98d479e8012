"""`python -m deploy.package STAGE`: build/STAGE/ with the zip and the template of the stack.

The same sources and pins give the same zip, byte for byte: an unchanged app is not
deployed again.
"""

from __future__ import annotations

import json
import os
import platform
import py_compile
import shutil
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from .resources import template

ROOT = Path(__file__).parent.parent
SETTINGS: dict[str, dict[str, str]] = {
    stage: settings["environment_variables"]
    for stage, settings in json.loads((ROOT / ".chalice/config.json").read_text())[
        "stages"
    ].items()
}
STAGES = tuple(SETTINGS)
LIMIT = 2_800_000  # bytes: a bigger zip starts slower; two fifths of it are our own code
UNUSED = (  # of Slack's libraries: for asyncio, for other web frameworks, for other APIs
    "slack", "slack_bolt/adapter", "slack_sdk/audit_logs", "slack_sdk/rtm", "slack_sdk/rtm_v2",
    "slack_sdk/scim", "slack_sdk/socket_mode", "slack_sdk/web/async_*", "slack_bolt/**/async_*", "slack_*/**/sqlalchemy",
)  # fmt: skip
CHARTS = "chalicelib/charts"  # only in the zip of the function that draws
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip knows
BIN = Path(sys.executable).parent
# Without site-packages: the zip has all that the webhook needs, but boto3 for DynamoDB.
START = (
    "import sys, time; sys.path.insert(0, sys.argv[1]); began = time.perf_counter(); import app; "
)
TIME = START + "print(time.perf_counter() - began)"
LIST = START + (
    "from chalicelib import wiring; wiring.endpoints(); "
    "print(*(one.__file__ for one in sys.modules.values() if getattr(one, '__file__', '')), sep='\\n')"
)

DRAW = (
    "import sys; sys.path.insert(0, sys.argv[1]); from zoneinfo import ZoneInfo; "
    "from chalicelib.charts import draw; from chalicelib.energy.buckets import By; "
    "draw([], 'nothing', ZoneInfo('UTC'), By.HOUR, is_line=False)"
)
PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
TARGET = (
    "--only-binary=:all:", "--platform=manylinux2014_x86_64", "--platform=manylinux_2_28_x86_64",
    f"--python-version={platform.python_version()}",
)  # fmt: skip


class NotPackaged(Exception):
    """What is in the way, in words."""


def package(stage: str, build: Path) -> Path:
    """Package one stage into a folder; the zip. Raises NotPackaged."""
    check_wheels()
    shutil.rmtree(build, ignore_errors=True)
    build.mkdir(parents=True)
    extra = build / "resources.json"
    extra.write_text(json.dumps(template(stage, SETTINGS[stage]), indent=2) + "\n")
    command: list[str | Path] = [
        BIN / "chalice",
        "package",
        "--stage",
        stage,
        "--merge-template",
        extra,
        build,
    ]
    environ = {"AWS_DEFAULT_REGION": "us-east-1", **os.environ}  # any: nothing is asked
    run(command, "chalice package", environ)
    extra.unlink()
    zip_file = build / "deployment.zip"
    with tempfile.TemporaryDirectory(prefix="ev-package-") as name:
        folder = Path(name)
        with zipfile.ZipFile(zip_file) as found:
            found.extractall(folder)
        prune(folder)
        compile_in(folder)
        add_charts(folder, build / "energy.zip")
        write_zip(folder, zip_file)
        size = zip_file.stat().st_size
        print(f"{zip_file}: {size / 1e6:.2f} MB; imported in {import_ms(folder):.0f} ms")
    if size > LIMIT:
        raise NotPackaged(f"{zip_file} is {size} bytes, more than {LIMIT}: what was added?")
    return zip_file


def add_charts(folder: Path, zip_file: Path) -> None:
    """Write the zip of the function that draws: the same, and the libraries for it. Then take
    the drawing out of the folder.
    """
    with tempfile.TemporaryDirectory(prefix="ev-energy-") as name:
        more = Path(name) / "all"
        shutil.copytree(folder, more)
        command: list[str | Path] = [*PIP, "install", "--no-compile", *TARGET, "--target", more, "-r", ROOT / "requirements-charts.txt"]  # fmt: skip
        run(command, "a pin in requirements-charts.txt has no wheel for Lambda", dict(os.environ))
        shutil.rmtree(more / "bin", ignore_errors=True)
        run([sys.executable, "-S", "-B", "-c", DRAW, more], "the packaged charts don't draw", {})
        write_zip(more, zip_file)
    shutil.rmtree(folder / CHARTS)
    print(f"{zip_file}: {zip_file.stat().st_size / 1e6:.2f} MB")


def check_wheels() -> None:
    """Every pin has a wheel for Lambda: what pip compiles here might not load there."""
    with tempfile.TemporaryDirectory(prefix="ev-wheels-") as folder:
        command: list[str | Path] = [*PIP, "download", *TARGET, "-d", folder, "-r", ROOT / "requirements.txt"]  # fmt: skip
        run(command, "a pin in requirements.txt has no wheel for Lambda", dict(os.environ))


def run(command: Sequence[str | Path], what: str, environ: dict[str, str]) -> str:
    """What a program prints. Raises NotPackaged with its words."""
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)  # noqa: S603 — our own programs  # fmt: skip
    if done.returncode:
        raise NotPackaged(f"{what}:\n{done.stdout}{done.stderr}")
    return done.stdout


def prune(folder: Path) -> None:
    """Take out what is never imported; compiling shows that the app starts without it."""
    for path in [path for pattern in UNUSED for path in folder.glob(pattern)]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)  # gone with its folder


def compile_in(folder: Path) -> None:
    """Bytecode in the place of our own modules and of all that a start imports: Lambda can't
    write any, and a source would only be shown in the log, which names file and line anyhow.

    Raises NotPackaged when there is a syntax error.
    """
    for stale in list(folder.rglob("__pycache__")):
        shutil.rmtree(stale)
    loaded = {Path(one) for one in python(LIST, folder).splitlines() if one.endswith(".py")}
    ours = {folder / "app.py", *folder.glob("chalicelib/**/*.py")}
    for path in sorted(ours | {one for one in loaded if one.is_relative_to(folder)}):
        place = Path("/var/task") / path.relative_to(folder)
        try:
            py_compile.compile(str(path), str(path.with_suffix(".pyc")), str(place), doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)  # fmt: skip
        except py_compile.PyCompileError as error:
            raise NotPackaged(str(error)) from error
        path.unlink()


def write_zip(folder: Path, zip_file: Path) -> None:
    """In order, with fixed times and rights."""
    with zipfile.ZipFile(zip_file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = path.relative_to(folder).as_posix()
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, path.read_bytes())


def import_ms(folder: Path) -> float:
    """Milliseconds that `import app` takes; the median of five."""
    return statistics.median(float(python(TIME, folder)) for _ in range(5)) * 1000


def python(script: str, folder: Path) -> str:
    """What a script prints that finds nothing but the folder, and writes no bytecode."""
    command = [sys.executable, "-S", "-B", "-c", script, str(folder)]
    environ = {"SLACK_SIGNING_SECRET": "none", "SLACK_BOT_TOKEN": "none"}  # make-believe
    return run(command, "the packaged app does not start", environ)


def main(words: list[str]) -> int:
    """The exit code."""
    if len(words) != 1 or words[0] not in STAGES:
        print(f"python -m deploy.package STAGE, one of: {', '.join(STAGES)}", file=sys.stderr)
        return 2
    try:
        package(words[0], ROOT / "build" / words[0])
    except NotPackaged as why:
        print(why, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
