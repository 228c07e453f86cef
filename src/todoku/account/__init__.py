"""What an SES account is set to: replies in, values out. No I/O; every read is a ``Call`` that an engine yields."""
