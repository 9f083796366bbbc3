"""The wiki and the uploads of Flask-PyMongo's documentation, served to a client over HTTP."""

from __future__ import annotations

import io
import logging
import re
import urllib.error
import urllib.request

import pymongo
from flask import Flask, jsonify, redirect, request
from flask_pymongo import ASCENDING, PyMongo
from flask_pymongo.wrappers import Collection, Database, MongoClient
from stage import DATABASE, SERVES, URI, listening, say, say_driver, served
from werkzeug.serving import make_server

app = Flask(__name__)
app.config["MONGO_URI"] = URI.replace("/?", f"/{DATABASE}?")
mongo = PyMongo(app, tz_aware=False)


@app.route("/wiki")
def pages() -> object:
    return jsonify(
        [page["title"] for page in mongo.db.pages.find(projection={"_id": 0}).sort("title", ASCENDING)]
    )


@app.route("/wiki/<title>", methods=["GET", "POST"])
def page(title: str) -> object:
    if request.method == "POST":
        new = {"$set": {"title": title, "body": request.form["body"]}, "$inc": {"revision": 1}}
        mongo.db.pages.update_one({"title": title}, new, upsert=True)
        return redirect(f"/wiki/{title}")
    return jsonify(mongo.db.pages.find_one_or_404({"title": title}))


@app.route("/id/<ObjectId:which>")
def by_id(which: object) -> object:
    return jsonify(mongo.db.pages.find_one_or_404(which))


@app.route("/uploads/<path:filename>", methods=["GET", "POST"])
def upload(filename: str) -> object:
    if request.method == "POST":
        return str(mongo.save_file(filename, request.files["file"]) is not None)
    return mongo.send_file(filename)


def get(
    address: str, data: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    wanted = urllib.request.Request(address, data, headers or {})
    try:
        with urllib.request.urlopen(wanted) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), b""


def look() -> None:
    database = mongo.db
    say("kinds", [isinstance(mongo.cx, MongoClient), isinstance(database, Database)])
    say("collection", isinstance(database.a, Collection))
    say(
        "bases",
        [
            isinstance(mongo.cx, pymongo.MongoClient),
            isinstance(database.a, pymongo.collection.Collection),
        ],
    )
    say("names", [database.name == DATABASE, database["a.b"].full_name, mongo.cx["x"]["y"].name])


def visit(base: str) -> None:
    for title, body in (("Home", "Hello"), ("About", "petioles"), ("Home", "Hello again")):
        status, _, text = get(f"{base}/wiki/{title}", f"body={body}".replace(" ", "+").encode())
        say("saved", [status, re.sub(rb"[0-9a-f]{24}", b"ID", text).decode()])
    say("list", get(f"{base}/wiki")[2].decode())
    say("none", get(f"{base}/wiki/None")[0])
    found = mongo.db.pages.find_one({"title": "Home"})["_id"]
    say("by id", [get(f"{base}/id/{which}")[0] for which in (found, "0" * 24, "nonsense")])
    boundary = {"Content-Type": "multipart/form-data; boundary=x"}
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="oak.txt"\r\n\r\n'
    oak = f"{base}/uploads/trees/oak.txt"
    say("upload", get(oak, head + b"acorn " * 100_000 + b"\r\n--x--\r\n", boundary)[2].decode())
    status, headers, content = get(oak)
    kept = [headers["Content-Type"], headers["Content-Length"], headers.get("ETag")]
    say("download", [status, *kept, len(content)])
    say("cached", get(oak, None, {"If-None-Match": headers["ETag"]})[0])
    say("missing", get(f"{base}/uploads/none")[0])
    say("direct", mongo.save_file("a.bin", io.BytesIO(b"12345")) is not None)


if SERVES:
    logging.getLogger("werkzeug").disabled = True
    server = make_server("127.0.0.1", 0, app, threaded=True)
    listening(server.port)
    server.serve_forever()
else:
    look()
    with served(__file__) as base:
        visit(base)
    mongo.cx.drop_database(DATABASE)
    mongo.cx.close()
    say_driver()
