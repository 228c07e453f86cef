"""The names of Amazon SES in DNS: one place for what differs by region.

Where a rule is written down, its page of docs.aws.amazon.com stands beside it; where none says so, so does that.
"""

from __future__ import annotations

from ipaddress import IPv4Address

# docs.aws.amazon.com/general/latest/gr/ses.html (Service API endpoints)
REGIONS = (
    *("af-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2"),
    *("ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-5", "ca-central-1", "ca-west-1"),
    *("eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-west-1", "eu-west-2", "eu-west-3"),
    *("il-central-1", "me-central-1", "me-south-1", "sa-east-1", "us-east-1", "us-east-2", "us-gov-east-1"),
    *("us-gov-west-1", "us-west-1", "us-west-2"),
)

# docs.aws.amazon.com/general/latest/gr/ses.html (DKIM domains)
OWN_DKIM_ZONE = frozenset(
    (
        *("af-south-1", "ap-northeast-3", "ap-south-2", "ap-southeast-3", "ap-southeast-5", "ca-west-1"),
        *("eu-central-2", "eu-south-1", "il-central-1", "me-central-1", "us-gov-east-1"),
    )
)

# no page says: what amazonses.com's own SPF record held in 2026
SENDING_NETWORKS = (
    *("199.255.192.0/22", "199.127.232.0/22", "54.240.0.0/18", "69.169.224.0/20"),
    *("23.249.208.0/20", "23.251.224.0/19", "76.223.176.0/20"),
)


def dkim_zone(region: str) -> str:
    """The zone in which SES publishes the keys of Easy DKIM for a region."""
    return f"dkim.{region}.amazonses.com" if region in OWN_DKIM_ZONE else "dkim.amazonses.com"


def feedback_host(region: str) -> str:
    """The host that takes bounces, which the MX of a MAIL FROM domain names: ses/latest/dg/mail-from.html."""
    return f"feedback-smtp.{region}.amazonses.com"


def mail_from_domain(region: str) -> str:
    """The domain of MAIL FROM where the customer set none: ses/latest/dg/mail-from.html."""
    return "amazonses.com" if region == "us-east-1" else f"{region}.amazonses.com"


def message_id_domain(region: str) -> str:
    """What stands behind the @ of Message-ID."""
    # no page says: seen in messages
    return "email.amazonses.com" if region == "us-east-1" else f"{region}.amazonses.com"


def sending_address(region: str) -> str:
    """The address from which the demo's SES of a region sends, one of those in amazonses.com's SPF record."""
    return f"23.251.{224 + _position(region)}.4"


def sending_host(region: str) -> str:
    """The name of that address, in the form of SES's own hosts."""
    # no page says: seen in messages
    part = "" if region == "us-east-1" else f".{region}"
    return f"e{224 + _position(region)}-4.smtp-out{part}.amazonses.com"


def infrastructure() -> dict[str, list[tuple[str, str]]]:
    """The records that SES itself publishes, apart from keys: ``{"amazonses.com": [("TXT", "v=spf1 ..."), ...]}``."""
    networks = " ".join(f"ip4:{network}" for network in SENDING_NETWORKS)
    records: dict[str, list[tuple[str, str]]] = {
        "amazonses.com": [("TXT", f"v=spf1 {networks} -all"), ("MX", f"10 {feedback_host('us-east-1')}")]
    }
    for region in REGIONS:
        address, host = sending_address(region), sending_host(region)
        records[feedback_host(region)] = [("A", f"192.0.2.{_position(region) + 1}")]
        records[host] = [("A", address)]
        records[IPv4Address(address).reverse_pointer] = [("PTR", host)]
        if region != "us-east-1":
            records[mail_from_domain(region)] = [
                ("TXT", "v=spf1 include:amazonses.com -all"),
                ("MX", f"10 {feedback_host(region)}"),
            ]
    return records


def quoted(text: str) -> str:
    """A TXT value as a master file writes it: strings of at most 255 octets, RFC 1035 3.3.14."""
    pieces = [text[start : start + 255] for start in range(0, len(text), 255)]
    return " ".join('"' + piece.replace("\\", "\\\\").replace('"', '\\"') + '"' for piece in pieces)


def _position(region: str) -> int:
    return REGIONS.index(region) if region in REGIONS else len(REGIONS)
