"""Questions to the stored rows, one file for each: SQL that DuckDB answers, and what comes back as values.

What a person gives (a domain, days) reaches SQL as a parameter and never as text. Each function may raise ``Away``.
"""
