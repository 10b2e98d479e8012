"""The rules of the house, pure. `step` is the way in; see `step.py`."""

from .step import Outcome, next_deadline, step

__all__ = ["Outcome", "next_deadline", "step"]
