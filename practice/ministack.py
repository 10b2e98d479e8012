"""`python -m practice.ministack`: the practice car park, its notes in a make-believe DynamoDB.

ministack is a stand-in for AWS that other people make. It listens on this machine only,
and it and all that it wrote are gone with the car park.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3

from chalicelib.stores.dynamodb import create_table

from . import __main__ as practice
from .common.free_port import free_port

HOST = "127.0.0.1"
TABLE = "practice"
STARTS_WITHIN = 20.0  # real seconds
STOPS_WITHIN = 10.0
AWS = {  # invented, so that nothing real is ever asked
    "AWS_ACCESS_KEY_ID": "practice",
    "AWS_SECRET_ACCESS_KEY": "practice",
    "AWS_REGION": "us-west-2",
    "AWS_DEFAULT_REGION": "us-west-2",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
    "AWS_EC2_METADATA_DISABLED": "true",
}


class NoMinistack(Exception):
    """ministack does not start; the message holds its last words."""


@contextmanager
def ministack(services: str = "dynamodb,ssm", **more: str) -> Iterator[str]:
    """A running server's address, until this is left; `more` is of its environment. Raises
    NoMinistack.
    """
    with tempfile.TemporaryDirectory(prefix="ev-ministack-") as name:
        folder = Path(name)
        number = free_port()
        with (folder / "log").open("wb") as log:
            env = environment(folder, number) | {"SERVICES": services} | more
            server = subprocess.Popen([sys.executable, "-m", "ministack"], env=env, stdout=log, stderr=log, start_new_session=True)  # fmt: skip
        try:
            wait_for(server, number, folder / "log")
            yield f"http://{HOST}:{number}"
        finally:
            stop(server)


def environment(folder: Path, number: int) -> dict[str, str]:
    """Loopback only, and all that it writes in its own folder."""
    own = {
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(number),
        "TMPDIR": str(folder),
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "s3"),
        "LOG_LEVEL": "WARNING",
    }
    return {"PATH": os.environ["PATH"]} | AWS | own


def wait_for(server: subprocess.Popen[bytes], number: int, log: Path) -> None:
    give_up = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < give_up and server.poll() is None:
        try:
            socket.create_connection((HOST, number), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise NoMinistack(f"ministack does not start: {log.read_text(errors='replace')[-2000:]}")


def stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(STOPS_WITHIN)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def main() -> int:
    """The exit code. Takes the words of `python -m practice`."""
    print("Starting a make-believe DynamoDB …", flush=True)
    with ministack() as address:
        os.environ.update(AWS, AWS_ENDPOINT_URL_DYNAMODB=address)
        create_table(boto3.Session().client("dynamodb"), TABLE)
        return practice.main(["--store", f"dynamodb:{TABLE}", *sys.argv[1:]])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except NoMinistack as why:
        sys.exit(str(why))
    except KeyboardInterrupt:
        sys.exit(0)
