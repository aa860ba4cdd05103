"""Decide how a session continues: actions, answers, what the screen shows, tickets and launch URLs."""
