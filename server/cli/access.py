"""Commands about who has access: revoke tickets, and change the secret that signs them."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from server.settings import Settings, SettingsError
from server.signer.revocations import RevocationError, Revocations, revoke
from server.ticket_secrets import SecretsUnusable, drop_old, rotate

_ID = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
_SESSION = re.compile(rf"({_ID})/({_ID}|\*)")
_Data = Annotated[Path | None, typer.Option(help="Where the embedded store keeps recordings.")]


def revoke_tickets(
    session: Annotated[str, typer.Argument(help="INTERVIEW/SESSION, or INTERVIEW/* for all of an interview.")],
    data: _Data = None,
) -> None:
    """Refuse the tickets that a session has been given up to now. What it has stored stays; a new ticket is good."""
    settings = Settings() if data is None else Settings(data=data)
    named = _SESSION.fullmatch(session)
    if named is None:
        raise SettingsError("Name the session as INTERVIEW/SESSION, as its folder in the bucket is called.")
    try:
        Revocations(settings.revoked_file).load()  # a line is only added to a list that signers can read
        revoke(settings.revoked_file, named[1], named[2], datetime.now(UTC))
    except RevocationError as error:
        raise SettingsError(str(error)) from error
    typer.echo(f"Revoked, in {settings.revoked_file}. Every signer that reads this file refuses the tickets at once.")


def rotate_secret(
    *,
    forget: Annotated[
        bool, typer.Option("--drop-old", help="Forget the old secrets, and with them all links.")
    ] = False,
    data: _Data = None,
) -> None:
    """Sign new tickets with a new secret. Links signed with the old one stay good until it is dropped."""
    settings = Settings() if data is None else Settings(data=data)
    if settings.secret is not None:
        raise SettingsError(
            "SLIPSTREAM_SECRET is set: put a new secret there, and the old one into SLIPSTREAM_OLD_SECRETS until its "
            "links have expired."
        )
    try:
        if forget:
            typer.echo(f"Old secrets forgotten: {drop_old(settings.secrets_file)}. Restart the signers.")
        else:
            typer.echo(f"Secrets: {rotate(settings.secrets_file)}; the newest signs. Restart the signers.")
    except SecretsUnusable as error:
        raise SettingsError(str(error)) from error
