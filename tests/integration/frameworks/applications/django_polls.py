"""The polls of Django's tutorial on django-mongodb-backend: tables, the ORM, embedded models, and a view over HTTP."""

from __future__ import annotations

import datetime
import json
import urllib.request
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import IntegrityError, connection
from django.db.models import Avg, Count, Q, Sum
from stage import DATABASE, SERVES, URI, listening, say, say_driver, served

settings.configure(
    DATABASES={"default": {"ENGINE": "django_mongodb_backend", "HOST": URI, "NAME": DATABASE}},
    DEFAULT_AUTO_FIELD="django_mongodb_backend.fields.ObjectIdAutoField",
    DATABASE_ROUTERS=["django_mongodb_backend.routers.MongoRouter"],
    INSTALLED_APPS=["polls"],
    ROOT_URLCONF="polls.urls",
    ALLOWED_HOSTS=["*"],
    USE_TZ=False,
    SECRET_KEY="for tests",
)


def write() -> None:
    from polls.models import Choice, Place, Question

    with connection.schema_editor() as editor:
        editor.create_model(Question)
        editor.create_model(Choice)
    day = datetime.datetime(2024, 5, 17, 12)
    up = Question.objects.create(
        text="What's up?", published=day, tags=["a", "b"], place=Place(city="Bonn"), fee="2.50"
    )
    say("id", up.pk)
    Question.objects.bulk_create(
        [Question(text=f"Q{n}", published=day + datetime.timedelta(days=n), extra={"n": n}) for n in range(5)]
    )
    for text, votes in (("Not much", 3), ("The sky", 5), ("Just hacking", 1)):
        up.choice_set.create(text=text, votes=votes)
    try:
        Question.objects.create(text="Q1", published=day)
    except IntegrityError as error:
        say("duplicate", type(error.__cause__).__name__)


def read() -> None:
    from polls.models import Choice, Question

    say("all", list(Question.objects.order_by("-published").values_list("text", "published", "tags", "fee")))
    say(
        "filter",
        [
            q.text
            for q in Question.objects.filter(Q(text__startswith="Q") & ~Q(text="Q2")).order_by("text")[1:3]
        ],
    )
    say("embedded", Question.objects.get(place__city="Bonn").place.city)
    say("array", Question.objects.filter(tags__contains=["a"]).count())
    say(
        "json", list(Question.objects.filter(extra__n__gt=2).order_by("text").values_list("extra", flat=True))
    )
    say(
        "join",
        list(
            Choice.objects.filter(question__text="What's up?").order_by("-votes").values_list("text", "votes")
        ),
    )
    say("related", [c.question.text for c in Choice.objects.select_related("question").order_by("text")])
    say("aggregate", Choice.objects.aggregate(Sum("votes"), Avg("votes")))
    say(
        "annotate",
        list(Question.objects.annotate(n=Count("choice")).filter(n__gt=0).values_list("text", "n")),
    )
    say("dates", list(Question.objects.datetimes("published", "day")))
    say("exists", [Question.objects.filter(text="none").exists(), Question.objects.first() is not None])
    say("raw", [q.text for q in Question.objects.raw_aggregate([{"$match": {"text": "Q3"}}])])
    say("iterator", len(list(Question.objects.iterator(chunk_size=2))))
    indexes = connection.database["polls_question"].index_information()
    say("indexes", sorted([one["key"], one.get("unique", False)] for one in indexes.values()))


def change() -> None:
    from polls.models import Choice, Question

    with served(__file__) as base, urllib.request.urlopen(f"{base}/vote/The%20sky") as answer:
        say("view", json.loads(answer.read()))
    say(
        "get_or_create",
        [
            Question.objects.get_or_create(text=t, defaults={"published": datetime.datetime(2024, 1, 1)})[1]
            for t in ("Q1", "Q9")
        ],
    )
    say("update", Question.objects.filter(text__in=["Q1", "Q2"]).update(fee="1.10"))
    say("delete", Question.objects.filter(text="What's up?").delete())
    say("left", [Question.objects.count(), Choice.objects.count()])
    with connection.schema_editor() as editor:
        editor.delete_model(Choice)
    say("tables", sorted(connection.introspection.table_names()))
    call_command("flush", interactive=False, verbosity=0)
    say("flushed", Question.objects.count())


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


django.setup()
if SERVES:
    server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet)
    listening(server.server_port)
    server.serve_forever()
else:
    for step in (write, read, change):
        step()
    connection.connection.drop_database(DATABASE)
    connection.close_pool()
    say_driver()
