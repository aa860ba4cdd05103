"""Decide how to record: formats, device errors, durations, rules for chosen files, signal quality."""
