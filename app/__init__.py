"""Slipstream in the page: record, cut into parts, upload while the candidate speaks."""
