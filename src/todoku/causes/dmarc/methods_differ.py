"""The DNS tree walk of RFC 9989 and the public suffix list of RFC 7489 tell different stories: receivers will too."""

from __future__ import annotations

from todoku.auth.dmarc import DmarcResult
from todoku.auth.dmarc.evaluate import Discovery
from todoku.causes.dmarc.consumer_from import own_organization
from todoku.causes.dmarc.tag_edit import FIRST_RECORD
from todoku.causes.identity_cache import remembered_of_senders
from todoku.mail.address import Author
from todoku.words.change import Change, DnsRecord
from todoku.words.verdict import Fix, Reason, Text, Value


def publish_at_organization(author: Author, dmarc: DmarcResult) -> tuple[Change, ...]:
    """A record at the organizational domain too: the tree walk then ends where the suffix list does."""
    domain = own_organization(author, dmarc)
    record = dmarc.record
    if record is None or domain in ("", record.domain):
        return ()
    return (DnsRecord(f"_dmarc.{domain}", "TXT", FIRST_RECORD),)


DMARC_AT_ORGANIZATION = Fix(
    "dmarc-at-organization",
    Text("Publish a DMARC record at the organizational domain too", "組織ドメインにもDMARCレコードを登録する"),
    publish_at_organization,
)

METHODS_DIFFER = Reason(
    "dmarc-methods-differ",
    Text(
        "Receivers will not agree: by the DNS tree walk (RFC 9989, organizational domain {treewalk_domain}) the result is "
        "{treewalk}, by the public suffix list (RFC 7489, {psl_domain}) it is {psl}.",
        "受信側によって結果が変わります。DNSツリーウォーク(RFC 9989、組織ドメイン {treewalk_domain})では {treewalk}、"
        "パブリックサフィックスリスト(RFC 7489、組織ドメイン {psl_domain})では {psl} です。",
    ),
    fixes=(DMARC_AT_ORGANIZATION,),
)


@remembered_of_senders
def differing_values(dmarc: DmarcResult) -> dict[str, Value]:
    """Both stories in a few words."""
    return {
        "treewalk": _story(dmarc.treewalk),
        "psl": _story(dmarc.psl),
        "treewalk_domain": dmarc.treewalk.organizational_domain or dmarc.author_domain,
        "psl_domain": dmarc.psl.organizational_domain or dmarc.author_domain,
    }


def methods_differ(dmarc: DmarcResult) -> bool:
    """Whether both ways could be gone to their end and tell different stories."""
    undecided = "temperror" in (dmarc.treewalk.result, dmarc.psl.result)
    return dmarc.methods_differ and not undecided


def _story(found: Discovery) -> str:
    return f"dmarc={found.result}" + (f" (p={found.policy})" if found.policy else "")
