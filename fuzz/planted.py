"""A fault for each target: what a slip in the parser would be, so that it can be seen whether it is found.

``tests/test_fuzz.py`` plants each one and replays what is kept. ``run.py --self-test`` plants it and lets the engine begin
with what is kept, but for those inputs that show it already.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any, NamedTuple

from cryptography.x509 import load_pem_x509_certificate

NO_BOUND = 10**6


class Fault(NamedTuple):
    """``name`` of ``module`` is ``broken`` instead of what it was."""

    module: str
    name: str
    broken: Any

    @contextmanager
    def planted(self) -> Iterator[None]:
        """The module with its fault."""
        module = import_module(f"todoku.{self.module}")
        before = vars(module).get(self.name)
        setattr(module, self.name, self.broken)
        try:
            yield
        finally:
            if before is None:
                delattr(module, self.name)
            else:
                setattr(module, self.name, before)


class Uncaught(Exception):  # noqa: N818 -- it stands for one that is
    """Where a parser catches this instead of what it ought to, it catches nothing."""


def unchanged(written: Any, *_: Any, **__: Any) -> Any:
    """What a function that forgets to do its work gives back."""
    return written


def nothing(*_: Any, **__: Any) -> Any:
    """What a check gives back that finds no fault."""
    return ()


def crash(*_: Any, **__: Any) -> Any:
    """What a function does whose index is one too high."""
    raise IndexError("planted")


FAULTS: Mapping[str, Fault] = {
    "signature": Fault("auth.dkim.signature", "_dkim_defects", nothing),
    "key": Fault("auth.dkim.crypto", "InvalidSignature", Uncaught),
    "canonical_form": Fault("auth.dkim.canonical", "_with_one_crlf", lambda body, *_: body + b"\r\n"),
    "verify": Fault("auth.dkim.verify", "_best", crash),
    "damage": Fault("auth.dkim.damage.body", "_is_open_text", crash),
    "arc": Fault("auth.arc", "_results_instance", crash),
    "spf_record": Fault("auth.spf.macro", "MAX_NAME", 400),
    "spf": Fault("auth.spf.check", "MAX_LOOKUPS", 12),
    "spf_cost": Fault("auth.spf.tree", "MAX_FOLLOWED", NO_BOUND),
    "dmarc_record": Fault("auth.dmarc.record", "_uris", crash),
    "dmarc": Fault("auth.dmarc.evaluate", "_name", crash),
    "records": Fault("auth.dkim.selector", "_key_problem", lambda *_: ""),
    "master_file": Fault("net.dns.master_file", "_generic", crash),
    "route53": Fault("net.writers.route53_text", "_escape", unchanged),
    "wire": Fault("net.dns.message", "MAX_NAME", 400),
    "aggregate": Fault("feedback.zip_members", "_entry", crash),
    "report_value": Fault("feedback.values", "_CONTROLS", re.compile("x")),
    "tls_report": Fault("feedback.values", "sensible", unchanged),
    "feedback": Fault("feedback.failure", "_party", unchanged),
    "event": Fault("feedback.ses_event", "_without_address", unchanged),
    "address": Fault("mail.address", "MAX_ADDRESSES", NO_BOUND),
    "words": Fault("mail.encoded_word", "_octets", crash),
    "authres": Fault("mail.authres", "_quoted", unchanged),
    "received": Fault("mail.received", "_normal_address", unchanged),
    "date": Fault("mail.dates", "_year", crash),
    "content_type": Fault("mail.content_type", "_joined", crash),
    "tags": Fault("mail.tags", "_is_clean", lambda *_: True),
    "unsubscribe": Fault("mail.unsubscribe", "MAX_URIS", NO_BOUND),
    "bounce": Fault("feedback.bounce", "_codes", lambda *_: ("550", "5.9.9")),
    "message": Fault("mail.message", "MAX_FIELDS", NO_BOUND),
    "saved": Fault("mail.saved", "_refolded", crash),
    "outlook": Fault("mail.msg", "NotAMessage", Uncaught),
    "mime": Fault("mail.mime", "MAX_DEPTH", NO_BOUND),
    "links": Fault("mail.links", "_shown", lambda *_: "x" * 121),
    "lint": Fault("mail.lint.defect", "printable", unchanged),
    "route": Fault("mail.route", "_each_confirmed", crash),
    "judged": Fault("report.words", "_written_out", crash),
    "domain": Fault("causes.dmarc.record", "_nothing_there", crash),
    "plan": Fault("plan.document", "RecursionError", Uncaught),
    "bundle": Fault("net.bundle", "BadZipFile", Uncaught),
    "config": Fault("settings.config", "ValueError", Uncaught),
    "journal": Fault("apply.journal", "write_whole", lambda file, octets: os.write(file, octets[:-1])),
    "kept_replies": Fault("net.aws.calls", "_decoded", crash),
    "notification": Fault("net.sources.sns", "_key", lambda pem, _: load_pem_x509_certificate(pem).public_key()),
    "google": Fault("net.google.api", "_refused", crash),
    "consent": Fault("net.sources.login", "RecursionError", Uncaught),
    "tsig_key": Fault("net.writers.tsig_key", "_knot_keys", crash),
}
