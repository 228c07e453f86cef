"""The words that everything speaks: verdicts, changes, receivers with their rules, errors."""
