"""The deployed stack, and invented credentials, for every test in this folder that asks."""

from tests.aws.stack import stack
from tests.ministack import aws, ministack

__all__ = ["aws", "ministack", "stack"]
