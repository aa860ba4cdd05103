"""The error that stops a build."""


class BuildError(Exception):
    """Stop a build; `str()` says what is missing and what to do about it."""
