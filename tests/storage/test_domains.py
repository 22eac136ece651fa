"""Mail domains and addresses: what is one, whose it is, and what can hide in one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.domains import LONGEST, address_of, belongs, domain_of, for_pupils, is_public


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("sp12.kielce.pl", "sp12.kielce.pl"),
        (" @SP12.Kielce.PL. ", "sp12.kielce.pl"),
        ("www.school.pl", "school.pl"),
        ("Schule-Köln.de", "xn--schule-kln-lcb.de"),
        ("σχολείο.gr", "xn--kxalrpdt2a.gr"),
    ],
)
def test_domains(text: str, domain: str) -> None:
    assert domain_of(text) == domain
    assert domain_of(domain) == domain


@pytest.mark.parametrize(
    "text", ["", "pl", "a..b", "-a.pl", "a b.pl", "1.2.3.4", "a.pl/x", "a_b.pl", "x" * 300 + ".pl"]
)
def test_what_is_no_domain(text: str) -> None:
    assert domain_of(text) is None


def test_addresses() -> None:
    assert address_of(" Jan.Kot+a@SP12.pl ") == ("Jan.Kot+a@sp12.pl", "sp12.pl")
    assert address_of("mailto:jan@sp12.pl") == ("jan@sp12.pl", "sp12.pl")


@pytest.mark.parametrize(
    "text",
    [
        *("jan", "jan@", "@sp12.pl", "jan@pl", "jan@@sp12.pl", "jan kot@sp12.pl", '"jan kot"@sp12.pl', "ją@sp12.pl"),
        *("jan@sp12.pl\r\nBcc: x@y.pl", "jan\n@sp12.pl", "jan@sp12.pl,eva@sp12.pl", "<jan@sp12.pl>", "jan@www.sp12.pl"),
        *(".jan@sp12.pl", "jan.@sp12.pl", "a..b@sp12.pl", "x" * 65 + "@sp12.pl", "jan@[10.0.0.1]"),
    ],
)
def test_what_is_no_address(text: str) -> None:
    assert address_of(text) is None


@given(st.text(max_size=60) | st.from_regex(r"[a-z.+]{0,9}@{0,2}[a-zé.-]{0,12}\.[a-z]{1,4}\s?"))
def test_an_address_is_plain(text: str) -> None:
    found = address_of(text)
    if found is not None:
        address, domain = found
        assert address.isascii() and address.isprintable() and not set(address) & set(' <>",;:()[]\\')
        assert address.count("@") == 1 and address.endswith(f"@{domain}") and len(address) <= LONGEST
        assert address_of(address) == found


@pytest.mark.parametrize(
    ("domain", "public"),
    [
        *((each, True) for each in ("gmail.com", "mail.yahoo.co.uk", "yahoo.fr", "wp.pl", "outlook.com.tr", "web.de")),
        *((each, False) for each in ("live.school.pl", "gmail.com.school.pl", "notgmail.com", "sch.gr", "edu.pl")),
    ],
)
def test_public_providers(domain: str, public: bool) -> None:
    assert is_public(domain) == public


def test_whose_a_domain_is() -> None:
    assert belongs("sp12.pl", ["sp12.pl"])
    assert belongs("mail.sp12.pl", ["other.pl", "sp12.pl"])
    assert not belongs("xsp12.pl", ["sp12.pl"])
    assert not belongs("sp12.pl.evil.com", ["sp12.pl"])
    assert not belongs("pl", ["sp12.pl"])
    # Whatever stands on a record, a public provider is nobody's school.
    assert not belongs("gmail.com", ["gmail.com"])


def test_pupils() -> None:
    assert for_pupils("uczniowie.sp12.pl", ["sp12.pl"])
    assert for_pupils("mail.students.sp12.pl", ["sp12.pl"])
    assert not for_pupils("mail.sp12.pl", ["sp12.pl"])
    # The school's own name may say what it likes.
    assert not for_pupils("students.pl", ["students.pl"])
