"""What it costs to authenticate a message: todoku beside its peers, on one corpus, in one run.

    make bench              (or: python bench/auth.py [messages] [rounds])

The corpus and the peers are those of ``$TODOKU_BENCH``, else ``../shared/bench`` (``gen_mail.py``; needs dkimpy, pynacl,
pyspf, authheaders). Every contender runs in a process of its own and sees each message once, so that nothing is gained by
remembering a message; the contenders take turns, round after round, and the best round of each counts, as CPU time. "cold"
is the first message of a process. The floor is what no program can avoid: one verification of each signature and one
SHA-256 of the message.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("TODOKU_BENCH") or HERE.parent.parent / "shared" / "bench")
CONTENDERS = ("floor", "authenticate", "check", "dkimpy+pyspf", "authheaders")
Verdict = tuple[str, int, str, str]  # SPF, passing signatures, ARC, DMARC
NOW = datetime.now(UTC)


def corpus(folder: Path) -> tuple[list[dict[str, Any]], dict[tuple[str, str], list[Any]]]:
    """The messages and the DNS that they need."""
    messages, dns = pickle.loads((folder / "mail.pkl").read_bytes())
    return messages, dns


def floor(messages: list[dict[str, Any]], dns: dict[tuple[str, str], list[Any]]) -> Callable[[dict[str, Any]], None]:
    """One verification a signature, with a key that is ready, and one SHA-256 of the message."""
    import re
    from hashlib import sha256

    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

    key = rsa.generate_private_key(65537, 2048)
    digest = sha256(b"x").digest()
    prehashed = __import__("cryptography.hazmat.primitives.asymmetric.utils", fromlist=["Prehashed"]).Prehashed(
        hashes.SHA256()
    )
    rsa_signature, public = key.sign(digest, padding.PKCS1v15(), prehashed), key.public_key()
    small = ed25519.Ed25519PrivateKey.generate()
    ed_signature, ed_public = small.sign(digest), small.public_key()
    pkcs = padding.PKCS1v15()
    signature = re.compile(rb"^(?:DKIM-Signature|ARC-Message-Signature|ARC-Seal):", re.MULTILINE | re.IGNORECASE)

    def run(message: dict[str, Any]) -> None:
        raw = message["raw"]
        sha256(raw).digest()
        header = raw[: raw.find(b"\r\n\r\n")]
        ed = header.count(b"a=ed25519")
        for _ in range(len(signature.findall(header)) - ed):
            public.verify(rsa_signature, digest, pkcs, prehashed)
        for _ in range(ed):
            ed_public.verify(ed_signature, digest)

    return run


def zone(dns: dict[tuple[str, str], list[Any]]) -> Any:
    """The DNS of the corpus as a zone."""
    import todoku

    names: dict[str, list[tuple[str, Any]]] = {}
    for (name, rdtype), values in dns.items():
        for value in values:
            preference, _, host = value.partition(" ") if rdtype == "MX" else ("", "", "")
            record = (int(preference), host.rstrip(".")) if rdtype == "MX" else value
            names.setdefault(name, []).append((rdtype, record))
    return todoku.Zone.from_dict(names)


def authenticate(
    messages: list[dict[str, Any]], dns: dict[tuple[str, str], list[Any]]
) -> Callable[[dict[str, Any]], Verdict]:
    """todoku: SPF, every signature, ARC, DMARC, iprev."""
    import todoku

    source = zone(dns)

    def run(message: dict[str, Any]) -> Verdict:
        envelope = todoku.Envelope(ip=message["ip"], helo=message["helo"], mail_from=message["mailfrom"])
        found = todoku.authenticate(message["raw"], envelope, resolver=source, now=NOW)
        passing = sum(one.result == "pass" for one in found.dkim)
        return found.spf.result, passing, found.arc.result, found.dmarc.result

    return run


def check(messages: list[dict[str, Any]], dns: dict[tuple[str, str], list[Any]]) -> Callable[[dict[str, Any]], Verdict]:
    """todoku: everything that ``todoku check`` judges, without making text of it."""
    import todoku

    source = zone(dns)

    def run(message: dict[str, Any]) -> Verdict:
        envelope = todoku.Envelope(ip=message["ip"], helo=message["helo"], mail_from=message["mailfrom"])
        found = todoku.check(message["raw"], envelope, resolver=source, now=NOW).evidence
        passing = sum(one.result == "pass" for one in found.dkim)
        return found.spf.result, passing, found.arc.result, found.dmarc.result

    return run


def _txt(dns: dict[tuple[str, str], list[Any]]) -> Callable[..., Any]:
    def look(name: Any, timeout: int = 5) -> Any:
        text = name.decode() if isinstance(name, bytes) else name
        found = dns.get((text.rstrip(".").lower(), "TXT"))
        if not found:
            return None
        return found[0] if isinstance(name, bytes) else found[0].decode()

    return look


def _spf(dns: dict[tuple[str, str], list[Any]]) -> Any:
    import spf

    def look(name: str, qtype: str, tcpfallback: bool = True, timeout: int = 30) -> list[Any]:
        found = dns.get((name.rstrip(".").lower(), qtype)) if qtype == "TXT" else None
        return [((name, qtype), (value,)) for value in found or ()]

    spf.DNSLookup = look
    return spf


def dkimpy_pyspf(
    messages: list[dict[str, Any]], dns: dict[tuple[str, str], list[Any]]
) -> Callable[[dict[str, Any]], Verdict]:
    """dkimpy for every signature and ARC, pyspf for SPF; no DMARC."""
    import dkim

    spf, look = _spf(dns), _txt(dns)

    def run(message: dict[str, Any]) -> Verdict:
        verifier = dkim.DKIM(message["raw"])
        count = sum(name.lower() == b"dkim-signature" for name, _ in verifier.headers)
        passing = sum(verifier.verify(idx=index, dnsfunc=look) for index in range(count))
        arc = dkim.arc_verify(message["raw"], dnsfunc=look)[0].decode() if message["arc"] else "none"
        result = spf.query(i=message["ip"], s=message["mailfrom"], h=message["helo"]).check()[0]
        return result, passing, arc, ""

    return run


def authheaders(
    messages: list[dict[str, Any]], dns: dict[tuple[str, str], list[Any]]
) -> Callable[[dict[str, Any]], Verdict]:
    """authheaders, its public suffix list loaded once instead of once a message."""
    import functools
    import re

    import authheaders as peer
    from authheaders import dmarc_lookup

    for name in ("get_suffix_list_file_name", "get_org_domain_from_suffix_list"):
        if hasattr(dmarc_lookup, name):
            setattr(dmarc_lookup, name, functools.lru_cache(None)(getattr(dmarc_lookup, name)))
    suffixes = getattr(dmarc_lookup, "PublicSuffixList", None)
    if suffixes is not None:
        dmarc_lookup.PublicSuffixList = functools.lru_cache(1)(lambda *_, **__: suffixes())
    _spf(dns)
    look = _txt(dns)

    def run(message: dict[str, Any]) -> Verdict:
        said = peer.authenticate_message(
            message["raw"],
            "mx.test",
            spf=True,
            dkim=True,
            arc=True,
            dmarc=True,
            ip=message["ip"],
            mail_from=message["mailfrom"],
            helo=message["helo"],
            dnsfunc=look,
        )
        words = dict(re.findall(r"; (spf|dkim|arc|dmarc)=(\w+)", said))  # a result, not the property policy.dmarc=
        passing = int(words.get("dkim") == "pass")  # it looks at the first signature only
        return words.get("spf", ""), passing, words.get("arc", "none"), words.get("dmarc", "")

    return run


COMPARED: dict[str, Callable[[list[Any]], object]] = {
    "check": tuple,
    "dkimpy+pyspf": lambda verdict: tuple(verdict[:3]),  # no DMARC
    "authheaders": lambda verdict: (verdict[0], verdict[1] > 0, *verdict[2:]),  # the first signature only
}
"""What of a verdict a contender gives, so that it can be compared."""

RUNNERS = {
    "floor": floor,
    "authenticate": authenticate,
    "check": check,
    "dkimpy+pyspf": dkimpy_pyspf,
    "authheaders": authheaders,
}


def contend(name: str, folder: Path) -> None:
    """Run one contender over the corpus and print its figures as JSON: this is what each process does."""
    messages, dns = corpus(folder)
    run = RUNNERS[name](messages, dns)
    verdicts = []
    gc.collect()
    gc.freeze()  # the corpus is the bench's, not the contender's: no collection is to walk over it
    started = time.process_time()
    verdicts.append(run(messages[0]))
    cold = time.process_time() - started
    started = time.process_time()
    verdicts.extend(run(message) for message in messages[1:])
    spent = time.process_time() - started
    print(json.dumps({"cold": cold * 1e6, "each": spent / (len(messages) - 1) * 1e6, "verdicts": verdicts}))


def main(count: int, rounds: int) -> int:
    """Make the corpus, let the contenders take turns, print the table; 1 where verdicts disagree."""
    if not (SHARED / "gen_mail.py").exists():
        print(f"benchmark inputs not found: {SHARED} (set TODOKU_BENCH)")
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([sys.executable, str(SHARED / "gen_mail.py"), str(count)], cwd=scratch, check=True)
        found: dict[str, list[dict[str, Any]]] = {name: [] for name in CONTENDERS}
        for _ in range(rounds):
            for name in CONTENDERS:
                command = [sys.executable, __file__, "--contend", name, scratch]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                if done.returncode:
                    print(f"{name} failed: {done.stderr.strip().splitlines()[-1]}")
                    return 2
                found[name].append(json.loads(done.stdout))
    return table(found)


def table(found: dict[str, list[dict[str, Any]]]) -> int:
    """Print the figures with their ratios, and whether the verdicts agree."""
    each = {name: min(one["each"] for one in runs) for name, runs in found.items()}
    cold = {name: min(one["cold"] for one in runs) for name, runs in found.items()}
    print(f"\n{'':16}{'us CPU/message':>16}{'cold, us':>12}{'x faster than dkimpy+pyspf':>30}{'floor / it':>12}")
    for name in CONTENDERS:
        ratio, share = each["dkimpy+pyspf"] / each[name], each["floor"] / each[name]
        print(f"{name:16}{each[name]:16.0f}{cold[name]:12.0f}{ratio:30.1f}{share:12.0%}")
    ours = found["authenticate"][0]["verdicts"]
    disagree = 0
    for name, what in COMPARED.items():
        theirs = found[name][0]["verdicts"]
        differing = sum(what(a) != what(b) for a, b in zip(ours, theirs, strict=True))
        print(f"verdicts of {name}: {len(ours) - differing} of {len(ours)} agree with authenticate's")
        disagree += differing
    return 1 if disagree else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--contend"]:
        contend(sys.argv[2], Path(sys.argv[3]))
    else:
        sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000, int(sys.argv[2]) if len(sys.argv) > 2 else 3))
