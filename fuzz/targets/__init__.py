"""What is attacked: one function for each parser of what strangers write, from any octets to nothing.

A target raises where a promise is broken: an exception of the parser's own is one, and what is asserted beside it is the
rest. Each names the modules that it is meant to reach and the words of their grammar (``registry.py``).
"""

from targets import authentication, dns, feedback, fields, judged, messages, own_files, services
from targets.registry import TARGETS, Target

__all__ = [
    "TARGETS",
    "Target",
    "authentication",
    "dns",
    "feedback",
    "fields",
    "judged",
    "messages",
    "own_files",
    "services",
]
