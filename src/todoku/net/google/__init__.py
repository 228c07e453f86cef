"""Google's Postmaster Tools, read and written by its API v2. Nothing else of Google's is asked."""
