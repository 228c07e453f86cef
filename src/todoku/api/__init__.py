"""The Python interface: what other programs call. Each function takes octets or names and gives back values.

Trusts nothing that it is given; touches the network only through the ``resolver`` that the caller hands in, or through the
system's DNS when there is none. ``todoku.aio`` has the same names as coroutines.
"""

from __future__ import annotations

from todoku.api.accounts import account_name, account_with_traffic, check_account, checking_accounts
from todoku.api.driver import SECONDS, default_source
from todoku.api.mechanisms import (
    authenticate,
    authenticating,
    check_host,
    evaluate_dmarc,
    parse_aggregate,
    seal_arc,
    sealing,
    sign_dkim,
    verify_arc,
    verify_dkim,
    verifying_arc,
    verifying_dkim,
)
from todoku.api.message_source import MessageSource, octets_of
from todoku.api.settings import Settings, terms_for
from todoku.api.subjects import (
    addressed,
    check,
    check_domain,
    checking,
    checking_domain,
    checking_stored_domain,
    domain_settings,
)

__all__ = [
    "SECONDS",
    "MessageSource",
    "Settings",
    "account_name",
    "account_with_traffic",
    "addressed",
    "authenticate",
    "authenticating",
    "check",
    "check_account",
    "check_domain",
    "check_host",
    "checking",
    "checking_accounts",
    "checking_domain",
    "checking_stored_domain",
    "default_source",
    "domain_settings",
    "evaluate_dmarc",
    "octets_of",
    "parse_aggregate",
    "seal_arc",
    "sealing",
    "sign_dkim",
    "terms_for",
    "verify_arc",
    "verify_dkim",
    "verifying_arc",
    "verifying_dkim",
]
