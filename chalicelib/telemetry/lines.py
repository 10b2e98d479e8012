"""Lines of a log: as text for people, as JSON for machines, with metrics for CloudWatch.

A line never holds a secret. Exceptions that aren't ours are named without their message,
which likes to quote what it choked on; shapes of secrets are redacted out all the same.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any

Fact = str | int | float
Facts = dict[str, Fact]

OURS = ("chalicelib", "bot", "practice")
FACTS = "facts"  # the attribute of a record
BLOT = "…"
SHAPES = (  # of what nobody should read: tokens, the rest of an address, mail, signatures
    r"xox[a-z]-[\w-]+", r"xapp-[\w-]+", r"(?<=://)[^/@\s]+@", r"(?<=url: )\S+",
    r"(?<=[a-z]://)([^/\s'\"]+/)(?:[^\s'\")]+)", r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]+", r"v0=[0-9a-f]{16,}",
    r"(?<![\w-])eyJ[\w-]+\.[\w.-]+",
)  # fmt: skip
LONGEST = 2_000  # characters of a line
NAMESPACE = "EVConcierge"
FIGURES = {  # what CloudWatch makes metrics of, and their units
    "command_ms": "Milliseconds",
    "stale_retries": "Count",
    "delivery_ms": "Milliseconds",
    "sent": "Count",
    "postponed": "Count",
    "refused": "Count",
    "waited_s": "Seconds",
    "looks_failed": "Count",
}

_breaks = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # begin a line, or steer a terminal
_blots = re.compile("|".join(SHAPES))


def hide(secrets: Iterable[str]) -> None:
    """Never write any of these, whatever they look like."""
    global _blots  # noqa: PLW0603 — like the loggers, there is one for the process
    known = sorted({re.escape(one) for one in secrets if len(one) >= 4}, reverse=True)
    _blots = re.compile("|".join([*known, *SHAPES]))


def cut(text: str) -> str:
    """Whatever somebody sent, a line of the log stays one that can be read."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}{BLOT}"


def redacted(text: str) -> str:
    """The text without what nobody should read."""
    return _blots.sub(lambda found: f"{found.group(1) or ''}{BLOT}", text)


def record_facts(facts: Facts) -> dict[str, Any]:
    """The `extra` that hands facts over to a line."""
    return {FACTS: facts}


def lambda_name() -> str:
    """The Lambda function that this is; "" elsewhere."""
    return os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")


def told(error: BaseException | None) -> list[str]:
    """An exception and its causes, the last one first, with where they were raised."""
    lines: list[str] = []
    while error is not None and len(lines) < 20:
        ours = type(error).__module__.partition(".")[0] in OURS
        name = f"{type(error).__name__}: {error}" if ours else type(error).__name__
        frames = traceback.extract_tb(error.__traceback__)
        lines += [name, *(f"  {one.filename}:{one.lineno} {one.name}" for one in frames)]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return lines


class Text(logging.Formatter):
    """For people."""

    def __init__(self, at_hand: Callable[[], Facts]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._at_hand = at_hand

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 — logging's name
        facts = {**self._at_hand(), **getattr(record, FACTS, {})}
        known = "".join(f" {name}={value}" for name, value in facts.items())
        return cut(_breaks.sub(" ", redacted(super().formatMessage(record) + known)))

    def formatException(self, ei: Any) -> str:  # noqa: N802 — logging's name
        return "\n".join(_breaks.sub(" ", redacted(line)) for line in told(ei[1]))


class Json(logging.Formatter):
    """For machines: one object a line."""

    def __init__(self, at_hand: Callable[[], Facts]) -> None:
        super().__init__()
        self._at_hand = at_hand

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(self.value(record), separators=(",", ":"))

    def value(self, record: logging.LogRecord) -> dict[str, Any]:
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {
            "time": f"{seconds}.{int(record.msecs):03}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": cut(redacted(record.getMessage())),
            **self._at_hand(),
            **getattr(record, FACTS, {}),
        }
        if record.exc_info and record.exc_info[1]:
            line["error"] = type(record.exc_info[1]).__name__
            line["traceback"] = [redacted(one) for one in told(record.exc_info[1])]
        return line


class CloudWatch(Json):
    """JSON that CloudWatch makes metrics of (AWS docs: embedded metric format)."""

    def __init__(self, at_hand: Callable[[], Facts], store: str) -> None:
        super().__init__(at_hand)
        self._store = store

    def value(self, record: logging.LogRecord) -> dict[str, Any]:
        line = super().value(record)
        figures = [name for name in FIGURES if name in line] if hasattr(record, FACTS) else []
        if not figures:
            return line
        directive = {
            "Namespace": NAMESPACE,
            "Dimensions": [["store"]],  # each other one would be billed by its values
            "Metrics": [{"Name": name, "Unit": FIGURES[name]} for name in figures],
        }
        about = {"Timestamp": int(record.created * 1000), "CloudWatchMetrics": [directive]}
        return {"_aws": about, "store": self._store, **line}


def begin(form: str, store: str, at_hand: Callable[[], Facts]) -> None:
    root = logging.getLogger()
    if root.handlers and not lambda_name():
        return
    formatter: logging.Formatter
    if form == "cloudwatch":
        formatter = CloudWatch(at_hand, store or "ev-concierge")
    else:
        formatter = (Json if form == "json" else Text)(at_hand)
    if not root.handlers:
        root.addHandler(logging.StreamHandler())
    for handler in root.handlers:  # Lambda's own among them: it alone reaches CloudWatch
        handler.setFormatter(formatter)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    if form == "cloudwatch":
        logging.getLogger(__package__).setLevel(logging.DEBUG)
    logging.raiseExceptions = False  # it would print what it could not log
    sys.excepthook = crash
    threading.excepthook = lambda lost: crash(lost.exc_type, lost.exc_value, lost.exc_traceback)


def crash(
    kind: type[BaseException], error: BaseException | None, where: TracebackType | None
) -> None:
    """Nobody caught it. The line tells what may be told."""
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger(__package__).critical("a bug", exc_info=(kind, error or kind(), where))
