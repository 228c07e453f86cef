"""The public suffix list's rules: plain, wildcard, exception, and the default for what is not listed."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.auth.suffixes import Suffixes
from todoku.net.suffix_list import bundled_suffixes

LIST = """// a comment
com

jp
*.kobe.jp
!city.kobe.jp
公司.cn   read to the first white space only
\tindented lines hold no rule
"""


@pytest.mark.parametrize(
    ("name", "suffix", "organization"),
    [
        ("com", "com", "com"),
        ("example.com", "com", "example.com"),
        ("a.b.example.com", "com", "example.com"),
        ("WWW.Example.COM.", "com", "example.com"),
        ("kobe.jp", "jp", "kobe.jp"),
        ("c.kobe.jp", "c.kobe.jp", "c.kobe.jp"),
        ("a.b.c.kobe.jp", "c.kobe.jp", "b.c.kobe.jp"),
        ("www.city.kobe.jp", "kobe.jp", "city.kobe.jp"),
        ("www.example.xn--55qx5d.cn", "xn--55qx5d.cn", "example.xn--55qx5d.cn"),
        ("b.unlisted", "unlisted", "b.unlisted"),
        ("indented", "indented", "indented"),
        ("", "", ""),
    ],
)
def test_rules(name, suffix, organization):
    suffixes = Suffixes.from_text(LIST)
    assert suffixes.public_suffix(name) == suffix
    assert suffixes.organizational_domain(name) == organization


def test_lines_may_end_in_crlf():
    assert Suffixes.from_text(LIST.replace("\n", "\r\n")) == Suffixes.from_text(LIST)


def test_the_bundled_list_is_ascii_and_read_once():
    suffixes = bundled_suffixes()
    assert suffixes is bundled_suffixes()
    assert len(suffixes.rules) > 8000
    assert all(map(str.isascii, suffixes.rules | suffixes.wildcards | suffixes.exceptions))
    assert not any(rule.startswith(("*", "!", "/")) for rule in suffixes.rules)


def test_the_package_that_carries_the_list_is_not_imported():
    program = (
        "import sys; from todoku.net.suffix_list import bundled_suffixes; bundled_suffixes();"
        "sys.exit('publicsuffixlist' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@given(st.text(alphabet="abjp.-*!kobecity", max_size=300))
def test_both_answers_are_tails_of_the_name(name):
    suffixes = Suffixes.from_text(LIST)
    suffix, organization = suffixes.public_suffix(name), suffixes.organizational_domain(name)
    assert organization.endswith(suffix)
    assert name.rstrip(".").endswith(organization)


def test_a_name_without_end_is_no_trouble():
    name = "a." * 100_000 + "com"
    assert Suffixes.from_text(LIST).organizational_domain(name) == "a.com"
