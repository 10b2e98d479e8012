"""Lambda's workers: processes of the packaged app, each with one request at a time.

What API Gateway and Lambda hand over is made here; the rest is the very zip that is deployed.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.package import package

WORK = """
import json, logging, sys, types
sys.path.insert(0, sys.argv[1])
import app
logging.disable(logging.WARNING)
context = types.SimpleNamespace(function_name="load", aws_request_id="1")
print("ready", flush=True)
for line in sys.stdin:
    function, event = json.loads(line)
    print(json.dumps(getattr(app, function)(event, context)), flush=True)
"""


def unpacked(folder: Path) -> Path:
    """The packaged app, as Lambda unpacks it."""
    with zipfile.ZipFile(package("dev", folder / "build")) as found:
        found.extractall(folder / "task")
    return folder / "task"


@dataclass
class Worker:
    """One process."""

    process: subprocess.Popen[str]

    def call(self, function: str, event: Mapping[str, Any]) -> Any:
        """What a function of the app returns. Raises EOFError when the worker is gone."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([function, event]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise EOFError
        return json.loads(line)


@contextmanager
def worker(task: Path, environ: Mapping[str, str]) -> Iterator[Worker]:
    """A process that has imported the app, and is gone when this is left."""
    process = subprocess.Popen(
        [sys.executable, "-c", WORK, str(task)],
        env={"PATH": os.environ["PATH"], **environ},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Worker(process)
    finally:
        process.kill()
        process.communicate()


class Pool:
    """Workers that take whatever comes, one request each; who comes when all work, waits."""

    def __init__(self, workers: list[Worker]) -> None:
        self.size = len(workers)
        self._free: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        for one in workers:
            assert one.process.stdout is not None
            one.process.stdout.readline()  # ready
            self._free.put(one)

    @contextmanager
    def free(self) -> Iterator[Worker]:
        one = self._free.get()
        try:
            yield one
        finally:
            self._free.put(one)


@contextmanager
def pool(size: int, task: Path, environ: Mapping[str, str]) -> Iterator[Pool]:
    with ExitStack() as stack:
        yield Pool([stack.enter_context(worker(task, environ)) for _ in range(size)])


def posted(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """`POST /slack/events`, as API Gateway tells of it."""
    return {
        "resource": "/slack/events", "path": "/slack/events", "httpMethod": "POST",
        "headers": dict(headers), "multiValueHeaders": {k: [v] for k, v in headers.items()},
        "queryStringParameters": None, "multiValueQueryStringParameters": None,
        "pathParameters": None, "stageVariables": None, "isBase64Encoded": False,
        "body": body.decode(),
        "requestContext": {"resourcePath": "/slack/events", "httpMethod": "POST", "identity": {}},
    }  # fmt: skip
