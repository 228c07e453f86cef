"""Asking the DNS: the real one, over UDP, TCP, TLS and HTTPS, and zones that stand in a file."""
