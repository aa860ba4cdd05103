"""What operators and reviewers do with stored sessions: list, complete, close, export and delete them."""
