"""Proof that Twilio sent a request: a keyed hash over the public address and all fields.

By the account's auth token with SHA-1; where a webhook rule says so, by a shared key with
SHA-256 (Twilio docs: webhooks security). Fields come with no notice, so all that came are
signed; equal pairs count once, and an empty value counts.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlsplit

MOST_FIELDS = 300
LARGEST = 64 * 1024  # bytes of a request; a text of 1,600 characters has less than 10,000
SIGNATURE = "x-twilio-signature"
ALGORITHM = "x-twilio-webhooks-signature-settings"
HASHES = {"HMAC_SHA1": hashlib.sha1, "HMAC_SHA256": hashlib.sha256}

Pairs = list[tuple[str, str]]


class Signatures:
    """Knows Twilio's signature for requests to one address.

    `shared_key` is the secret of a webhook rule; without one the token signs those, too.
    """

    def __init__(self, url: str, token: str, shared_key: str = "") -> None:
        self._urls = spellings(url)
        self._keys = {"HMAC_SHA1": token.encode(), "HMAC_SHA256": (shared_key or token).encode()}

    def is_right(self, headers: Mapping[str, str], pairs: Pairs) -> bool:
        """Whether the request is Twilio's. All comparing is in constant time."""
        found = {name.lower(): value for name, value in headers.items()}
        algorithm = algorithm_of(found.get(ALGORITHM, ""))
        if algorithm not in HASHES:
            return False
        given = found.get(SIGNATURE, "").encode("utf-8", "replace")
        right = False
        for url in self._urls:
            ours = signed(url, pairs, self._keys[algorithm], algorithm)
            right |= hmac.compare_digest(ours.encode(), given)
        return right


def signed(url: str, pairs: Iterable[tuple[str, str]], key: bytes, algorithm: str) -> str:
    """The signature of a request."""
    text = url + "".join(name + value for name, value in sorted(set(pairs)))
    digest = hmac.new(key, text.encode("utf-8", "surrogatepass"), HASHES[algorithm]).digest()
    return base64.b64encode(digest).decode()


def algorithm_of(header: str) -> str:
    """`key=…,algorithm=HMAC_SHA256`; SHA-1 where nothing is said."""
    for part in header.split(","):
        name, _, value = part.partition("=")
        if name.strip() == "algorithm" and value.strip():
            return value.strip().upper()
    return "HMAC_SHA1"


def spellings(url: str) -> tuple[str, ...]:
    """With and without its port: Twilio signs now the one, now the other."""
    parts = urlsplit(url)
    if parts.port:
        bare = parts.netloc.rpartition(":")[0]
        return url, parts._replace(netloc=bare).geturl()
    port = 443 if parts.scheme == "https" else 80
    return url, parts._replace(netloc=f"{parts.netloc}:{port}").geturl()


def read_form(body: bytes) -> Pairs | None:
    """The fields of a form, empty ones too; None: that is no form."""
    if len(body) > LARGEST:
        return None
    try:
        return parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"
        )  # fmt: skip
    except ValueError:  # UnicodeDecodeError is one
        return None
