"""Files in S3, named `s3://BUCKET/KEY`. For backups."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.edges import StoreUnavailable

from .client import client

ADDRESS = re.compile(r"s3://([a-z0-9.-]{3,63})/(.+)")
CONFIG = Config(connect_timeout=5, read_timeout=60, retries={"total_max_attempts": 4})


def put(file: Path, address: str) -> None:
    """Upload the file, whole or not at all. Raises StoreUnavailable and ValueError."""
    _do(address, lambda client, bucket, key: client.upload_file(str(file), bucket, key))


def get(address: str, file: Path) -> None:
    """Download it into the file. Raises StoreUnavailable and ValueError."""
    _do(address, lambda client, bucket, key: client.download_file(bucket, key, str(file)))


def _do(address: str, act: Any) -> None:
    found = ADDRESS.fullmatch(address)
    if found is None:
        raise ValueError(f"a place in S3 is s3://BUCKET/KEY, not {address!r}")
    try:
        act(client("s3", CONFIG), *found.groups())
    except (BotoCoreError, Boto3Error, ClientError) as error:
        raise StoreUnavailable(f"{address}: {error}") from error
