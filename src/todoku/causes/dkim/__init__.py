"""DKIM: no signature, one that does not verify, a key that is short."""
