"""Clients of AWS, made in one place."""

from __future__ import annotations

import os
from typing import Any

import boto3
from botocore.config import Config


def client(service: str, config: Config) -> Any:
    """A client of a service, in the region that AWS_REGION names.

    boto3 by itself reads only AWS_DEFAULT_REGION and the profile, which still count without it.
    """
    region = os.environ.get("AWS_REGION", "").strip() or None
    return boto3.Session(region_name=region).client(service, config=config)
