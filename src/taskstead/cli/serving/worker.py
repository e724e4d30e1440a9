"""The command ``taskstead worker``: runs background jobs in a separate process."""

import asyncio
import logging.config
import os
import signal

import typer

from taskstead import __version__
from taskstead.background import run_worker_process
from taskstead.cli.console import INTERRUPTED_EXIT_CODE
from taskstead.cli.database import (
    describe_database,
    prepare_database,
    prepare_folder,
    run,
    translated_errors,
)
from taskstead.clock import get_now
from taskstead.config.loader import load_settings
from taskstead.config.settings import Settings
from taskstead.observability.logging import build_logging

_STOPPING = "Finishing the job chunks in progress. Press Ctrl-C again to stop immediately."


def run_worker(database_url: str | None) -> None:
    """Run background jobs until SIGINT or SIGTERM.

    Args:
        database_url: the database; None for the configured one.

    Raises:
        CommandFailedError: the database cannot be used. The message states the reason.
        SettingsError: a setting is invalid.
    """
    settings = load_settings(database_url=database_url)
    prepare_folder(settings)
    run(prepare_database(settings))
    logging.config.dictConfig(build_logging(settings))
    typer.echo(
        f"Taskstead {__version__} is running background jobs of {describe_database(settings)}\n"
        "Press Ctrl-C to stop."
    )
    with translated_errors(settings):
        run(_work_until_signal(settings.model_copy(update={"migrate_on_start": False})))


async def _work_until_signal(settings: Settings) -> None:
    stop = asyncio.Event()

    def handle_signal(number: int) -> None:
        if stop.is_set() and number == signal.SIGINT:
            # No job is lost, because the leases of the jobs expire. Other workers then continue the
            # jobs.
            os._exit(INTERRUPTED_EXIT_CODE)
        if not stop.is_set():
            typer.echo(_STOPPING, err=True)
            stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, handle_signal, number)
    await run_worker_process(settings, stop, clock=get_now)
