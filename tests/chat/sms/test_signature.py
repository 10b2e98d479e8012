"""Twilio's signature: its public vectors, and what may vary in a request without harm."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given, strategies as st

from chalicelib.chat.sms.signature import Signatures, read_form, signed

URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
TOKEN = "12345"
PAIRS = [
    ("CallSid", "CA1234567890ABCDE"), ("Digits", "1234"), ("From", "+14158675309"),
    ("To", "+18005551212"), ("Caller", "+14158675309"),
]  # fmt: skip
VECTOR = "RSOYDt4T1cUTdK1PDd93/VVr8B8="  # Twilio docs: webhooks security
RULE = {"X-Twilio-Webhooks-Signature-Settings": "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"}
TEXTS = st.text(max_size=20)


def test_the_published_vector() -> None:
    """The example of Twilio's documents, with and without the port in the address."""
    headers = {"x-twilio-signature": VECTOR}
    assert Signatures(URL, TOKEN).is_right(headers, PAIRS)
    with_port = URL.replace("mycompany.com", "mycompany.com:443")
    assert Signatures(with_port, TOKEN).is_right(headers, PAIRS)
    assert not Signatures(URL, "1234").is_right(headers, PAIRS)
    assert not Signatures(URL.replace("https", "http"), TOKEN).is_right(headers, PAIRS)


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=8), st.randoms())
def test_any_order(pairs: list[tuple[str, str]], order: object) -> None:
    """The order of fields says nothing, and a pair that came twice counts once."""
    again = [*pairs, *pairs]
    order.shuffle(again)  # type: ignore[attr-defined]  # it is a Random
    headers = {"X-Twilio-Signature": signed(URL, pairs, TOKEN.encode(), "HMAC_SHA1")}
    assert Signatures(URL, TOKEN).is_right(headers, again)
    assert not Signatures(URL, TOKEN).is_right(headers, [*pairs, ("", "x"), ("more", "")])


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=8))
def test_a_form_there_and_back(pairs: list[tuple[str, str]]) -> None:
    """Every field of a form is read as it was sent, the empty ones, too."""
    assert read_form(urlencode(pairs).encode()) == pairs


def test_by_a_shared_key() -> None:
    """A rule's requests are signed by its own key with SHA-256, and by nothing else."""
    one = Signatures(URL, TOKEN, "shared")
    right = signed(URL, PAIRS, b"shared", "HMAC_SHA256")
    assert one.is_right({**RULE, "X-Twilio-Signature": right}, PAIRS)
    assert not one.is_right({"X-Twilio-Signature": right}, PAIRS)
    by_token = signed(URL, PAIRS, TOKEN.encode(), "HMAC_SHA256")
    assert not one.is_right({**RULE, "X-Twilio-Signature": by_token}, PAIRS)
    assert Signatures(URL, TOKEN).is_right({**RULE, "X-Twilio-Signature": by_token}, PAIRS)


@pytest.mark.parametrize("body", [b"a=%ff", b"\xff", b"x" * 70_000, b"&".join([b"a=1"] * 400)])
def test_no_form(body: bytes) -> None:
    """What isn't a form of Twilio's is nothing."""
    assert read_form(body) is None
