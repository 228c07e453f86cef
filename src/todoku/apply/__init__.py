"""Carrying plans out and taking them back, with a journal."""
