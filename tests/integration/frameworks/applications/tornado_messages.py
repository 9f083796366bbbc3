"""The messages of Motor's tutorial for Tornado: composed, listed, changed, counted and followed; files of GridFS."""

from __future__ import annotations

import asyncio
import urllib.parse

import motor
import tornado.web
from bson import ObjectId
from bson.errors import InvalidId
from motor.web import GridFSHandler
from pymongo.errors import DuplicateKeyError
from stage import DATABASE, SERVES, URI, listening, say, say_driver, served
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets


class NewMessageHandler(tornado.web.RequestHandler):
    def get(self) -> None:
        self.write('<form method="post"><input type="text" name="msg"><input type="submit"></form>')

    async def post(self) -> None:
        msg = self.get_argument("msg")
        try:
            await self.settings["db"].messages.insert_one({"_id": len(msg), "msg": msg, "by": "ann"})
        except DuplicateKeyError as error:
            self.set_status(409)
            self.write({"code": error.code, "key": error.details["keyValue"]})
            return
        self.redirect("/")


class MessagesHandler(tornado.web.RequestHandler):
    async def get(self) -> None:
        """The list, by a cursor that is iterated while it is written."""
        self.write("<ul>")
        async for message in self.settings["db"].messages.find().sort([("_id", -1)]).batch_size(2):
            self.write(f"<li>{message['_id']}: {message['msg']}</li>")
        self.finish("</ul>")


class NextHandler(tornado.web.RequestHandler):
    async def get(self) -> None:
        """The same as JSON, by `fetch_next` as older programs have it."""
        cursor = self.settings["db"].messages.find({}, {"by": 0}).sort("_id", 1)
        found = []
        while await cursor.fetch_next:
            found.append(cursor.next_object())
        self.write({"messages": found})


