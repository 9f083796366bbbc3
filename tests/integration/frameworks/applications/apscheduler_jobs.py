"""Jobs in APScheduler's MongoDB job store: kept, run, rescheduled, paused, and found again by another scheduler."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from apscheduler.events import EVENT_JOB_EXECUTED, EVENT_JOB_REMOVED
from apscheduler.jobstores.base import ConflictingIdError, JobLookupError
from apscheduler.jobstores.mongodb import MongoDBJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from pymongo import MongoClient
from stage import DATABASE, URI, say, say_driver

LATER = datetime(2100, 5, 17, tzinfo=UTC)
ran: list[int] = []


def note(number: int) -> int:
    ran.append(number)
    return number


def scheduler(client: MongoClient) -> BackgroundScheduler:
    return BackgroundScheduler(
        jobstores={"default": MongoDBJobStore(database=DATABASE, client=client)}, timezone=UTC
    )


with MongoClient(URI) as client:
    first = scheduler(client)
    done = threading.Event()
    removed = threading.Event()
    first.add_listener(lambda event: done.set(), EVENT_JOB_EXECUTED)
    first.add_listener(lambda event: removed.set(), EVENT_JOB_REMOVED)
    first.start(paused=True)
    first.add_job(
        note,
        "date",
        run_date=datetime.now(UTC) - timedelta(seconds=1),
        args=[1],
        id="now",
        misfire_grace_time=60,
    )
    for number in range(3):
        first.add_job(note, "interval", hours=number + 1, start_date=LATER, args=[number], id=f"job {number}")
    try:
        first.add_job(note, "date", run_date=LATER, args=[1], id="job 1")
    except ConflictingIdError as error:
        say("conflict", str(error))
    first.resume()
    say("ran", [done.wait(30), removed.wait(30), ran])
    first.reschedule_job("job 1", trigger="cron", year=2101, month=1, day=2, hour=3)
    first.pause_job("job 2")
    first.modify_job("job 0", args=[7], name="seven")
    first.shutdown()

with MongoClient(URI) as client:
    second = scheduler(client)
    second.start(paused=True)
    for job in second.get_jobs():
        say("job", [job.id, job.name, job.args, job.next_run_time, str(job.trigger)])
    second.resume_job("job 2")
    say("resumed", second.get_job("job 2").next_run_time)
    second.remove_job("job 1")
    try:
        second.remove_job("job 1")
    except JobLookupError as error:
        say("lookup", str(error))
    say(
        "left", [client[DATABASE].jobs.count_documents({}), sorted(client[DATABASE].jobs.index_information())]
    )
    second.remove_all_jobs()
    say("none", second.get_jobs())
    client.drop_database(DATABASE)
    second.shutdown()

with_uri = MongoDBJobStore(database=DATABASE, collection="more", host=URI)
say("repr", type(with_uri.client).__name__)
with_uri.shutdown()
say_driver()
