"""Clients of AWS, made in one place."""

from __future__ import annotations

from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import create_loader

from .asking import region

# What botocore reads from its own files is read once: a second client takes a third of the time
LOADER = create_loader()


def client(service: str, config: Config, where: str = "") -> Any:
    """A client of a service, in a region; if none is given, in the one that the environment
    names, else the profile.
    """
    core = botocore.session.get_session()
    core.register_component("data_loader", LOADER)
    return boto3.Session(botocore_session=core, region_name=where or region() or None).client(
        service, config=config
    )
