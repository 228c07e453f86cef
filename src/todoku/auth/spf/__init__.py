"""SPF: may this address send for this domain? RFC 7208.

``check.py`` is the ``check_host()`` function, ``record.py`` the grammar of a record, ``macro.py`` that of ``%{...}``.
"""

from todoku.auth.spf.check import check_host, check_identity
from todoku.auth.spf.record import is_spf
from todoku.auth.spf.result import SpfCause, SpfNode, SpfOutcome, SpfResult

__all__ = ["SpfCause", "SpfNode", "SpfOutcome", "SpfResult", "check_host", "check_identity", "is_spf"]
