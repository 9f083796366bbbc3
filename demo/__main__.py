"""Runs the demonstration: `python -m demo [FILE]`, where FILE holds one (extended) JSON object per line."""

import argparse
import sys
from pathlib import Path

from petiole.local import LocalServer, LocalServerError

from . import blocking, concurrent, show
from .data import OWN_FILE, DataError


def main() -> int:
    """Start a server and show everything on it."""
    parser = argparse.ArgumentParser(prog="demo", description="What petiole does, on a private mongod.")
    parser.add_argument(
        "file", nargs="?", type=Path, default=OWN_FILE, help="documents, one JSON object per line"
    )
    file: Path = parser.parse_args().file
    try:
        show.chapter(1, "A private server")
        show.call("server = LocalServer")
        server = LocalServer()
        with show.timed() as watch:
            server.start()
        with server, show.timed() as whole:
            with server.members[0].converse() as conversation:
                version = conversation.command("admin", {"buildInfo": 1})["version"]
            show.say(f"[bold]mongod {version}[/] at [bold]{server.uri}[/]; it is gone when this ends.")
            show.took(f"{watch} to start.")
            concurrent.run(server.uri, blocking.run(server.uri, file))
        show.console.print()
        show.say(f"[bold green]Done[/] in {whole}. The README shows more; make test runs the tests.")
    except (LocalServerError, DataError) as error:
        show.console.print(str(error), style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        show.say("Stopped.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
