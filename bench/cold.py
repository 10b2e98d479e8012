"""Cold starts of the packaged app beside a bare bolt package: one at a time, and eight at once.

    python -m bench.cold [--rounds 7]

A cold start is a fresh process, from its start to its answer to the first signed command.
Ours fetches its secrets from Parameter Store, loads the site, steps and saves; the bare one
is bolt under Chalice by bolt's own handler, in the same form of package, and only acks.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import py_compile
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
import slack_bolt

from chalicelib.stores.dynamodb import DynamoDBStore, create_table
from practice.ministack import AWS, ministack

from .bare import bare_app
from .garage import CHANNEL, NOON, garage
from .knocks import SECRET, command
from .workers import posted, unpacked

ROOT = Path(__file__).parents[1]
AT_ONCE = 8
TABLE = "cold"
PARAMETERS = {"SLACK_SIGNING_SECRET": SECRET, "SLACK_BOT_TOKEN": "xoxb-made-up"}
BARE_APP = "from bare import bare_app\napp = bare_app()\n"
START = """
import sys, time
begun = time.perf_counter()
import json, types
sys.path.insert(0, sys.argv[1])
import app
imported = time.perf_counter()
wired = imported
if sys.argv[2] == "ours":
    from chalicelib import wiring
    wiring.endpoints()
    wired = time.perf_counter()
context = types.SimpleNamespace(function_name="cold", aws_request_id="1")
answer = app.app(json.loads(sys.stdin.read()), context)
done = time.perf_counter()
print(json.dumps([answer["statusCode"], imported - begun, wired - imported, done - wired, time.process_time()]))
"""


@dataclass(frozen=True)
class Start:
    """One cold start, in seconds: the whole, its parts, and what of it the processor did."""

    whole: float
    imported: float
    wired: float
    answered: float
    processor: float


@dataclass(frozen=True)
class Package:
    """What is started: `name` is ours or bare."""

    name: str
    folder: Path
    environ: dict[str, str]

    def begin(self) -> subprocess.Popen[str]:
        words = [sys.executable, "-B", "-c", START, str(self.folder), self.name]
        environ = {"PATH": os.environ["PATH"], **self.environ}
        process = subprocess.Popen(words, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # fmt: skip
        assert process.stdin is not None
        process.stdin.write(json.dumps(posted(*command("list", garage(35).queue[0].driver))))
        process.stdin.close()
        return process

    def start(self, count: int) -> list[Start]:
        """So many at once."""
        began = time.perf_counter()
        waiting = dict(enumerate(self.begin() for _ in range(count)))
        found = []
        while waiting:
            for number, process in list(waiting.items()):
                if process.poll() is not None:
                    whole = time.perf_counter() - began
                    assert process.stdout is not None
                    status, *parts = json.loads(process.stdout.read())
                    if status != 200:
                        raise AssertionError(status)
                    found.append(Start(whole, *parts))
                    del waiting[number]
            time.sleep(0.002)
        return found


def bare_package(ours: Path, folder: Path) -> Path:
    """The same libraries, with bytecode, and a bare app in place of ours."""
    shutil.copytree(ours, folder)
    shutil.rmtree(folder / "chalicelib")
    adapter = Path(slack_bolt.__file__).parent / "adapter"
    shutil.copytree(adapter, folder / "slack_bolt" / "adapter")
    (folder / "app.py").write_text(BARE_APP)
    source = Path(sys.modules[bare_app.__module__].__file__ or "").read_text()
    source = source.replace("from .knocks import SECRET", f"SECRET = {SECRET!r}")
    (folder / "bare.py").write_text(source)
    shutil.rmtree(folder / "__pycache__", ignore_errors=True)
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(folder, quiet=2, invalidation_mode=mode)
    return folder


@contextmanager
def packages(folder: Path) -> Iterator[tuple[Package, Package]]:
    """Ours and the bare one, with a table and secrets in a make-believe AWS."""
    with ministack() as address:
        session = boto3.Session("practice", "practice", region_name=AWS["AWS_REGION"])
        table = session.client("dynamodb", endpoint_url=address)
        create_table(table, TABLE)
        store = DynamoDBStore(TABLE, table)
        store.save(garage(35), None)
        store.bind(CHANNEL, "hq")
        for name, value in PARAMETERS.items():
            session.client("ssm", endpoint_url=address).put_parameter(Name=f"/cold/{name}", Value=value, Type="SecureString")  # fmt: skip
        environ = AWS | {
            "AWS_ENDPOINT_URL": address,
            "AWS_LAMBDA_FUNCTION_NAME": "cold",
            "EV_STORE": f"dynamodb:{TABLE}",
            "EV_CLOCK": f"1@{time.time()!r}@{NOON.timestamp()!r}",
            **{name: f"ssm:/cold/{name}" for name in PARAMETERS},
        }
        ours = unpacked(folder)
        yield (
            Package("ours", ours, environ),
            Package("bare", bare_package(ours, folder / "bare"), AWS),
        )


def measure(folder: Path, rounds: int, counts: Iterable[int] = (1, AT_ONCE)) -> Iterator[str]:
    with packages(folder) as both:
        for count in counts:
            found: dict[str, list[list[Start]]] = {one.name: [] for one in both}
            for turn in range(rounds + 1):
                for one in both if turn % 2 else both[::-1]:
                    starts = one.start(count)
                    if turn:  # the first round fills the disk's cache
                        found[one.name].append(starts)
            yield from lines(count, found)


def lines(count: int, found: dict[str, list[list[Start]]]) -> Iterator[str]:
    """The median of the rounds, of each round its slowest."""
    slowest = {name: [max(s.whole for s in starts) for starts in rounds] for name, rounds in found.items()}  # fmt: skip
    for name, rounds in found.items():
        every = [start for starts in rounds for start in starts]

        def ms(of: str, every: list[Start] = every) -> str:
            return f"{1000 * statistics.median(getattr(one, of) for one in every):.0f}"

        yield (
            f"{count} at once, {name}: slowest {statistics.median(slowest[name]):.2f} s, of processor time "
            f"{ms('processor')} ms each; import {ms('imported')}, wiring {ms('wired')}, first answer {ms('answered')} ms"
        )
    ratio = statistics.median(a / b for a, b in zip(slowest["ours"], slowest["bare"], strict=True))
    work = [statistics.median(one.processor for r in found[name] for one in r) for name in ("ours", "bare")]  # fmt: skip
    yield f"{count} at once: ours / bare {ratio:.2f}; of processor time {work[0] / work[1]:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.cold", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="starts of each kind (7)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ev-cold-") as folder:
        for line in measure(Path(folder), chosen.rounds):
            print(line, flush=True)


if __name__ == "__main__":
    main()
