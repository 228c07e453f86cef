"""Writing to the world, one thing at a time: record sets by each way there is, and what SES holds."""
