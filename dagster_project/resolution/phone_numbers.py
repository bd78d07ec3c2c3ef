"""Phone numbers in one form, however they were written: E.164, by Google's rules for all countries.

Belongs here: reading one number. Does not belong here: which numbers are read, and that each is
read once (`dbt_project/models/identity/phone_numbers.sql`).
"""

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

_LETTERS = re.compile(r"[^\W\d_]+")
_INTERNATIONAL_PREFIX = re.compile(r"[^\w+]*00")


def normalise_phone(phone: str, region: str, default_region: str) -> str | None:
    """Read a phone number as somebody wrote it.

    A number that says its country itself (`+44 …`, `0044 …`) is read by that. An extension is cut
    off.

    Args:
        phone: The number as written.
        region: The two letters of the country by whose rules a number without a country is read.
        default_region: The country to take where there is no such `region`.

    Returns:
        The number as E.164; null where it is none that its country gives to anybody, by the
        numbering plans that the library knows.
    """
    known = region if region in phonenumbers.SUPPORTED_REGIONS else default_region
    for reading in _readings(phone):
        try:
            number = phonenumbers.parse(reading, known)
        except NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return None


def _readings(phone: str) -> Iterator[str]:
    """Offer what may be meant; what is less likely is read only where nothing else was valid."""
    yield phone
    # Letters may be digits (1-800-FLOWERS), or a remark (`202 599 6809 home`).
    without_letters = _LETTERS.sub(" ", phone)
    if without_letters != phone:
        yield without_letters
    # What most countries dial before a country's code, the library takes for it only there.
    international = _INTERNATIONAL_PREFIX.sub("+", without_letters, count=1)
    if international != without_letters:
        yield international


@cache
def phone_rules_version() -> str:
    """Name the rules: what was read under another name has to be read anew."""
    own_rules = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    return f"phonenumbers {phonenumbers.__version__}, {own_rules}"
