"""Decide what is sent and when: parts, retries, concurrency, connectivity. Handles sizes and digests, never bytes."""
