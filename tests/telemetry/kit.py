"""A log as the running program writes it, for tests of what can be seen from outside."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chalicelib import telemetry

Read = Callable[[], str]  # all that was written since the last time
NAMES = ("", "chalicelib", "bot", "practice", "chalicelib.telemetry")


class Here:
    """Wherever pytest listens at the moment."""

    def write(self, text: str) -> None:
        sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


@contextmanager
def logging_as(form: str, capfd: pytest.CaptureFixture[str]) -> Iterator[Read]:
    """`insight.begin` in this process, undone at the end."""
    loggers = [logging.getLogger(name) for name in NAMES]
    levels, handlers = [one.level for one in loggers], logging.root.handlers
    hooks, raises = (sys.excepthook, threading.excepthook), logging.raiseExceptions
    logging.root.handlers = []
    try:
        telemetry.begin(form, "ev-test")
        logging.root.handlers[0].setStream(Here())  # type: ignore[attr-defined]  # a StreamHandler
        yield lambda: "".join(capfd.readouterr())
    finally:
        logging.root.handlers = handlers
        sys.excepthook, threading.excepthook = hooks
        logging.raiseExceptions = raises
        telemetry.hide(())
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def objects(text: str) -> list[dict[str, Any]]:
    """The lines, each of which must be one JSON object."""
    found = [json.loads(line) for line in text.splitlines()]
    assert all(isinstance(one, dict) for one in found)
    return found
