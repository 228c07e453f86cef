"""Unsubscribing: from which mail it is asked, and how the header fields get there."""
