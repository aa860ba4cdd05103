"""`python serve.py [command]`: the commands that an operator runs in a terminal."""

import json
import re
import secrets
import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from typer.core import TyperGroup

from server.build import BuildError, build
from server.build.precompress import QUICK, SMALLEST
from server.cli.access import revoke_tickets, rotate_secret
from server.cli.bucket import bucket as bucket_
from server.cli.bucket import key_policy
from server.cli.doctor.examination import examine
from server.cli.report import report as report_
from server.cli.report import report_options
from server.cli.sentences import sentences_of
from server.cli.serve import run
from server.cli.sessions import app as sessions
from server.cli.signers import run_signers
from server.cli.static_page.command import build_static
from server.cli.ticket_lists import write_links
from server.errors import SignerError
from server.http.launch_url import launch_url
from server.settings import Settings, SettingsError
from server.signer.interview_file import InterviewError
from server.signer.interviews import Interviews
from server.signer.issuing import Issuer, TicketOrder
from server.signer.policy_check import check_policy
from server.signer.revocations import RevocationError
from server.signer.tickets import Tickets
from server.store.access import own_bucket
from server.store.profiles import EMBEDDED, StoreProfile

console = Console(stderr=True)  # standard output is for programs


class _ServesByDefault(TyperGroup):
    """Let `python serve.py --port 9000` mean `python serve.py serve --port 9000`."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        own = {"--help", "--install-completion", "--show-completion"}
        if not args or (args[0].startswith("-") and args[0] not in own):
            args = ["serve", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_ServesByDefault,
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Slipstream: answers reach the bucket while they are being given.",
)

app.add_typer(sessions, name="sessions")

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_Interviews = Annotated[Path | None, typer.Option(help="Folder of interview files.")]
_Data = Annotated[Path | None, typer.Option(help="Where the embedded store keeps recordings.")]


@app.command()
def serve(
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on. [127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Port of page and signer; 0: any free one. [8000]")] = None,
    store_port: Annotated[int | None, typer.Option(help="Port of the embedded store. [any free one]")] = None,
    data: _Data = None,
    interviews: _Interviews = None,
    url: Annotated[str | None, typer.Option(help="How candidates reach the page, behind a proxy.")] = None,
    frame_ancestors: Annotated[str | None, typer.Option(help="Origins that may embed the page.")] = None,
    page_origins: Annotated[str | None, typer.Option(help="Origins of the page, if it is served elsewhere.")] = None,
    flags: Annotated[
        str | None, typer.Option(help="File of feature flags in flagd's JSON format, or a flagd: grpc://HOST:8015.")
    ] = None,
) -> None:
    """Serve the page and the signer, and also a store if no bucket is set."""
    settings = _settings(
        host=host,
        port=port,
        store_port=store_port,
        data=data,
        interviews=interviews,
        url=url,
        frame_ancestors=frame_ancestors,
        page_origins=page_origins,
        flags=flags,
    )
    run(settings, console)


@app.command()
def signer(
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on. [127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Port of page and signer. [8000]")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="How many processes. [WEB_CONCURRENCY, or 1]")] = None,
) -> None:
    """Serve the page and the signer for your bucket, in several processes, behind a proxy; settings as variables."""
    run_signers(_settings(host=host, port=port), workers, console)


@app.command("build")
def build_(
    *,
    static: Annotated[Path | None, typer.Option(help="Also write the page to this folder, for any web server.")] = None,
    signer: Annotated[str | None, typer.Option(help="With --static: the signer's origin.")] = None,
    store_origin: Annotated[
        list[str] | None, typer.Option(help="With --static: where browsers reach the bucket. [as the settings say]")
    ] = None,
    frame_ancestors: Annotated[str | None, typer.Option(help="Origins that may embed the page.")] = None,
    smallest: Annotated[bool, typer.Option("--smallest", help="Compress best: a tenth less, and minutes.")] = False,
) -> None:
    """Build what the page needs in static/vendor/."""
    quality = SMALLEST if smallest else QUICK
    if static is None:
        build(quality=quality)
    else:
        settings = _settings(frame_ancestors=frame_ancestors)
        build_static(static, signer, store_origin or [], settings, console, quality=quality)


@app.command()
def ticket(
    interview: Annotated[str, typer.Argument(help="The interview's id.")],
    *,
    session: Annotated[str | None, typer.Option(help="A name for this sitting. [random]")] = None,
    name: Annotated[str, typer.Option(help="How to greet the candidate.")] = "",
    reference: Annotated[str, typer.Option(help="Your own number for the candidate.")] = "",
    locale: Annotated[str, typer.Option(help='The page\'s language, e.g. "pt-BR". [as the browser wishes]')] = "",
    hours: Annotated[float, typer.Option(min=0.01, max=24 * 365, help="How long the link is good.")] = 72,
    policy: Annotated[str, typer.Option(help='Upload policy overrides, e.g. \'{"mode": "bulk"}\'.')] = "{}",
    candidates: Annotated[
        Path | None, typer.Option("--csv", help="A file of candidates; the same with their links is printed.")
    ] = None,
    data: _Data = None,
    interviews: _Interviews = None,
    url: Annotated[str | None, typer.Option(help="How candidates reach the page.")] = None,
    port: Annotated[int | None, typer.Option(help="The page's port, where no --url is given.")] = None,
) -> None:
    """Print a link for one candidate, or for each in a CSV file: name, reference, session, locale, hours, interview."""
    settings = _settings(data=data, interviews=interviews, url=url, port=port)
    known = Interviews(settings.interviews).ids()
    if interview not in known:
        raise SettingsError(f"There is no interview {interview!r}. There are: {', '.join(known) or 'none'}.")
    try:
        overrides = json.loads(policy)
    except ValueError as error:
        raise SettingsError(f"--policy is not JSON: {error}") from error
    if isinstance(overrides, dict) and overrides.keys() & {"part_bytes", "layout"}:
        check_policy(settings, overrides, _profile(settings), "--policy")
    tickets = Tickets(*settings.ticket_secrets())
    if candidates is not None:
        defaults = TicketOrder(interview=interview, locale=locale, hours=hours, policy=overrides)
        write_links(
            candidates,
            defaults,
            Issuer(tickets, Interviews(settings.interviews), partial(launch_url, settings.page_origin())),
        )
        return
    minted = tickets.mint(
        session=session or f"s-{secrets.token_hex(8)}",
        interview=interview,
        life_s=int(hours * 3600),
        name=name,
        reference=reference,
        locale=locale,
        policy=overrides,
    )
    typer.echo(launch_url(settings.page_origin(), minted))


@app.command()
def doctor(
    data: _Data = None, interviews: _Interviews = None, url: Annotated[str | None, typer.Option()] = None
) -> None:
    """Check secret, interviews and store, and say how to fix what is wrong."""
    settings = _settings(data=data, interviews=interviews, url=url)
    if not examine(settings, console):
        raise typer.Exit(1)


@app.command()
def bucket(
    apply: Annotated[bool, typer.Option("--apply", help="Set them, instead of printing them.")] = False,
    url: Annotated[str | None, typer.Option(help="How candidates reach the page.")] = None,
    retain: Annotated[
        list[str] | None, typer.Option(metavar="INTERVIEW=DAYS", help="Delete its answers after so long; 0: never.")
    ] = None,
    policy: Annotated[bool, typer.Option("--policy", help="Print the least that the signer's key needs.")] = False,
) -> None:
    """Print the CORS and lifecycle rules that your bucket needs, show what it lacks, and set them."""
    if policy:
        typer.echo(json.dumps(key_policy(_settings(url=url)), indent=2))
        return
    if not bucket_(_settings(url=url), retain or (), console, is_applied=apply):
        raise typer.Exit(1)


@app.command()
def report(
    *,
    interview: Annotated[list[str] | None, typer.Option(help="Only this interview; may be given again.")] = None,
    since: Annotated[str, typer.Option(help="First month, as 2026-11.")] = "",
    until: Annotated[str, typer.Option(help="Last month.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    output: Annotated[Path | None, typer.Option(help="Write the JSON to a file.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the page to a file.")] = None,
    offline: Annotated[bool, typer.Option("--no-update", help="Read no new reports.")] = False,
    compact: Annotated[bool, typer.Option("--compact", help="Merge all Parquet files of a month.")] = False,
    cache: Annotated[Path | None, typer.Option(help="Folder for a copy of the table. [in the user's caches]")] = None,
    data: _Data = None,
) -> None:
    """Say how uploads went: by interview, and by arm of each experiment."""
    for month in (since, until):
        if month and not _MONTH.fullmatch(month):
            raise SettingsError(f"{month!r} is not a month such as 2026-11.")
    for name in interview or ():
        if not _ID.fullmatch(name):
            raise SettingsError(f"{name!r} is not an interview's id.")
    options = report_options(interview or [], (since, until), offline=offline, compact=compact, cache=cache)
    report_(_settings(data=data), options, console, as_json=as_json, output=output, html=html)


app.command("revoke")(revoke_tickets)
app.command("rotate-secret")(rotate_secret)


def main() -> None:
    """Run a command; for an error that an operator can fix, print a sentence instead of a traceback."""
    try:
        app()
    except (SettingsError, InterviewError, BuildError, RevocationError) as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
    except SignerError as error:
        console.print(str(error), style="red", markup=False)
        sys.exit(1)
    except ValidationError as error:
        for sentence in sentences_of(error):
            console.print(sentence, style="red", markup=False, highlight=False)
        sys.exit(2)


def _profile(settings: Settings) -> StoreProfile:
    """Return the store's profile; ask the store only if neither settings nor host name tell it."""
    return EMBEDDED if settings.is_embedded else own_bucket(settings).access.profile


def _settings(**flags: Any) -> Settings:
    """Return the settings; a flag that is None was not given and overrides nothing."""
    return Settings(**{name: value for name, value in flags.items() if value is not None})
