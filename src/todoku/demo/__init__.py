"""A whole SES account and its DNS on the loopback address, with no AWS account: for the demonstration and for tests."""
