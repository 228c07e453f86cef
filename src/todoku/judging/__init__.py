"""From evidence to verdicts: what is to be judged, and the judge."""
