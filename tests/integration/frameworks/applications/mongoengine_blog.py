"""The tumblelog of MongoEngine's tutorial, its GridFS avatars, and what its guide says of queries and indexes."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal

import mongoengine as me
from mongoengine.context_managers import query_counter, switch_db
from pymongo import ReadPreference
from stage import DATABASE, URI, same_id, say, say_driver


class User(me.Document):
    email = me.StringField(required=True, unique=True)
    first_name = me.StringField(max_length=50)
    token = me.UUIDField(binary=True)
    avatar = me.FileField()
    meta = {"indexes": ["first_name", {"fields": ["token"], "sparse": True}]}


class Comment(me.EmbeddedDocument):
    content = me.StringField()
    name = me.StringField(max_length=120)


class Post(me.Document):
    title = me.StringField(max_length=120, required=True)
    author = me.ReferenceField(User, reverse_delete_rule=me.CASCADE)
    tags = me.ListField(me.StringField(max_length=30))
    comments = me.ListField(me.EmbeddedDocumentField(Comment))
    written = me.DateTimeField(default=datetime.datetime(2024, 5, 17, 12))
    price = me.Decimal128Field(precision=2)
    place = me.PointField()
    number = me.SequenceField()
    meta = {
        "allow_inheritance": True,
        "indexes": [{"fields": ["$title"], "cls": False}, "-written"],
        "ordering": ["title"],
    }


class TextPost(Post):
    content = me.StringField()


class LinkPost(Post):
    link_url = me.StringField()


class Counter(me.Document):
    name = me.StringField(primary_key=True)
    hits = me.IntField(default=0)
    by_day = me.MapField(me.IntField())
    meta = {"shard_key": ("name",)}


def write() -> None:
    ross = User(email="ross@example.com", first_name="Ross", token=uuid.UUID(int=7)).save()
    ross.avatar.put(b"\x89PNG" * 100_000, content_type="image/png", filename="ross.png")
    ross.save()
    try:
        User(email="ross@example.com").save()
    except me.NotUniqueError as error:
        say("duplicate", type(error).__name__)
    TextPost(
        title="Fun with MongoEngine",
        author=ross,
        content="Took a look today",
        tags=["mongodb", "python"],
        comments=[Comment(content="Nice", name="Ann")],
        price=Decimal("3.50"),
        place=[13.4, 52.5],
    ).save()
    LinkPost(title="Documentation", author=ross, link_url="http://mongoengine.org", tags=["mongodb"]).save()
    posts = [TextPost(title=f"Note {number}", tags=["note"], content="x" * number) for number in range(5)]
    say("inserted", [same_id(post.pk) for post in TextPost.objects.insert(posts)])


def read() -> None:
    for post in Post.objects:
        say("post", [type(post).__name__, post.title, post.tags, post.number, post.price, post.written])
    say("first", Post.objects(tags="mongodb").first().to_mongo().to_dict())
    say("tags", Post.objects.item_frequencies("tags"))
    say("count", [Post.objects(tags="note").count(), len(Post.objects), Post.objects.distinct("tags")])
    say("q", [p.title for p in Post.objects(me.Q(tags="python") | me.Q(title__startswith="Doc"))])
    say("slice", [p.title for p in Post.objects.order_by("-title")[1:4].only("title")])
    say("text", [p.title for p in Post.objects.search_text("documentation")])
    say("author", [p.author.email for p in Post.objects(author__ne=None).select_related()])
    say("average", TextPost.objects.average("number"))
    pipeline = [{"$unwind": "$tags"}, {"$group": {"_id": "$tags", "n": {"$sum": 1}}}, {"$sort": {"_id": 1}}]
    say("aggregate", list(Post.objects.aggregate(pipeline)))
    say("secondary", Post.objects.read_preference(ReadPreference.SECONDARY_PREFERRED).count())
    say("hint", [p.title for p in Post.objects(tags="note").comment("why").batch_size(2).no_cache()])
    avatar = User.objects.get(email="ross@example.com").avatar
    say("avatar", [avatar.content_type, avatar.length, avatar.read()[:4] == b"\x89PNG", avatar.filename])
    say("json", Post.objects(tags="python").exclude("id", "author").to_json())
    say("explain", sorted(Post.objects(title="x").explain())[:1])


def change() -> None:
    say("update", Post.objects(tags="note").update(push__tags="short", set__title="A note"))
    say("modified", Post.objects(tags="short").modify(new=True, set__title="The note").title)
    say("upsert", Counter.objects(name="home").upsert_one(inc__hits=1, set__by_day__monday=2).hits)
    counter = Counter.objects.get(name="home")
    counter.hits += 1
    counter.by_day["tuesday"] = 5
    say("delta", [counter.save().reload().hits, counter.by_day])
    say(
        "update_one",
        Counter.objects(name="none").update_one(inc__hits=1, upsert=True, full_result=True).raw_result["n"],
    )
    with query_counter() as queries:
        list(Post.objects)
        Post.objects.count()
        say("queries", int(queries))
    with switch_db(Counter, "other") as Elsewhere:
        Elsewhere(name="there").save()
        say(
            "elsewhere",
            [Elsewhere.objects.count(), Elsewhere._get_collection().database.name == f"{DATABASE}_other"],
        )
    say("indexes", {name: index["key"] for name, index in Post._get_collection().index_information().items()})
    say("compare", Post.compare_indexes())


def delete() -> None:
    say("cascade", [User.objects(email="ross@example.com").delete(), Post.objects.count()])
    try:
        User.objects.get(email="nobody")
    except me.DoesNotExist as error:
        say("nobody", str(error))
    Post.drop_collection()
    say("collections", sorted(me.get_db().list_collection_names()))
    me.get_connection().drop_database(DATABASE)
    me.get_connection("other").drop_database(f"{DATABASE}_other")


me.connect(DATABASE, host=URI, uuidRepresentation="standard")
me.connect(f"{DATABASE}_other", alias="other", host=URI, uuidRepresentation="standard")
say("name", me.get_db().name)
for step in (write, read, change, delete):
    step()
me.disconnect_all()
say_driver()
