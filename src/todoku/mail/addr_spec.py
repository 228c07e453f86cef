"""Is this an address by the grammar of RFC 5322, obsolete forms included? Section 3.4.1 with section 4.4."""

from __future__ import annotations

import re

from todoku.mail.tokens import Kind, Token, is_dotted, tokenize

FOLD = r"(?:\r\n)?[ \t]"  # RFC 5322 3.2.2 FWS and 4.2 obs-FWS, with erratum 1908

# What each token may hold. A quoted pair may hold any ASCII octet (4.1 obs-qp); ctext, qtext and dtext any but NUL, CR, LF
# and their own delimiters (4.1 obs-NO-WS-CTL, 4.4 obs-dtext). RFC 6532's UTF-8 is not of this grammar.
CONTENT: dict[Kind, re.Pattern[str]] = {
    "white": re.compile(rf"(?:{FOLD})++"),
    "comment": re.compile(rf"(?:[\x01-\x08\x0b\x0c\x0e-\x1f!-\[\]-\x7f]|\\[\x00-\x7f]|{FOLD})++"),
    "quoted": re.compile(rf'"(?:[\x01-\x08\x0b\x0c\x0e-\x1f!#-\[\]-\x7f]|\\[\x00-\x7f]|{FOLD})*+"'),
    "literal": re.compile(rf"\[(?:[\x01-\x08\x0b\x0c\x0e-\x1f!-Z^-\x7f]|\\[\x00-\x7f]|{FOLD})*+\]"),
    "atom": re.compile(r"[\x00-\x7f]++"),
    "encoded": re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++"),  # an atom by this grammar, if it holds no specials
}


def is_valid_addr_spec(text: str) -> bool:
    """Whether ``text`` is an addr-spec. Lengths (RFC 5321 4.5.3.1) and whether its domain can be in DNS are not judged here,
    but for hyphens: no label of a domain begins or ends with one (RFC 1123 2.1).
    """
    words: list[Token] = []
    for token in tokenize(text):
        content = CONTENT.get(token.kind)
        if content is None:
            if token.text not in (".", "@"):
                return False
        elif not content.fullmatch(token.text):
            return False
        if token.kind not in ("white", "comment"):
            words.append(token)
    at = next((index for index, token in enumerate(words) if token.text == "@"), len(words))
    local, domain = words[:at], words[at + 1 :]
    return is_dotted(local, ("atom", "encoded", "quoted")) and (
        (len(domain) == 1 and domain[0].kind == "literal")
        or (is_dotted(domain, ("atom", "encoded")) and not any(_hyphened(token.text) for token in domain))
    )


def _hyphened(label: str) -> bool:
    return label[0] == "-" or label[-1] == "-"
