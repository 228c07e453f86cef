"""DMARC: the record, alignment, and From domains that nobody can align."""
