"""DKIM: who signed the message, and is it as it was when they did? RFC 6376, 8301, 8463."""
