"""The window: address, lifecycle, host page, languages, number formats."""
