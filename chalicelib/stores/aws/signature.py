"""Requests to AWS that its own library doesn't send for us, signed as AWS wants it (SigV4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import requests


def signer(region: str) -> Any:
    """Signs requests to X-Ray, with the credentials at hand."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.session import get_session

    credentials = get_session().get_credentials()

    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        kept = ("content-type", "content-encoding")
        headers = {name: value for name, value in request.headers.items() if name.lower() in kept}
        asked = AWSRequest(request.method, request.url, data=request.body, headers=headers)
        SigV4Auth(credentials, "xray", region).add_auth(asked)
        signed: Mapping[str, str] = dict(asked.headers)
        request.headers.update(signed)
        return request

    return sign
