"""The notices: their words, their weight, and the action that each offers."""