class EachHandler(tornado.web.RequestHandler):
    async def get(self) -> None:
        """And by `each`, with a callback."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        names: list[str] = []

        def each(message: dict[str, str] | None, error: Exception | None) -> None:
            if error is not None:
                done.set_exception(error)
            elif message is None:
                done.set_result(None)
            else:
                names.append(message["msg"])

        self.settings["db"].messages.find().sort("msg").each(each)
        await done
        self.write({"names": names})


class MessageHandler(tornado.web.RequestHandler):
    async def get(self, which: str) -> None:
        found = await self.settings["db"].messages.find_one({"_id": int(which)})
        if found is None:
            raise tornado.web.HTTPError(404)
        self.write(found)

    async def put(self, which: str) -> None:
        msg = self.get_argument("msg")
        done = await self.settings["db"].messages.update_one({"_id": int(which)}, {"$set": {"msg": msg}})
        self.write({"matched": done.matched_count, "modified": done.modified_count})

    async def delete(self, which: str) -> None:
        done = await self.settings["db"].messages.delete_one({"_id": int(which)})
        self.set_status(204 if done.deleted_count else 404)


class StatsHandler(tornado.web.RequestHandler):
    async def get(self) -> None:
        messages = self.settings["db"].messages
        pipeline = [{"$group": {"_id": "$by", "n": {"$sum": 1}, "longest": {"$max": "$_id"}}}]
        groups = await messages.aggregate(pipeline).to_list(None)
        counts = await asyncio.gather(messages.count_documents({}), messages.estimated_document_count())
        self.write({"groups": groups, "counts": counts, "by": await messages.distinct("by")})


class MoveHandler(tornado.web.RequestHandler):
    async def post(self, which: str) -> None:
        """Move a message to the archive, in a transaction that an unknown message aborts."""
        db = self.settings["db"]
        async with await db.client.start_session() as session, session.start_transaction():
            found = await db.messages.find_one_and_delete({"_id": int(which)}, session=session)
            await db.archive.insert_one({"at": 1}, session=session)
            if found is None:
                raise tornado.web.HTTPError(404)
        self.write({"archived": await db.archive.count_documents({})})


class WaitHandler(tornado.web.RequestHandler):
    async def get(self) -> None:
        """The next change, once somebody makes one."""
        async with self.settings["db"].messages.watch([{"$match": {"operationType": "insert"}}]) as stream:
            await stream.try_next()  # Opens it.
            self.write("waiting\n")
            await self.flush()
            change = await stream.next()
            self.write(change["fullDocument"]["msg"])


class UploadHandler(tornado.web.RequestHandler):
    async def post(self, name: str) -> None:
        bucket = motor.MotorGridFSBucket(self.settings["db"])
        number = await bucket.upload_from_stream(name, self.request.body)
        self.write({"id": isinstance(number, ObjectId)})


class BadIdHandler(tornado.web.RequestHandler):
    def get(self, text: str) -> None:
        try:
            self.write({"id": str(ObjectId(text))})
        except InvalidId as error:
            self.set_status(400)
            self.write({"error": str(error)})


async def serve() -> None:
    db = motor.MotorClient(URI)[DATABASE]
    application = tornado.web.Application(
        [
            (r"/compose", NewMessageHandler),
            (r"/", MessagesHandler),
            (r"/next", NextHandler),
            (r"/each", EachHandler),
            (r"/messages/(\d+)", MessageHandler),
            (r"/stats", StatsHandler),
            (r"/move/(\d+)", MoveHandler),
            (r"/wait", WaitHandler),
            (r"/upload/(.*)", UploadHandler),
            (r"/files/(.*)", GridFSHandler, {"database": db}),
            (r"/id/(.*)", BadIdHandler),
        ],
        db=db,
    )
    (socket,) = bind_sockets(0, "127.0.0.1")
    server = HTTPServer(application)
    server.add_sockets([socket])
    listening(socket.getsockname()[1])
    await asyncio.Event().wait()


async def visit(base: str) -> None:
    http = AsyncHTTPClient()

    async def ask(method: str, path: str, **fields: str) -> tuple[int, str]:
        body = urllib.parse.urlencode(fields) if method in ("POST", "PUT") else None
        request = HTTPRequest(base + path, method, body=body, follow_redirects=method == "GET")
        answer = await http.fetch(request, raise_error=False)
        return answer.code, answer.body.decode()

    say("form", await ask("GET", "/compose"))
    for msg in ("hello", "hello there", "good morning", "again"):
        say("compose", await ask("POST", "/compose", msg=msg))
    for path in ("/", "/next", "/each", "/messages/5", "/messages/99", "/stats"):
        say(path, await ask("GET", path))
    say("put", await ask("PUT", "/messages/5", msg="hi"))
    say("many", [code for code, _ in await asyncio.gather(*(ask("GET", "/") for _ in range(50)))])
    say("move", [await ask("POST", "/move/5"), (await ask("POST", "/move/5"))[0]])
    say("archived", (await ask("POST", "/move/11"))[1])
    told: list[bytes] = []
    waits = asyncio.Event()

    def hear(part: bytes) -> None:
        told.append(part)
        waits.set()

    request = HTTPRequest(base + "/wait", streaming_callback=hear)
    waiting = asyncio.ensure_future(http.fetch(request))
    await waits.wait()
    await ask("POST", "/compose", msg="a change")
    await waiting
    say("change", b"".join(told).decode())
    say("delete", [(await ask("DELETE", "/messages/12"))[0] for _ in range(2)])
    stored = await http.fetch(base + "/upload/trees/oak.txt", method="POST", body=b"acorn " * 100_000)
    say("upload", stored.body.decode())
    file = await http.fetch(base + "/files/trees/oak.txt")
    say("file", [file.headers["Content-Type"], len(file.body)])
    again = HTTPRequest(base + "/files/trees/oak.txt", headers={"If-None-Match": file.headers["Etag"]})
    say("cached", (await http.fetch(again, raise_error=False)).code)
    say("missing", (await ask("GET", "/files/none"))[0])
    say("ids", [await ask("GET", "/id/none"), await ask("GET", "/id/" + "0" * 24)])


async def main() -> None:
    with served(__file__) as base:
        await visit(base)
    client = motor.MotorClient(URI)
    await client.drop_database(DATABASE)
    client.close()


if SERVES:
    asyncio.run(serve())
else:
    asyncio.run(main())
    say_driver()
