"""The messages between the page and the host page that embeds it."""
