"""The command `petiole`. The command line itself is in petiole.cli, which needs the extra `cli`."""

import sys


def main() -> int:
    """Run the command line; without the packages of the extra `cli`, say how to install them."""
    try:
        from petiole.cli import app
    except ModuleNotFoundError as error:
        if error.name not in ("typer", "rich"):
            raise
        sys.stderr.write('The command line needs typer and rich: pip install "petiole[cli]".\n')
        return 1
    app()
    return 0


if __name__ == "__main__":
    sys.exit(main())
