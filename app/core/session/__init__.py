"""Decide how a session goes on: actions, answers, what the screen shows, tickets and launch URLs."""
