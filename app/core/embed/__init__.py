"""Decide what an embedding page may send and is told."""
