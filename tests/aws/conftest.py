"""The deployed stack, and invented credentials, for every test in this folder that asks."""

from tests.aws.stack import stack

__all__ = ["stack"]
