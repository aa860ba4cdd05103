"""Carry out what the upload scheduler decides: create, sign, send, reconcile, complete, store answer.json."""
