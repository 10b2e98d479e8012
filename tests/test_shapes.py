"""What strangers send is read by shapes that were made before there were threads."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from chalicelib.shapes import JSON_OBJECT, Malformed, Shape

ROOT = Path(__file__).parents[1]
MAKERS = {  # they make decoders while they are imported
    "chalicelib/shapes.py",
    "chalicelib/stores/codec.py",
    "bot/cli/archive.py",
}

# Four threads meet at a barrier, and then each reads everything for the first time.
FIRST_USE = """
import sys, threading
from contextlib import suppress
from chalicelib.chat.hipchat import installations, webhook as hipchat
from chalicelib.chat.mattermost import webhook as mattermost
from chalicelib.chat.slack import installations as slack, payloads
from chalicelib.shapes import JSON_OBJECT, Malformed, Shape
from chalicelib.stores import codec
body = bytes.fromhex(sys.stdin.read())
modules = (installations, hipchat, mattermost, slack, payloads)
shapes = [one for module in modules for one in vars(module).values() if isinstance(one, Shape)]
shapes += payloads.SHAPES.values()
assert len(shapes) > 10
together = threading.Barrier(4)

def read():
    together.wait()
    codec.encode(codec.decode(body))
    for shape in shapes:
        with suppress(Malformed):
            shape.of_json(b'{"a": 1}')
        with suppress(Malformed):
            shape.of({"a": 1})

sys.setswitchinterval(0.0002)
threads = [threading.Thread(target=read) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def test_threads_that_read_for_the_first_time() -> None:
    """No fresh process ends in a crash of the interpreter, however often threads take turns."""
    body = (ROOT / "tests/stores/site-format-2.bin").read_bytes().hex()
    command = [sys.executable, "-c", FIRST_USE]
    for _ in range(5):
        done = subprocess.run(
            command, cwd=ROOT, input=body, text=True, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr[-500:]


def calls(file: Path) -> set[str]:
    """What of msgspec a file calls that looks at a type."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = ast.unparse(node.func)
            typed = any(keyword.arg == "type" for keyword in node.keywords)
            if name == "msgspec.convert" or (name.startswith("msgspec.") and typed):
                found.add(name)
            if name.startswith("msgspec.") and name.endswith(".Decoder"):
                found.add(name)
    return found


def test_nobody_asks_about_a_type_in_passing() -> None:
    """Elsewhere there is no call that would build what msgspec knows of a type."""
    files = [file for top in ("chalicelib", "bot") for file in (ROOT / top).rglob("*.py")]
    guilty = {str(file.relative_to(ROOT)) for file in files if calls(file)}
    assert guilty == MAKERS


class Point(msgspec.Struct):
    x: int


POINT: Shape[Point] = Shape(Point)


@pytest.mark.parametrize("text", ["", "{}", '{"x": "1"}', "[" * 5000, '{"x": \ud800}', b"\xff"])
def test_malformed(text: str | bytes) -> None:
    """What has another shape is the sender's mistake, of one class."""
    with pytest.raises(Malformed):
        POINT.of_json(text)


def test_read() -> None:
    """From JSON and from plain dicts."""
    assert POINT.of_json(b'{"x": 1, "y": 2}') == POINT.of({"x": 1}) == Point(1)
    assert JSON_OBJECT.of_json('{"a": [1]}') == {"a": [1]}
    with pytest.raises(Malformed):
        POINT.of({"x": None})
