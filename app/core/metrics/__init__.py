"""Measure how well the uploads of a session go, score it, and say what follows for the next answer."""
