"""`install`, `uninstall`, the command, and what `importlib` tells of a package that petiole stands for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.unit.compat.program import Program

INSTALL = """
import importlib.metadata, importlib.util, json, sys
import petiole.compat
say = lambda *values: print(json.dumps(values))
say(petiole.compat.installed(), "petiole.collection" in sys.modules, "asyncio" in sys.modules)
petiole.compat.uninstall()
petiole.compat.install()
petiole.compat.install()
import pymongo, motor
say(petiole.compat.installed(), pymongo.MongoClient is petiole.MongoClient)
say(pymongo.version, pymongo.__version__, pymongo.get_version_string(), pymongo.version_tuple, motor.version)
version = importlib.metadata.version
say(version("pymongo"), version("PyMongo"), version("motor"), version("petiole") == petiole.__version__)
pymongo_itself = importlib.metadata.distribution("pymongo")
say(pymongo_itself.metadata["Name"], pymongo_itself.read_text("top_level.txt").split(), pymongo_itself.requires)
say(sum(one.name == "pymongo" for one in importlib.metadata.distributions()) >= 1)
say(importlib.util.find_spec("pymongo.collection") is not None, importlib.util.find_spec("pymongos") is None)
for line in ("import pymongo.message", "from pymongo import nothing", "import bson.nothing", "import pymongo.a.b"):
    try:
        exec(line)
    except ImportError as error:
        say(type(error).__name__, error.name, str(error))
petiole.compat.uninstall()
petiole.compat.uninstall()
kept = pymongo
import pymongo
say(petiole.compat.installed(), pymongo is kept, pymongo.MongoClient is petiole.MongoClient)
say([name for name in sys.modules if name.partition(".")[0] == "motor"])
try:
    petiole.compat.install()
except RuntimeError as error:
    say(str(error))
"""


def test_install_and_uninstall(program: Program) -> None:
    stands = "petiole stands for PyMongo here, and has no such module"
    assert program.run(INSTALL)[:-1] == [
        [False, False, False],
        [True, True],
        ["4.20.0", "4.20.0", "4.20.0", [4, 20, 0], "3.7.1"],
        ["4.20.0", "4.20.0", "3.7.1", True],
        ["pymongo", ["bson", "gridfs", "pymongo"], None],
        [True],
        [True, True],
        ["ModuleNotFoundError", "pymongo.message", f"No module named 'pymongo.message': {stands}"],
        ["ImportError", "pymongo", "cannot import name 'nothing' from 'pymongo' (unknown location)"],
        ["ModuleNotFoundError", "bson.nothing", f"No module named 'bson.nothing': {stands}"],
        ["ModuleNotFoundError", "pymongo.a", f"No module named 'pymongo.a': {stands}"],
        [False, False, False],
        [[]],
    ]


def test_pymongo_that_was_imported_first_is_an_error(program: Program) -> None:
    (message,) = program.run(INSTALL)[-1]
    assert message.startswith("bson and pymongo had been imported before petiole.compat.install() was called")


def test_the_command_runs_a_program_as_python_does(program: Program) -> None:
    code = """
import json, os, sys
import neighbour, pymongo
print(json.dumps([__name__, sys.argv[1:], os.path.samefile(sys.argv[0], __file__), neighbour.client, pymongo.version]))
"""
    program.path.with_name("neighbour.py").write_text(
        "from pymongo import MongoClient as c; client = c.__module__"
    )
    assert program.on_petiole(code) == [["__main__", ["argument"], True, "petiole.mongo_client", "4.20.0"]]


def command(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "petiole.compat", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )


def test_the_command_runs_a_module_and_keeps_its_exit_code(tmp_path: Path) -> None:
    (tmp_path / "part.py").write_text(
        "import json, sys, bson; print(json.dumps([sys.argv[1:], bson.__name__])); sys.exit(7)"
    )
    done = command("-m", "part", "-x", "y", folder=tmp_path)
    assert (done.returncode, json.loads(done.stdout)) == (7, [["-x", "y"], "bson"]), done.stderr


def test_the_command_says_how_it_is_used(tmp_path: Path) -> None:
    assert command(folder=tmp_path).returncode == command("-m", folder=tmp_path).returncode == 2
    assert command("--help", folder=tmp_path).stdout.startswith("usage: python -m petiole.compat")


SWITCHED = """
import json, os, subprocess, sys
child = [sys.executable, "-c", "import pymongo; print(pymongo.AsyncMongoClient.__module__)"]
import pymongo
print(json.dumps([pymongo.MongoClient.__module__, subprocess.check_output(child, text=True).strip()]))
print(json.dumps("HIDDEN" in os.environ))
"""


def test_the_environment_can_say_so_for_all_processes(program: Program, tmp_path: Path) -> None:
    folder = command("--path", folder=tmp_path).stdout.strip()
    (tmp_path / "sitecustomize.py").write_text("import os; os.environ['HIDDEN'] = 'ran'")
    path = os.pathsep.join([folder, str(tmp_path), *sys.path])
    assert program.run(SWITCHED, PYTHONPATH=path) == [
        ["petiole.mongo_client", "petiole.asynchronous.mongo_client"],
        True,
    ]
