"""The students of MongoDB's tutorial for FastAPI, on AsyncMongoClient, served by uvicorn and asked over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import uvicorn
from bson import ObjectId
from fastapi import Body, FastAPI, HTTPException, Response, status
from fastapi.responses import StreamingResponse
from gridfs import AsyncGridFSBucket
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pymongo import AsyncMongoClient, ReturnDocument
from stage import DATABASE, SERVES, URI, listening, same_id, say, say_driver, served

PyObjectId = Annotated[str, BeforeValidator(str)]


class Student(BaseModel):
    id: PyObjectId | None = Field(alias="_id", default=None)
    name: str
    course: str
    gpa: float = Field(le=4.0)
    model_config = ConfigDict(populate_by_name=True, arbitrary_types_allowed=True)


class Update(BaseModel):
    name: str | None = None
    course: str | None = None
    gpa: float | None = None
    model_config = ConfigDict(json_encoders={ObjectId: str})


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with AsyncMongoClient(URI) as client:
        app.state.db = client[DATABASE]
        await app.state.db.students.create_index("name")
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/students/", response_model=Student, status_code=201, response_model_by_alias=False)
async def create(student: Annotated[Student, Body()]) -> object:
    new = student.model_dump(by_alias=True, exclude={"id"})
    new["_id"] = (await app.state.db.students.insert_one(new)).inserted_id
    return new


@app.get("/students/", response_model=list[Student])
async def everybody() -> object:
    return await app.state.db.students.find().sort("name").to_list(1000)


@app.get("/students/{which}", response_model=Student)
async def one(which: str) -> object:
    found = await app.state.db.students.find_one({"_id": ObjectId(which)})
    if found is None:
        raise HTTPException(404, f"Student {which} not found")
    return found


@app.put("/students/{which}", response_model=Student)
async def change(which: str, update: Annotated[Update, Body()]) -> object:
    given = {name: value for name, value in update.model_dump(by_alias=True).items() if value is not None}
    found = await app.state.db.students.find_one_and_update(
        {"_id": ObjectId(which)}, {"$set": given}, return_document=ReturnDocument.AFTER
    )
    if found is None:
        raise HTTPException(404, f"Student {which} not found")
    return found


@app.delete("/students/{which}")
async def remove(which: str) -> Response:
    done = await app.state.db.students.delete_one({"_id": ObjectId(which)})
    return Response(status_code=204 if done.deleted_count == 1 else status.HTTP_404_NOT_FOUND)


@app.get("/courses/")
async def courses() -> object:
    pipeline = [{"$group": {"_id": "$course", "gpa": {"$avg": "$gpa"}}}, {"$sort": {"_id": 1}}]
    return [row async for row in await app.state.db.students.aggregate(pipeline)]


@app.get("/photo/{name}")
async def photo(name: str) -> StreamingResponse:
    bucket = AsyncGridFSBucket(app.state.db)
    await bucket.upload_from_stream(name, b"png!" * 100_000)
    out = await bucket.open_download_stream_by_name(name)
    return StreamingResponse((chunk async for chunk in _chunks(out)), headers={"Length": str(out.length)})


async def _chunks(out: object) -> AsyncIterator[bytes]:
    while chunk := await out.readchunk():
        yield chunk


async def visit(base: str) -> None:
    async with httpx.AsyncClient(base_url=base) as http:
        ids = []
        for name, course, gpa in (("Jane", "Physics", 3.0), ("Ann", "Biology", 3.5), ("Bo", "Physics", 4.0)):
            made = await http.post("/students/", json={"name": name, "course": course, "gpa": gpa})
            ids.append(made.json()["id"])
            say("made", [made.status_code, name, same_id(made.json()["id"])])
        say("bad", (await http.post("/students/", json={"name": "X", "course": "Y", "gpa": 5})).status_code)
        many = await asyncio.gather(*(http.get(f"/students/{which}") for which in ids * 20))
        say(
            "many",
            [sum(one.status_code == 200 for one in many), sorted({one.json()["name"] for one in many})],
        )
        say("put", (await http.put(f"/students/{ids[0]}", json={"gpa": 3.2})).json()["gpa"])
        say("all", [[one["name"], one["gpa"]] for one in (await http.get("/students/")).json()])
        say("courses", (await http.get("/courses/")).json())
        say("delete", [(await http.delete(f"/students/{ids[0]}")).status_code for _ in range(2)])
        say("gone", (await http.get(f"/students/{ids[0]}")).status_code)
        picture = await http.get("/photo/jane.png")
        say("photo", [picture.headers["length"], len(picture.content)])


class Server(uvicorn.Server):
    """One that says when it has started."""

    async def startup(self, sockets: object = None) -> None:
        await super().startup(sockets)
        listening(self.servers[0].sockets[0].getsockname()[1])


async def main() -> None:
    with served(__file__) as base:
        await visit(base)
    async with AsyncMongoClient(URI) as client:
        await client.drop_database(DATABASE)


if SERVES:
    Server(uvicorn.Config(app, port=0, log_level="error")).run()
else:
    asyncio.run(main())
    say_driver()
