"""Clients of AWS, made in one place."""

from __future__ import annotations

import os
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import create_loader

# What botocore reads from its own files is read once: a second client is made in a third of
# the time, and a cold start makes two.
LOADER = create_loader()


def client(service: str, config: Config) -> Any:
    """A client of a service, in the region that AWS_REGION names.

    boto3 by itself reads only AWS_DEFAULT_REGION and the profile, which still count without it.
    """
    region = os.environ.get("AWS_REGION", "").strip() or None
    core = botocore.session.get_session()
    core.register_component("data_loader", LOADER)
    return boto3.Session(botocore_session=core, region_name=region).client(service, config=config)
