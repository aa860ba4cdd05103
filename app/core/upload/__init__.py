"""Decide what is sent, when, and again: parts, retries, concurrency, connectivity. Sizes and digests, never bytes."""
