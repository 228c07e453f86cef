"""The way of a report from where it arrives into the store: raw octets first, then read, the source acknowledged last."""
