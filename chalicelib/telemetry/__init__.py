"""Seeing inside: one line for each piece of work, figures in it, and a trace if wanted.

What people write, who they are by name, and every secret stay out: a fact is a number or
a short word of ours. With tracing off (`EV_TRACE`) a span costs next to nothing.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from . import lines
from .lines import Fact, Facts, hide, lambda_name, record_facts

__all__ = [
    "act", "add", "begin", "begin_trace", "count", "hide", "lambda_name", "most", "note", "span",
    "trace_with",
]  # fmt: skip

log = logging.getLogger(__name__)

PASSED_ON = ("request", "trace")  # from a piece of work to those inside it
NOTHING: AbstractContextManager[None] = nullcontext()


class Span(Protocol):
    """A stretch of time in a trace."""

    @property
    def trace(self) -> str:
        """The id of its trace."""

    def note(self, facts: Facts) -> None: ...


class Tracer(Protocol):
    """Who keeps the traces; see `otel.py`."""

    def span(self, name: str, facts: Facts, *, root: bool) -> AbstractContextManager[Span]: ...

    def flush(self) -> None: ...


@dataclass(slots=True)
class Work:
    """What is being done, and what is known about it."""

    facts: Facts
    span: Span | None
    is_worth_a_line: bool = False


_tracer: Tracer | None = None
_work: ContextVar[Work | None] = ContextVar("work", default=None)


def trace_with(tracer: Tracer | None) -> None:
    """From now on traces go there; None: nowhere."""
    global _tracer  # noqa: PLW0603 — like the loggers, there is one for the process
    _tracer = tracer


def begin_trace(address: str, store: str, signer: Callable[[str], object] | None = None) -> None:
    """From now on traces go to that address (`EV_TRACE`), if OpenTelemetry is installed."""
    try:
        from .otel import traces
    except ImportError as error:
        log.warning("EV_TRACE is set, and %s is not installed: no traces", error.name)
        return
    trace_with(traces(address, store, signer))


def span(name: str, **facts: Fact) -> AbstractContextManager[object]:
    """A stretch of the trace at hand, if there is one."""
    if _tracer is None or _work.get() is None:
        return NOTHING
    return _tracer.span(name, facts, root=False)


@contextmanager
def operation(kind: str, **facts: Fact) -> Iterator[None]:
    """A piece of work, such as a command: a trace, and a line at its end if there was
    something to `annotate`. Inside another it is a part of its trace.
    """
    outer, tracer, began = _work.get(), _tracer, time.perf_counter()
    if outer is None:
        facts = {"request": f"{random.getrandbits(48):012x}", **facts}
    else:
        facts = {**{name: outer.facts[name] for name in PASSED_ON if name in outer.facts}, **facts}
    spanning = NOTHING if tracer is None else tracer.span(kind, facts, root=outer is None)
    try:
        with spanning as traced:
            work = Work(facts, traced)
            if traced is not None:
                facts["trace"] = traced.trace
            before = _work.set(work)
            try:
                yield
            except BaseException as error:
                annotate(error=type(error).__name__)
                raise
            finally:
                if work.is_worth_a_line:
                    took = round(1000 * (time.perf_counter() - began), 1)
                    log.info(kind, extra=record_facts({f"{kind}_ms": took}))
                _work.reset(before)
    finally:
        if tracer is not None and outer is None:
            tracer.flush()


def annotate(**facts: Fact) -> None:
    """Something worth a line, about the work at hand."""
    work = _work.get()
    if work is None:
        return
    work.facts.update(facts)
    work.is_worth_a_line = True
    if work.span is not None:
        work.span.note(facts)


def add(**figures: int) -> None:
    """Count on, in the work at hand."""
    work = _work.get()
    if work is not None:
        annotate(**{name: int(work.facts.get(name, 0)) + more for name, more in figures.items()})


def set_max(**figures: float) -> None:
    """The greatest of its kind, in the work at hand."""
    work = _work.get()
    if work is not None:
        annotate(**{name: max(work.facts.get(name, one), one) for name, one in figures.items()})


def count(**facts: Fact) -> None:
    """Figures that are no line's worth, but for who draws curves of them."""
    log.debug("figures", extra=record_facts(facts))


def begin(form: str, store: str) -> None:
    """Write lines in this form (`EV_LOG`). Where somebody has set up logging, theirs stays."""
    lines.begin(form, store, facts_at_hand)


def facts_at_hand() -> Facts:
    """What is known about the work at hand."""
    work = _work.get()
    return work.facts if work is not None else {}
