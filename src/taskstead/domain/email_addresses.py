"""E-mail addresses, which identify users. The server sends no e-mail."""

from email_validator import validate_email

_DUMMY_PARENT_DOMAIN = ".example"


def normalise_email(address: str) -> str:
    """Return the canonical form of an e-mail address: Unicode-normalised (RFC 6532), lower-case.

    Addresses in local domains (``me@localhost``, ``admin@nas.local``, ``x@home.arpa``) are valid.

    Raises:
        ValueError: the text is not an e-mail address.
    """
    # The library rejects local domains and has no option to accept them. With the appended domain,
    # they are subdomains, which the library accepts.
    lower = address.strip().lower() + _DUMMY_PARENT_DOMAIN
    checked = validate_email(lower, check_deliverability=False)
    return checked.normalized.removesuffix(_DUMMY_PARENT_DOMAIN)
