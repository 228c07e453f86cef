"""MAIL FROM: the custom domain that SES sends with, and its records."""
