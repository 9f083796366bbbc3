"""Celery's first steps with MongoDB as broker and result backend: groups, chains, and a worker process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from celery import Celery, chain, chord, group
from stage import DATABASE, URI, say, say_driver

HOST = URI.split("//")[1].split("/")[0]

app = Celery("celery_tasks", broker=f"mongodb://{HOST}/{DATABASE}_broker", backend=f"mongodb://{HOST}/")
app.conf.update(
    mongodb_backend_settings={"database": DATABASE, "taskmeta_collection": "results"},
    broker_transport_options={"polling_interval": 0.05},
    result_extended=True,
    broker_connection_retry_on_startup=True,
    task_serializer="json",
    worker_hijack_root_logger=False,
)


@app.task
def add(x: int, y: int) -> int:
    return x + y


@app.task
def total(numbers: list[int]) -> int:
    return sum(numbers)


@app.task
def fail(text: str) -> None:
    raise ValueError(text)


@app.task
def driver() -> str:
    import pymongo

    return "ours" if pymongo.MongoClient.__module__.startswith("petiole") else "theirs"


def ask() -> None:
    backend = app.backend
    first = add.delay(4, 4)
    say(
        "add", [first.get(timeout=60, interval=0.05), first.state, first.successful(), first.name, first.args]
    )
    failed = fail.delay("no such tree")
    say(
        "fail",
        [repr(failed.get(timeout=60, propagate=False)), failed.state, "ValueError" in failed.traceback],
    )
    many = group(add.s(number, number) for number in range(10)).apply_async()
    say("group", many.get(timeout=60, interval=0.05))
    many.save()
    say("restored", [one.get(timeout=60, interval=0.05) for one in backend.restore_group(many.id)])
    say("chain", chain(add.s(2, 2), add.s(4), add.s(8))().get(timeout=60, interval=0.05))
    say("chord", chord(add.s(number, 1) for number in range(5))(total.s()).get(timeout=60, interval=0.05))
    meta = backend.collection.find_one({"_id": first.id})
    say("stored", [meta["status"], meta["result"], sorted(meta)])
    first.forget()
    say("forgotten", [backend.collection.count_documents({"_id": first.id}), app.AsyncResult(first.id).state])
    many.delete()
    say("group forgotten", backend.group_collection.count_documents({}))


if __name__ == "__main__":
    import pymongo

    ours = pymongo.MongoClient.__module__.startswith("petiole")
    by = ["-m", "petiole.compat", "-m"] if ours else ["-m"]
    options = [
        "-A",
        "celery_tasks",
        "worker",
        "--pool=solo",
        "--loglevel=ERROR",
        "--without-gossip",
        "--without-mingle",
    ]
    here = {
        "PYTHONPATH": os.pathsep.join(
            [str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
        )
    }
    worker = subprocess.Popen(
        [sys.executable, *by, "celery", *options],
        env={**os.environ, **here, "STAGE": f"{URI} {DATABASE}"},
        stdout=subprocess.DEVNULL,
    )
    try:
        say("worker", [driver.delay().get(timeout=60, interval=0.05) == ("ours" if ours else "theirs")])
        ask()
    finally:
        worker.terminate()
        worker.wait(30)
    with pymongo.MongoClient(URI) as client:
        client.drop_database(DATABASE)
        client.drop_database(f"{DATABASE}_broker")
    say_driver()
