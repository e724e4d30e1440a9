"""E-mail addresses: their canonical form, local domains and errors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskstead.domain.email_addresses import normalise_email


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("Ada@Example.COM", "ada@example.com"),
        (" ada@example.com\n", "ada@example.com"),
        ("ada+lists@example.com", "ada+lists@example.com"),
        ("\u00dc@M\u00dcNCHEN.example", "\u00fc@m\u00fcnchen.example"),
        ("u\u0308@example.com", "\u00fc@example.com"),
        ("ada@xn--mnchen-3ya.example", "ada@m\u00fcnchen.example"),
        # A dot above, moved behind a mark below by normalisation.
        ("\u0130\u0316@example.com", "i\u0316\u0307@example.com"),
    ],
)
def test_canonical_form(address: str, expected: str) -> None:
    assert normalise_email(address) == expected


@pytest.mark.parametrize(
    "address",
    ["me@localhost", "admin@nas.local", "x@home.arpa", "y@box.internal", "z@nas", "a@b.example"],
)
def test_local_domain_is_accepted(address: str) -> None:
    assert normalise_email(address) == address


@pytest.mark.parametrize(
    "address",
    [
        *("", "ada", "@", "ada@", "@example.com", "ada@.example", "ada@example.", "a..b@c.example"),
        *("a b@example.com", "Ada <ada@example.com>", "ada@example.com, bob@example.com"),
        *(
            '"a b"@example.com',
            "ada@[127.0.0.1]",
            "ada\x00@example.com",
            "ada@b\x00.c",
            "\ud800@example.com",
        ),
        "ada@" + "b" * 64 + ".example",
    ],
)
def test_invalid_address_is_rejected(address: str) -> None:
    with pytest.raises(ValueError, match=r"email address|@-sign"):
        normalise_email(address)


@given(st.emails())
def test_canonical_form_is_stable(address: str) -> None:
    canonical = normalise_email(address)
    assert normalise_email(canonical) == normalise_email(address.upper()) == canonical
