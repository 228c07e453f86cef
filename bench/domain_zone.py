"""Domains for the benchmark and its test: their zones, and what is true of each, known because it was made so.

Of twenty domains five are alike and in order; each of the others is something of its own.
"""

from __future__ import annotations

from typing import NamedTuple

KINDS = 20
KEY = "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA" + "Q" * 344 + "IDAQAB"
HEAD = "$TTL 300\n@ SOA ns.test. hostmaster.test. 1 3600 600 86400 60\n@ NS ns.test.\n"
AMAZONSES = HEAD + '@ TXT "v=spf1 ip4:199.255.192.0/22 ip4:54.240.0.0/18 -all"\n'
COMMON = """
ns A 127.0.0.1
inc TXT "v=spf1 ip4:54.240.0.0/18 ip4:69.169.224.0/20 -all"
deep TXT "v=spf1 include:inc.test -all"
empty A 10.250.1.1
"""


class Truth(NamedTuple):
    """What is true of a domain: whether its SPF record is valid and how many look-ups it costs, its DMARC policy, its MX hosts.

    ``lookups`` is 0 where the record is not valid, ``policy`` "" where no record applies.
    """

    spf: bool
    lookups: int
    policy: str
    hosts: tuple[str, ...]


class Domain(NamedTuple):
    """The TXT records at a domain and at its ``_dmarc``, its MX records, and what is true of it."""

    txt: tuple[str, ...]
    dmarc: tuple[str, ...]
    mx: tuple[str, ...]
    truth: Truth


def domain(number: int) -> Domain:
    """The domain ``d<number>.test``."""
    mx = (f"mx{number % 100}.test", "mx0.test") if number % KINDS == 10 else (f"mx{number % 100}.test",)
    hosts = () if number % KINDS == 12 else tuple(sorted(set(mx)))
    txt, valid, lookups = _spf(number)
    dmarc, policy = _dmarc(number)
    return Domain(txt, dmarc, hosts, Truth(valid, lookups, policy, hosts))


def _spf(number: int) -> tuple[tuple[str, ...], bool, int]:
    own = f"ip4:10.{number >> 8 & 255}.{number & 255}.0/24"
    good = f"v=spf1 include:inc.test {own} -all"
    match number % KINDS:
        case 3:  # RFC 7208 4.5: two records are none
            return (good, f"v=spf1 {own} -all"), False, 0
        case 4:
            return (), False, 0
        case 5:
            return (f"v=spf1 {own}/99 -all",), False, 0
        case 6:  # RFC 7208 4.6.4: ten look-ups and no more
            return ("v=spf1 " + "include:inc.test " * 11 + "-all",), False, 0
        case 9:
            return (f"v=spf1 include:deep.test {own} ~all",), True, 2
        case 13:
            return (f"v=spf1 a mx {own} -all",), True, 2
        case 14:  # RFC 7208 5.2: an included domain must have a record
            return ("v=spf1 include:empty.test -all",), False, 0
        case 15:
            return ("v=spf1 redirect=inc.test",), True, 1
    return (good,), True, 1


def _dmarc(number: int) -> tuple[tuple[str, ...], str]:
    policy = {1: "none", 2: "quarantine"}.get(number % KINDS, "reject")
    record = f"v=DMARC1; p={policy}; rua=mailto:a@d{number}.test"
    match number % KINDS:
        case 0 | 8:
            return (), ""
        case 7:  # RFC 9989 4.10: two records are none
            return (record, "v=DMARC1; p=none"), ""
    return (record,), policy


def zones(count: int) -> dict[str, str]:
    """The zones of so many domains as master files, by the zone's name."""
    forward = [HEAD, COMMON, *(f"mx{number} A 10.250.0.{number + 1}" for number in range(100))]
    reverse = [HEAD]
    for number in range(count):
        name, made = f"d{number}", domain(number)
        forward += [f'{name} TXT "{text}"' for text in (*made.txt, f"google-site-verification=abc{number}")]
        forward += [f'_dmarc.{name} TXT "{text}"' for text in made.dmarc]
        forward += [f"{name} MX {10 * place} {host}." for place, host in enumerate(made.mx, 1)]
        forward += [f"{name} A 10.{number >> 8 & 255}.{number & 255}.1"]
        forward += [f's1._domainkey.{name} TXT "{KEY[:200]}" "{KEY[200:]}"']
        reverse += [f"1.{number & 255}.{number >> 8 & 255} PTR {name}.test."]
    return {
        "test": "\n".join(forward) + "\n",
        "10.in-addr.arpa": "\n".join(reverse) + "\n",
        "amazonses.com": AMAZONSES,
    }
