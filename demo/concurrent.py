"""The chapter on asyncio: the same operations, from a hundred tasks on one client."""

import asyncio
from typing import Any

from petiole import AsyncMongoClient

from . import show
from .story import Document, Story

TASKS = 100
ROUNDS = 500


def run(uri: str, story: Story) -> None:
    """Show the operations with `await`."""
    show.chapter(9, f"The same from asyncio, {TASKS} tasks at once")
    asyncio.run(_run(uri, story))


async def _run(uri: str, story: Story) -> None:
    async with AsyncMongoClient[Document](uri) as client:
        collection, notes = client.demo.things, client.demo.notes
        labels = [label for label in await collection.distinct(story.label) if label is not None]
        await collection.find_one(story.one)  # the first connection is not what is shown
        show.say(f"Each task takes values of [bold]{story.label}[/] and, for each of them, awaits")
        for line in (
            f"things.find_one({{{story.label!r}: value}})",
            f"things.find({{{story.label!r}: value}}).sort({story.index[-1:]!r}).limit(10).to_list()",
            f"things.update_one({{{story.label!r}: value}}, {{'$inc': {{'visits': 1}}}})",
            "things.aggregate([{'$match': ...}, {'$count': 'n'}])",
            "notes.insert_one({'value': value, 'documents': n})",
        ):
            show.console.print(f"  {line}", style="cyan", markup=False)
        with show.timed() as watch:
            counts = await asyncio.gather(
                *(_visit(collection, notes, story, labels, number) for number in range(TASKS))
            )
        written = await notes.estimated_document_count()
        largest = await notes.find_one(sort=[("documents", -1), ("value", 1)])
    total = sum(counts)
    show.say(f"[bold]{total:,}[/] operations, and [bold]{written:,}[/] notes written.")
    if largest is not None:
        show.say(f"Most documents: [bold]{show.plain(largest['value'])}[/], {largest['documents']:,}.")
    show.took(
        f"{watch}: {total / watch.wall:,.0f} operations a second, "
        f"{watch.cpu / total * 1e6:,.0f} µs of this process's time for each."
    )


async def _visit(things: Any, notes: Any, story: Story, labels: list[Any], first: int) -> int:
    """What one task does; returns the number of its operations."""
    operations = 0
    for number in range(first, max(ROUNDS, min(len(labels), 10 * ROUNDS)), TASKS):
        value = labels[number % len(labels)]
        chosen = {story.label: value}
        await things.find_one(chosen)
        await things.find(chosen).sort(story.index[-1:]).limit(10).to_list()
        await things.update_one(chosen, {"$inc": {"visits": 1}})
        async for result in await things.aggregate([{"$match": chosen}, {"$count": "n"}]):
            await notes.insert_one({"value": value, "documents": result["n"]})
        operations += 5
    return operations
