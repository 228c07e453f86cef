"""Where reports are kept: their raw octets, the state of each in SQL, their rows in Parquet. docs/reliability.md says why."""
