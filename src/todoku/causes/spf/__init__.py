"""SPF records: what is wrong with them, who passes by them, how one is mended."""
