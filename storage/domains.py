"""Mail domains: which belong to a school, which to anybody, and which to its pupils.

A domain is compared in its ASCII form and lower case, so that "Schule-Köln.DE" and "xn--schule-kln-gcb.de" are one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from storage.reference import rows

__all__ = ["LONGEST", "address_of", "belongs", "domain_of", "for_pupils", "is_public"]

LONGEST = 254
"""More characters than this no mail address has (RFC 5321)."""

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


def domain_of(text: str) -> str | None:
    """The domain that a text is, in its ASCII form; None if it is none. "@school.pl" and "www.school.pl" will do."""
    bare = text.strip().casefold().removeprefix("@").removeprefix("www.").rstrip(".")
    try:
        ascii_form = bare.encode("idna").decode().lower() if bare and len(bare) < LONGEST else ""
    except UnicodeError:
        return None
    labels = ascii_form.split(".")
    right = len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
    return ascii_form if right and len(ascii_form) < LONGEST else None


def address_of(text: str) -> tuple[str, str] | None:
    """The mail address that a text is, and its domain, both as they are to be used; None if it is none.

    Only what mail servers take in fact: no quotes, no comments, no second address, nothing that could end a header.
    """
    local, at, rest = text.strip().removeprefix("mailto:").rpartition("@")
    domain = domain_of(rest)
    if not at or domain is None or len(local) > 64 or not _LOCAL.fullmatch(local) or rest.startswith(("@", "www.")):
        return None
    return f"{local}@{domain}", domain


def folded(address: str) -> str:
    """An address in the form in which it is compared: "Jan@school.pl" is "jan@school.pl" almost everywhere.

    What stands behind a plus sign leads to the same mailbox, so "jan+2@school.pl" is nobody else's.
    """
    local, _at, domain = address.casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def belongs(domain: str, domains: Iterable[str]) -> bool:
    """Whether a domain is one of ``domains`` or lies under one; never one of a public provider."""
    return not is_public(domain) and any(domain == each or domain.endswith(f".{each}") for each in domains)


def for_pupils(domain: str, domains: Iterable[str]) -> bool:
    """Whether a domain under one of a school's says that it is its pupils': "students.school.pl" under "school.pl"."""
    under = next((domain.removesuffix(each) for each in domains if domain.endswith(f".{each}")), "")
    return any(label in _pupils() for label in re.split(r"[.-]", under))


def is_public(domain: str) -> bool:
    """Whether anybody gets an address under this domain: it says nothing about a school."""
    labels = domain.split(".")
    known = _public()
    for place in range(len(labels) - 1):
        rest = labels[place + 1 :]
        if ".".join(labels[place:]) in known or (f"{labels[place]}.*" in known and _is_ending(rest)):
            return True
    return False


def _is_ending(labels: list[str]) -> bool:
    """Whether these are only the end of a domain: "com", "pl", "co.uk", "com.tr"."""
    return len(labels) == 1 or (len(labels) == 2 and labels[0] in {"co", "com", "net", "org"} and len(labels[1]) == 2)


@cache
def _public() -> frozenset[str]:
    return frozenset(row["name"] for row in rows("mail.csv") if row["kind"] == "public")


@cache
def _pupils() -> frozenset[str]:
    return frozenset(row["name"] for row in rows("mail.csv") if row["kind"] == "pupils")
