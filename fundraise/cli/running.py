"""Commands that run the product beside its site: the timetable, the database's schema."""

import json
import secrets
from typing import Annotated

import typer
from sqlmodel import col, select

from fundraise import times
from fundraise.cli.opening import opened
from fundraise.cli.stopping import hear_stopping
from fundraise.errors import SetupError
from fundraise.job_runs import JobRun
from fundraise.jobs.runner import Runner, run_now
from fundraise.jobs.timetable import TIMETABLE, job_named
from fundraise.migrations import ensure_current, upgrade
from fundraise.payments import GatewayRefused, GatewayUnavailable
from fundraise.published_rates import RatesNotFetched
from fundraise.settings import load_settings

db_app = typer.Typer(no_args_is_help=True, help="The database's schema.")
jobs_app = typer.Typer(no_args_is_help=True, help="Scheduled work.")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("secret")(secret)
    app.add_typer(db_app, name="db")
    app.add_typer(jobs_app, name="jobs")


def secret() -> None:
    """Print a fresh secret key for FUNDRAISE_SECRET_KEY."""
    typer.echo(secrets.token_urlsafe(48))


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Bring the database's schema up to date; safe to run again, and from several machines at once."""
    changed = upgrade(load_settings())
    typer.echo("The schema is up to date now." if changed else "The schema was up to date already.")


@jobs_app.command("list")
def list_jobs(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,  # noqa: FBT002  An option of the command line.
) -> None:
    """Show the timetable and what came of the last runs."""
    with opened() as parts, parts.db.read() as session:
        last = {
            job.name: session.exec(
                select(JobRun).where(col(JobRun.job) == job.name).order_by(col(JobRun.started_at).desc()).limit(1)
            ).first()
            for job in TIMETABLE
        }
    if as_json:
        rows = [
            {
                "job": job.name,
                "about": job.about,
                "schedule": str(job.when),
                "last_started_at": times.iso(run.started_at) if (run := last[job.name]) else None,
                "last_finished_at": times.iso(run.finished_at) if run and run.finished_at else None,
                "counts": json.loads(run.counts or "{}") if run else None,
                "error": run.error if run else "",
            }
            for job in TIMETABLE
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    # Only this list is drawn; a process that serves needs to be ready soon.
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table("Job", "What it does", "When", "Last run", "What came of it", box=None)
    for job in TIMETABLE:
        run = last[job.name]
        when = times.full(run.started_at) if run else "never"
        table.add_row(job.name, job.about, str(job.when), when, (run.error or run.counts) if run else "")
    Console().print(table)


@jobs_app.command("run")
def run_job(name: Annotated[str, typer.Argument(help="Its name in the timetable.")]) -> None:
    """Run a job now and print what it did."""
    job = job_named(name)
    with opened() as parts:
        try:
            counts = run_now(parts, job)
        except (RatesNotFetched, GatewayUnavailable, GatewayRefused) as problem:
            raise SetupError(str(problem)) from None
    typer.echo(json.dumps({"job": name, "counts": dict(counts)}, ensure_ascii=False))


@jobs_app.command("serve")
def serve_jobs() -> None:
    """Run the timetable in this process until stopped; any number of such processes share the work."""
    ensure_current(load_settings())
    with opened() as parts:
        wait_until_stopped = hear_stopping()
        runner = Runner(parts, TIMETABLE)
        runner.start()
        typer.echo("The timetable runs. Stop it with Ctrl-C.")
        wait_until_stopped()
        typer.echo("Finishing what runs. Stop it again to end at once.")
        runner.stop()
