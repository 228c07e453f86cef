"""A store in a folder of its own for each test."""

from __future__ import annotations

from store_bench import another, bench, worker

__all__ = ["another", "bench", "worker"]
