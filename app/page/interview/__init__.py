"""The whole page: questions, overview, progress, submit, receipt."""
