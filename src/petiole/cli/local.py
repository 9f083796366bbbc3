"""`petiole local`: start a private server, print its URI, and run until Ctrl-C."""

import signal
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console

from petiole.local import LocalServer, LocalServerError


def local(
    replica_set: Annotated[
        int | None, typer.Option("--replica-set", "-r", min=1, max=7, metavar="N", help="A set of N members.")
    ] = None,
    path: Annotated[
        Path | None,
        typer.Option("--path", "-p", metavar="DIR", help="Keep the data in DIR.", file_okay=False),
    ] = None,
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535, help="The first port.")] = None,
    auth: Annotated[bool, typer.Option("--auth", help="Require authentication, with a root user.")] = False,
    tls: Annotated[bool, typer.Option("--tls", help="Require TLS, with certificates made for it.")] = False,
) -> None:
    """Start a private mongod, print its URI, and run until Ctrl-C.

    The URI alone goes to standard output, so that a script can read it.
    """
    notes = Console(stderr=True, highlight=False)
    server = LocalServer(replica_set=replica_set, path=path, port=port, auth=auth, tls=tls)
    # A script that runs this in the background has Ctrl-C ignored for it; SIGTERM must clean up as well.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        with notes.status("Starting mongod ...") as status, server:
            status.stop()
            notes.print(_explanation(server), style="dim")
            print(server.uri, flush=True)
            while True:
                signal.pause()
    except KeyboardInterrupt:
        notes.print("Stopped.", style="dim")
    except LocalServerError as error:
        notes.print(str(error), style="red", soft_wrap=True, markup=False)
        raise typer.Exit(1) from None


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _explanation(server: LocalServer) -> str:
    kept = f"its data stays in {server.path}" if server.path else "its data goes with it"
    return f"Running; {kept}. Ctrl-C stops it."
