"""todoku.toml: what it may say, and what does not fit."""
