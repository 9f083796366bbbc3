"""The pages of Motor's example for aiohttp, on `AsyncIOMotorClient`: found, made, changed, and files of GridFS."""

from __future__ import annotations

import asyncio

import aiohttp
from aiohttp import web
from bson import json_util
from motor.aiohttp import AIOHTTPGridFS
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorGridFSBucket
from pymongo import DESCENDING, ReturnDocument
from pymongo.errors import DuplicateKeyError
from stage import DATABASE, SERVES, URI, listening, say, say_driver, served

routes = web.RouteTableDef()


@routes.get("/pages/{page_name}")
async def page(request: web.Request) -> web.Response:
    document = await request.app["db"].pages.find_one({"_id": request.match_info["page_name"]})
    if document is None:
        raise web.HTTPNotFound(text=f"No page named {request.match_info['page_name']!r}")
    return web.Response(body=document["body"].encode(), content_type="text/html")


@routes.put("/pages/{page_name}")
async def change(request: web.Request) -> web.Response:
    document = await request.app["db"].pages.find_one_and_update(
        {"_id": request.match_info["page_name"]},
        {"$set": {"body": await request.text()}, "$inc": {"revision": 1}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    return web.json_response(document)


@routes.post("/pages")
async def new(request: web.Request) -> web.Response:
    try:
        done = await request.app["db"].pages.insert_many(await request.json())
    except DuplicateKeyError as error:
        raise web.HTTPConflict(text=str(error.code)) from error
    except Exception as error:
        raise web.HTTPConflict(text=type(error).__name__) from error
    return web.json_response(done.inserted_ids, status=201)


@routes.get("/pages")
async def everything(request: web.Request) -> web.Response:
    cursor = request.app["db"].pages.find({}, sort=[("revision", DESCENDING), ("_id", 1)])
    pages = [document async for document in cursor]
    return web.Response(text=json_util.dumps(pages), content_type="application/json")


@routes.post("/files/{filename}")
async def upload(request: web.Request) -> web.Response:
    bucket = AsyncIOMotorGridFSBucket(request.app["db"])
    async with bucket.open_upload_stream(
        request.match_info["filename"], metadata={"contentType": "text/plain"}
    ) as file:
        async for part in request.content.iter_any():
            await file.write(part)
    return web.Response(text="stored")


async def serve() -> None:
    app = web.Application()
    app.add_routes(routes)
    client = AsyncIOMotorClient(URI)
    app["db"] = client[DATABASE]
    app.router.add_get("/gridfs/{filename}", AIOHTTPGridFS(app["db"]))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    listening(runner.addresses[0][1])
    await asyncio.Event().wait()


async def visit(base: str) -> None:
    async with aiohttp.ClientSession(base) as http:

        async def ask(method: str, path: str, **options: object) -> tuple[int, str]:
            async with http.request(method, path, **options) as answer:
                return answer.status, await answer.text()

        say("none", await ask("GET", "/pages/home"))
        say("put", [await ask("PUT", "/pages/home", data=text) for text in ("<b>Hi</b>", "<i>Hi</i>")])
        say("home", await ask("GET", "/pages/home"))
        pages = [{"_id": f"page {n}", "body": str(n)} for n in range(3)]
        say("post", await ask("POST", "/pages", json=pages))
        say("again", await ask("POST", "/pages", json=pages))
        say("all", await ask("GET", "/pages"))
        many = await asyncio.gather(*(ask("GET", "/pages/page%201") for _ in range(50)))
        say("many", sorted(set(many)))
        say("upload", await ask("POST", "/files/oak.txt", data=b"acorn " * 100_000))
        async with http.get("/gridfs/oak.txt") as answer:
            text = await answer.read()
            say("file", [answer.status, answer.headers["Content-Type"], len(text)])
            tag = answer.headers["Etag"]
        say("cached", await ask("GET", "/gridfs/oak.txt", headers={"If-None-Match": tag}))
        say("missing", (await ask("GET", "/gridfs/none"))[0])


async def main() -> None:
    with served(__file__) as base:
        await visit(base)
    client = AsyncIOMotorClient(URI)
    await client.drop_database(DATABASE)
    client.close()


if SERVES:
    asyncio.run(serve())
else:
    asyncio.run(main())
    say_driver()
