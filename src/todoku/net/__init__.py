"""The only input and output: one small adapter for each outside thing, and the drivers that run engines."""
