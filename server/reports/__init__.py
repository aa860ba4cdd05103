"""`python serve.py report`: what the sessions' efficiency.json files say about interviews and experiments.

Everything below needs requirements/report.txt, so only the command imports it, and only when it runs.
"""
