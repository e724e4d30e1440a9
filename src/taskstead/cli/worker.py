"""``taskstead worker``: background jobs in a process of their own, beside the servers."""

import asyncio
import logging.config
import os
import signal

import typer

from taskstead import __version__
from taskstead.app import run_worker_process
from taskstead.cli.console import INTERRUPTED_EXIT_CODE
from taskstead.cli.database import (
    describe_database,
    prepare_database,
    prepare_folder,
    run,
    translated_errors,
)
from taskstead.loading import load_settings
from taskstead.settings import Settings
from taskstead.telemetry.logs import build_logging

_STOPPING = "Stopping as soon as the chunks under way are done; Ctrl-C again stops at once."


def run_worker(database_url: str | None) -> None:
    """Do background jobs until a signal; ``None`` leaves the URL as the other sources have it.

    Raises:
        CommandFailedError: something is in the way; the message says what.
        SettingsError: a setting makes no sense.
    """
    settings = load_settings(database_url=database_url)
    prepare_folder(settings)
    run(prepare_database(settings))
    logging.config.dictConfig(build_logging(settings))
    typer.echo(
        f"Taskstead {__version__} does the background jobs of {describe_database(settings)}\n"
        "Ctrl-C stops it."
    )
    with translated_errors(settings):
        run(_work_until_signal(settings.model_copy(update={"migrate_on_start": False})))


async def _work_until_signal(settings: Settings) -> None:
    stop = asyncio.Event()

    def handle_signal(number: int) -> None:
        if stop.is_set() and number == signal.SIGINT:
            # Nothing is lost by that: the leases run out, and other workers go on.
            os._exit(INTERRUPTED_EXIT_CODE)
        if not stop.is_set():
            typer.echo(_STOPPING, err=True)
            stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, handle_signal, number)
    await run_worker_process(settings, stop)
