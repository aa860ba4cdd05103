"""Decide which messages a host page may send, and which it gets."""
