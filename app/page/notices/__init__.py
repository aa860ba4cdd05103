"""Every notice: its words, its weight, and what can be done about it."""
