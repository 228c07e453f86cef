"""What the receivers' files say together: whose a domain is, and what follows for those in which anybody has an address."""

from __future__ import annotations

import pytest

from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS
from todoku.intake.vouching import vouched_by
from todoku.net.suffix_list import bundled_suffixes
from todoku.receivers import FACTS, MAILBOX_DOMAINS, DomainOwners
from todoku.store.proofs import Proof


@pytest.mark.parametrize("field", ["hosts", "mailboxes"])
def test_no_domain_is_that_of_two_receivers(field: str) -> None:
    domains = [domain for facts in FACTS.values() for domain in getattr(facts, field)]
    assert domains
    assert sorted(domains) == sorted({*domains})
    assert all(domain == domain.lower() for domain in domains)


def test_each_has_a_place_and_those_of_the_matrix_a_letter_of_their_own() -> None:
    assert len({facts.place for facts in FACTS.values()}) == len(FACTS)
    letters = [facts.letter for facts in FACTS.values() if facts.asked_by_default]
    assert all(letters)
    assert len({*letters}) == len(letters)


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("example.co.jp", "short"),
        ("MX.Example.co.jp", "short"),
        ("deep.mail.example.co.jp", "long"),
        ("a." * 100_000 + "mail.example.co.jp", "long"),
        ("a.example.net", "other"),
        ("co.jp", None),
        ("other.co.jp", None),
        ("notexample.co.jp", None),
        ("example.net.", None),
        ("", None),
    ],
)
def test_a_name_is_of_the_nearest_domain_above_it(name: str, owner: str | None) -> None:
    owners = DomainOwners({"example.co.jp": "short", "mail.example.co.jp": "long", "example.net": "other"})
    assert owners.owner(name) == owner


@pytest.mark.parametrize("domain", MAILBOX_DOMAINS)
def test_a_mailbox_domain_vouches_for_no_report(domain: str) -> None:
    """A signature of it shows that one of its users wrote the mail."""
    proof = Proof("", "proven", domain)
    assert vouched_by(proof, org=domain, contact=f"reports@{domain}", late=False, suffixes=bundled_suffixes()) == ""


def test_the_dns_of_a_mailbox_domain_is_no_senders_to_change() -> None:
    assert {"gmail.com", "yahoo.co.jp", "docomo.ne.jp", "nifty.com"} <= CONSUMER_DOMAINS
