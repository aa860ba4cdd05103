"""What stops a build, in a sentence for the person who started it."""


class BuildError(Exception):
    """Say what is missing and what to do about it."""
