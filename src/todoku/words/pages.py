"""Where a reader sets a thing up: AWS's and Google's pages, each in English and in Japanese."""

from __future__ import annotations

from todoku.words.verdict import Text

SES_GUIDE = "https://docs.aws.amazon.com/ses/latest/dg/"


def ses_guide(page: str) -> Text:
    """A page of the SES developer guide: ``ses_guide("security-protocols")``."""
    return Text(f"{SES_GUIDE}{page}.html", f"https://docs.aws.amazon.com/ja_jp/ses/latest/dg/{page}.html")


def google_help(page: str) -> Text:
    """A page of Google's help centre: ``google_help("a/answer/81126")``."""
    return Text(f"https://support.google.com/{page}?hl=en", f"https://support.google.com/{page}?hl=ja")
