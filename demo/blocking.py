"""The chapters on the blocking client."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from petiole import MongoClient

from . import data, show
from .story import CLOCK_CHANGES, Document, Story, guess

BATCH = 1000


def run(uri: str, file: Path) -> Story:
    """Insert the file and show the operations on it; returns what was asked, for the concurrent chapter."""
    with MongoClient[Document](uri) as client:
        collection = client.demo.things
        story = insert(collection, file)
        find_one(collection, story)
        query(collection, story)
        update(collection, story)
        aggregate(collection, story)
        index(collection, story)
        stream(collection)
    return story


def insert(collection: Any, file: Path) -> Story:
    show.chapter(2, "Insert many documents")
    show.call("things.insert_many", show.Word("batch"))
    documents = data.documents(file)
    first = list(islice(documents, BATCH))
    if not first:
        raise data.DataError(f"{file} holds no documents")
    story = CLOCK_CHANGES if file == data.OWN_FILE else guess(first, file.name)
    columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    inserted = 0
    with show.timed() as watch, Progress(*columns, console=show.console) as progress:
        task = progress.add_task("inserting", total=data.count(file))
        for batch in _batches(first, documents):
            inserted += len(collection.insert_many(batch).inserted_ids)
            progress.update(task, completed=inserted)
    show.say(f"[bold]{inserted:,}[/] {story.subject}.")
    show.took(f"{watch}, reading the file included: {inserted / watch.wall:,.0f} documents a second.")
    return story


def _batches(first: list[Document], rest: Iterator[Document]) -> Iterator[list[Document]]:
    batch = first
    while batch:
        yield batch
        batch = list(islice(rest, BATCH))


def find_one(collection: Any, story: Story) -> None:
    show.chapter(3, "Find one document")
    show.call("things.find_one", story.one)
    with show.timed() as watch:
        found = collection.find_one(story.one)
    if story is CLOCK_CHANGES:
        show.say("The day that Samoa left out, to be on the other side of the date line:")
    show.document(found or {})
    show.took(f"{watch}.")


def query(collection: Any, story: Story) -> None:
    show.chapter(4, "Query, sort and project")
    show.call("things.find", story.query, story.projection, then=f".sort({story.sort!r}).limit(8)")
    with show.timed() as watch:
        found = list(collection.find(story.query, story.projection).sort(story.sort).limit(8))
    if story is CLOCK_CHANGES:
        show.say("The longest jumps of clocks ever ordered, in seconds:")
    show.documents(found)
    show.took(f"{watch} for {len(found)} documents.")


def update(collection: Any, story: Story) -> None:
    show.chapter(5, "Update")
    show.call("things.update_many", *story.update)
    with show.timed() as watch:
        result = collection.update_many(*story.update)
    show.say(f"[bold]{result.matched_count:,}[/] matched, [bold]{result.modified_count:,}[/] modified.")
    show.took(f"{watch}.")


def aggregate(collection: Any, story: Story) -> None:
    show.chapter(6, "Aggregate")
    show.call("things.aggregate", story.pipeline)
    with show.timed() as watch:
        found = list(collection.aggregate(story.pipeline))
    if story is CLOCK_CHANGES:
        show.say("The countries with most years in which summer time began:")
    show.bars(found)
    show.took(f"{watch}.")


def index(collection: Any, story: Story) -> None:
    show.chapter(7, "Make an index, and see it used")
    show.call("things.find", story.indexed, then=".explain()")
    before = collection.find(story.indexed).explain()
    show.say(f"  without an index: {_plan(before)}")
    show.call("things.create_index", story.index)
    with show.timed() as watch:
        name = collection.create_index(story.index)
    after = collection.find(story.indexed).explain()
    show.say(f"  with index [bold]{name}[/]: {_plan(after)}")
    show.took(f"{watch} to build it.")


def _plan(explanation: Document) -> str:
    """The stages of the winning plan, from the source of the documents on, and what it cost."""
    stages = []
    plan = explanation["queryPlanner"]["winningPlan"]
    while plan is not None:
        stages.append(plan["stage"])
        plan = plan.get("inputStage")
    statistics = explanation["executionStats"]
    examined, returned = statistics["totalDocsExamined"], statistics["nReturned"]
    return (
        f"[bold]{' → '.join(reversed(stages))}[/], {examined:,} documents examined "
        f"for {returned:,} returned, {statistics['executionTimeMillis']} ms in the server"
    )


def stream(collection: Any) -> None:
    show.chapter(8, "Stream everything back")
    show.call("for document in things.find")
    fields = count = 0
    with show.timed() as watch:
        for document in collection.find():
            count += 1
            fields += len(document)
    show.say(f"[bold]{count:,}[/] documents with {fields:,} fields read, a batch in memory at a time.")
    show.took(f"{watch}: {count / watch.wall:,.0f} documents a second.")
