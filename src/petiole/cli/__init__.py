"""The command line: one module per command. It may use all that is public; only __main__ imports it."""

import typer

from .local import local

app = typer.Typer(
    name="petiole",
    help="Tools beside the MongoDB driver petiole.",
    no_args_is_help=True,
    add_completion=False,
)
app.command()(local)


@app.callback()
def petiole() -> None:
    """Tools beside the MongoDB driver petiole."""
