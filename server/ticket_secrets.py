"""The secrets that sign tickets: how strong they must be, and the file that keeps them, one in each line."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from zxcvbn import zxcvbn

MIN_CHARACTERS = 32  # HS256 keys below 256 bits can be guessed
_MIN_GUESSES_LOG10 = 20  # 66 bits, by zxcvbn's estimate, which takes words, repeats and keyboard rows for what they are
_JUDGED = 72  # characters; zxcvbn takes no more


class SecretsUnusable(Exception):
    """The file of secrets cannot be read, written or trusted; `str()` says what to do."""


def why_weak(secret: str) -> str | None:
    """Return why a secret is too weak to sign tickets with; None if it is not."""
    if len(secret) < MIN_CHARACTERS:
        return f"the secret needs at least {MIN_CHARACTERS} characters"
    if float(zxcvbn(secret[:_JUDGED], max_length=_JUDGED)["guesses_log10"]) < _MIN_GUESSES_LOG10:
        return 'the secret can be guessed; make one: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
    return None


def kept_secrets(path: Path) -> tuple[str, ...]:
    """Return the secrets in a file, the newest first; write the first one if there is no file.

    Raises SecretsUnusable.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _write_first(path)
        return _read(path)
    except OSError as error:
        raise SecretsUnusable(
            f"The ticket secret cannot be kept in {path.parent} ({error.strerror}). "
            "Choose another folder with --data, or set SLIPSTREAM_SECRET."
        ) from error


def rotate(path: Path) -> int:
    """Put a new secret before the others, which go on verifying. Return how many there are. Raises SecretsUnusable."""
    return _replace(path, (secrets.token_urlsafe(48), *kept_secrets(path)))


def drop_old(path: Path) -> int:
    """Forget all secrets but the newest. Return how many were forgotten. Raises SecretsUnusable."""
    there = kept_secrets(path)
    return len(there) - _replace(path, there[:1])


def _read(path: Path) -> tuple[str, ...]:
    found = tuple(path.read_text(encoding="utf-8").split())
    if not found or any(why_weak(one) for one in found):
        raise SecretsUnusable(f"{path} is damaged. Delete it; links handed out so far will stop working.")
    return found


def _write_first(path: Path) -> None:
    """Write a first secret, whole or not at all; of several processes that start together, one does."""
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        _write(beside, [secrets.token_urlsafe(48)], os.O_EXCL)
        with suppress(FileExistsError):
            path.hardlink_to(beside)
    finally:
        beside.unlink(missing_ok=True)


def _replace(path: Path, kept: tuple[str, ...]) -> int:
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        _write(beside, kept, os.O_EXCL)
        beside.replace(path)  # at once: a signer that reads it meanwhile finds one or the other
    except OSError as error:
        raise SecretsUnusable(f"{path} cannot be written ({error.strerror}).") from error
    return len(kept)


def _write(path: Path, kept: "tuple[str, ...] | list[str]", flags: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | flags, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(kept) + "\n")
