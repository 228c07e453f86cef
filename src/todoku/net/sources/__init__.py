"""Where reports come from over a network: a mailbox, a bucket, a queue. Each is a ``Source`` of ``intake/source.py``."""
