"""Chalice's middleware: each request, stream batch and tick is a piece of work."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from chalicelib.edges import Fault

from . import annotate, operation

log = logging.getLogger(__name__)

T = TypeVar("T")


class Bug(Exception):
    """Something that we should mend; the log says what."""


class Failed(Exception):
    """Something outside failed, or a setting is wrong; the log says what. AWS counts it, and
    tries a batch or a tick again.
    """


def watched(event: Any, proceed: Callable[[Any], T]) -> T:
    """Have the event seen to. An exception loses its words: Lambda would write them down."""
    context = getattr(event, "lambda_context", None) or getattr(event, "context", None)
    request = getattr(context, "aws_request_id", "")  # Lambda's own lines name it, too
    with operation(kind_of(event), **({"request": request} if request else {})):
        try:
            reply = proceed(event)
        except Fault as fault:
            log.error("not now: %s", fault)  # noqa: TRY400 — no bug: where it was raised is no help
            annotate(error=type(fault).__name__)
            raise Failed(type(fault).__name__) from None
        except Exception as error:
            log.exception("a bug")
            raise Bug(type(error).__name__) from None
        if (status := getattr(reply, "status_code", 0)) >= HTTPStatus.INTERNAL_SERVER_ERROR:
            annotate(status=status)
        return reply


def kind_of(event: Any) -> str:
    method = getattr(event, "method", None)
    if method is None:
        return "wakeup"
    return "command" if method == "POST" else "request"
