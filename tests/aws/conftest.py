"""The deployed stack, and invented credentials, for every test in this folder that asks."""

from tests.aws.stack import stack
from tests.ministack import aws

__all__ = ["aws", "stack"]
