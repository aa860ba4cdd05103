"""What an operator reads of an error."""

from pydantic import ValidationError


def sentences_of(error: Exception) -> list[str]:
    """Return what is wrong, a line for each fault; of a settings error without the value, which may be a secret."""
    if not isinstance(error, ValidationError):
        return [str(error)]
    faults = error.errors(include_input=False, include_url=False)
    return [f"{'.'.join(str(step) for step in fault['loc'])}: {fault['msg']}" for fault in faults]
