"""The products of Beanie's tutorial: documents, links, unions, indexes, aggregations, bulk writes and revisions."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated

import pymongo
from beanie import Document, Indexed, Insert, Link, Replace, Save, WriteRules, before_event, init_beanie
from beanie.exceptions import RevisionIdWasChanged
from beanie.odm.bulk import BulkWriter
from beanie.odm.operators.update.general import Inc, Set
from pydantic import BaseModel
from pymongo import AsyncMongoClient
from pymongo.errors import DuplicateKeyError
from stage import DATABASE, URI, say, say_driver


class Category(BaseModel):
    name: str
    description: str


class Maker(Document):
    name: str
    founded: datetime = datetime(1920, 5, 17)


class Product(Document):
    name: Annotated[str, Indexed(unique=True)]
    description: str | None = None
    price: Annotated[float, Indexed(index_type=pymongo.DESCENDING)]
    category: Category
    maker: Link[Maker] | None = None
    tags: list[str] = []
    shout: str = ""

    @before_event(Insert, Replace, Save)
    def shouts(self) -> None:
        self.shout = self.name.upper()

    class Settings:
        name = "products"
        indexes = [[("name", pymongo.TEXT), ("description", pymongo.TEXT)]]
        use_state_management = True
        use_revision = True


class View(BaseModel):
    name: str
    price: float


class Total(BaseModel):
    id: str
    total: float

    class Settings:
        projection = {"id": "$_id", "total": 1}


CHOCOLATE = Category(name="Chocolate", description="A preparation of roasted and ground cacao seeds.")
FRUIT = Category(name="Fruit", description="Sweet.")


async def write() -> None:
    tony = Product(
        name="Tony's", price=5.95, category=CHOCOLATE, maker=Maker(name="Chocolonely"), tags=["dark"]
    )
    await tony.insert(link_rule=WriteRules.WRITE)
    say("id", tony.id)
    bars = [Product(name=f"Bar {n}", price=n, category=CHOCOLATE if n % 2 else FRUIT) for n in range(1, 8)]
    say("many", (await Product.insert_many(bars)).acknowledged)
    try:
        await Product(name="Tony's", price=1, category=FRUIT).insert()
    except DuplicateKeyError as error:
        say("duplicate", [error.code, error.details["keyValue"]])


async def read() -> None:
    say(
        "one",
        (await Product.find_one(Product.name == "Tony's", fetch_links=True)).model_dump(
            exclude={"revision_id"}
        ),
    )
    say(
        "names",
        [one.name async for one in Product.find(Product.price > 3).sort(-Product.price).skip(1).limit(3)],
    )
    say("view", await Product.find(Product.category.name == "Fruit").sort("+price").project(View).to_list())
    say("count", [await Product.find(Product.price < 4).count(), await Product.count()])
    say("average", await Product.find(Product.category.name == "Chocolate").avg(Product.price))
    say("sum", [await Product.find_all().sum("price"), await Product.find_all().max("price")])
    pipeline = [{"$group": {"_id": "$category.name", "total": {"$sum": "$price"}}}, {"$sort": {"_id": 1}}]
    say("totals", await Product.find(Product.price > 1).aggregate(pipeline, projection_model=Total).to_list())
    say("raw", await Product.aggregate(pipeline).to_list())
    say("distinct", sorted(await Product.distinct("category.name")))
    say(
        "exists",
        [await Product.find(Product.name == "None").exists(), await Product.find_one({"name": "None"})],
    )


async def change() -> None:
    tony = await Product.find_one(Product.name == "Tony's")
    await tony.set({Product.price: 6.5})
    await tony.inc({Product.price: 1})
    tony.description = "Fair"
    say("changed", [tony.is_changed, tony.get_changes()])
    await tony.save_changes()
    say("synced", (await Product.get(tony.id)).model_dump(include={"price", "description", "shout"}))
    stale = await Product.get(tony.id)
    await tony.update({"$set": {"tags": ["a"]}})
    stale.description = "Stale"
    try:
        await stale.save_changes()
    except RevisionIdWasChanged as error:
        say("stale", type(error).__name__)
    done = await Product.find(Product.category.name == "Fruit").update(Inc({Product.price: 10}))
    say("update", [done.matched_count, done.modified_count])
    upsert = Product(name="New", price=1, category=FRUIT)
    await Product.find_one(Product.name == "New").upsert(Set({Product.price: 2}), on_insert=upsert)
    say("upserted", (await Product.find_one(Product.name == "New")).price)
    async with BulkWriter() as bulk:
        await Product.find(Product.name == "New").update(Set({Product.price: 3}), bulk_writer=bulk)
        await Product.find_one(Product.name == "Bar 1").delete(bulk_writer=bulk)
        bulk_result = await bulk.commit()
        say("bulk", [bulk_result.modified_count, bulk_result.deleted_count] if bulk_result else None)
    say("left", sorted([one.name async for one in Product.find_all()]))


async def transaction(client: AsyncMongoClient) -> None:
    async with client.start_session() as session:
        async with await session.start_transaction():
            await Maker(name="Kept").insert(session=session)
        try:
            async with await session.start_transaction():
                await Maker(name="Lost").insert(session=session)
                raise LookupError
        except LookupError:
            pass
    say("makers", [one.name for one in await Maker.find_all().sort("name").to_list()])


async def main() -> None:
    client = AsyncMongoClient(URI)
    await init_beanie(database=client[DATABASE], document_models=[Product, Maker])
    say(
        "indexes",
        {name: one["key"] for name, one in (await client[DATABASE].products.index_information()).items()},
    )
    await write()
    await read()
    await change()
    await transaction(client)
    say("deleted", (await Product.find(Product.price > 0).delete()).deleted_count)
    await client.drop_database(DATABASE)
    await client.close()


asyncio.run(main())
say_driver()
