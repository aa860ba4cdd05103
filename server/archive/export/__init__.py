"""`sessions export`: files that play anywhere, one page to review them by, and a table."""
