"""`find` and its cursor's options: what an application writes, and petiole's body for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from petiole._commands import find
from petiole._commands.find import FindOptions
from petiole.collation import Collation

Case = Callable[[], Any]
NAME = "c"


def _find(*args: Any, **kwargs: Any) -> Case:
    return lambda: find.build(NAME, FindOptions(*args, **kwargs))


def _chained(*steps: Callable[[FindOptions], None], **kwargs: Any) -> Case:
    def build() -> dict[str, Any]:
        options = FindOptions(**kwargs)
        for step in steps:
            step(options)
        return find.build(NAME, options)

    return build


def _find_one(filter: Any = None, *args: Any, **kwargs: Any) -> Case:
    def build() -> dict[str, Any]:
        options = FindOptions(find.id_filter(filter), *args, **kwargs)
        options.limit = -1
        return find.build(NAME, options)

    return build


CASES: dict[str, Case] = {
    "c.find()": _find(),
    "c.find({'a': 1}, {'a': 1}, 1, 3)": _find({"a": 1}, {"a": 1}, 1, 3),
    "c.find(projection=['a', 'b'])": _find(projection=["a", "b"]),
    "c.find(projection={'a'})": _find(projection={"a"}),
    "c.find(projection='ab')": _find(projection="ab"),
    "c.find(projection=[])": _find(projection=[]),
    "c.find(projection={})": _find(projection={}),
    "c.find(projection=['a', 1])": _find(projection=["a", 1]),
    "c.find(projection=5)": _find(projection=5),
    "c.find(limit=1)": _find(limit=1),
    "c.find(limit=-3)": _find(limit=-3),
    "c.find(limit=3, batch_size=1)": _find(limit=3, batch_size=1),
    "c.find(limit=3, batch_size=3)": _find(limit=3, batch_size=3),
    "c.find(limit=1, batch_size=1)": _find(limit=1, batch_size=1),
    "c.find(limit=-3, batch_size=3)": _find(limit=-3, batch_size=3),
    "c.find(limit=3, batch_size=5)": _find(limit=3, batch_size=5),
    "c.find(batch_size=4)": _find(batch_size=4),
    "c.find(batch_size=-1)": _find(batch_size=-1),
    "c.find(batch_size='a')": _find(batch_size="a"),
    "c.find(skip='a')": _find(skip="a"),
    "c.find(limit=1.5)": _find(limit=1.5),
    "c.find([1])": _find([1]),
    "c.find('x')": _find("x"),
    "c.find(sort=[('a', 1), ('b', -1)])": _find(sort=[("a", 1), ("b", -1)]),
    "c.find(sort=['a', ('b', -1)])": _find(sort=["a", ("b", -1)]),
    "c.find(sort={'a': 1})": _find(sort={"a": 1}),
    "c.find(sort=[])": _find(sort=[]),
    "c.find(sort='a')": _find(sort="a"),
    "c.find(sort=1)": _find(sort=1),
    "c.find(sort=[(1, 1)])": _find(sort=[(1, 1)]),
    "c.find(sort=[('a', 1.5)])": _find(sort=[("a", 1.5)]),
    "c.find(sort=[('a', {'$meta': 'textScore'})])": _find(sort=[("a", {"$meta": "textScore"})]),
    "c.find(hint='a_1')": _find(hint="a_1"),
    "c.find(hint='')": _find(hint=""),
    "c.find(hint=['a', ('b', -1)])": _find(hint=["a", ("b", -1)]),
    "c.find(hint={'$natural': 1})": _find(hint={"$natural": 1}),
    "c.find(hint=[])": _find(hint=[]),
    "c.find(hint=1)": _find(hint=1),
    "c.find(max={'a': 5}, min={'a': 1}, hint='a_1')": _find(max={"a": 5}, min={"a": 1}, hint="a_1"),
    "c.find(max={'a': 5})": _find(max={"a": 5}),
    "c.find(min={'a': 5})": _find(min={"a": 5}),
    "c.find(max_time_ms=0)": _find(max_time_ms=0),
    "c.find(comment='x', let={'a': 1}, max_time_ms=9)": _find(comment="x", let={"a": 1}, max_time_ms=9),
    "c.find(comment='', let={})": _find(comment="", let={}),
    "c.find(let=1)": _find(let=1),
    "c.find(return_key=False, show_record_id=True)": _find(return_key=False, show_record_id=True),
    "c.find(allow_disk_use=False)": _find(allow_disk_use=False),
    "c.find(allow_disk_use=1)": _find(allow_disk_use=1),
    "c.find(no_cursor_timeout=True)": _find(no_cursor_timeout=True),
    "c.find(no_cursor_timeout=1)": _find(no_cursor_timeout=1),
    "c.find(allow_partial_results=True)": _find(allow_partial_results=True),
    "c.find(allow_partial_results=1)": _find(allow_partial_results=1),
    "c.find(oplog_replay=True)": _find(oplog_replay=True),
    "c.find(oplog_replay=1)": _find(oplog_replay=1),
    "c.find(snapshot=True)": _find(snapshot=True),
    "c.find(cursor_type=2)": _find(cursor_type=2),
    "c.find(cursor_type=34)": _find(cursor_type=34),
    "c.find(cursor_type=64)": _find(cursor_type=64),
    "c.find(cursor_type=64, limit=3)": _find(cursor_type=64, limit=3),
    "c.find(cursor_type=7)": _find(cursor_type=7),
    "c.find(collation={'locale': 'en'})": _find(collation={"locale": "en"}),
    "c.find(collation=Collation('en', strength=2))": _find(collation=Collation("en", strength=2)),
    "c.find(collation='en')": _find(collation="en"),
    "c.find({'$query': {'a': 1}, '$orderby': {'a': 1}})": _find({"$query": {"a": 1}, "$orderby": {"a": 1}}),
    "c.find({'$query': {'a': 1}, '$hint': {'a': 1}, '$maxTimeMS': 4, '$comment': 'x', '$foo': 1})": _find(
        {"$query": {"a": 1}, "$hint": {"a": 1}, "$maxTimeMS": 4, "$comment": "x", "$foo": 1}
    ),
    "c.find({'$query': {}, '$showDiskLoc': True, '$returnKey': True, '$min': 1, '$max': 2})": _find(
        {"$query": {}, "$showDiskLoc": True, "$returnKey": True, "$min": 1, "$max": 2}
    ),
    "c.find({'$query': {'a': 1}, '$explain': 0})": _find({"$query": {"a": 1}, "$explain": 0}),
    "c.find({'query': {'a': 1}})": _find({"query": {"a": 1}}),
    "c.find({'a': 1}, {'a': 1}, 1, 3, sort=[('a', -1)], hint='a_1', batch_size=2, comment='c', max_time_ms=100,"
    " let={'x': 1}, return_key=True, show_record_id=True, allow_partial_results=True, no_cursor_timeout=True,"
    " allow_disk_use=False, collation={'locale': 'en'}, min={'a': 1}, max={'a': 2}, snapshot=True,"
    " oplog_replay=True, cursor_type=34)": _find(
        {"a": 1},
        {"a": 1},
        1,
        3,
        sort=[("a", -1)],
        hint="a_1",
        batch_size=2,
        comment="c",
        max_time_ms=100,
        let={"x": 1},
        return_key=True,
        show_record_id=True,
        allow_partial_results=True,
        no_cursor_timeout=True,
        allow_disk_use=False,
        collation={"locale": "en"},
        min={"a": 1},
        max={"a": 2},
        snapshot=True,
        oplog_replay=True,
        cursor_type=34,
    ),
    "c.find().sort('a')": _chained(lambda o: o.set_sort("a")),
    "c.find().sort('a', -1)": _chained(lambda o: o.set_sort("a", -1)),
    "c.find().sort([('a', -1)])": _chained(lambda o: o.set_sort([("a", -1)])),
    "c.find().sort([('a', -1)], 1)": _chained(lambda o: o.set_sort([("a", -1)], 1)),
    "c.find().sort({})": _chained(lambda o: o.set_sort({})),
    "c.find().sort(5)": _chained(lambda o: o.set_sort(5)),
    "c.find().sort('a', 0.5)": _chained(lambda o: o.set_sort("a", 0.5)),  # type: ignore[arg-type]
    "c.find().hint('a_1').max([('a', 4)]).min((('a', 1),))": _chained(
        lambda o: o.set_hint("a_1"), lambda o: o.set_max([("a", 4)]), lambda o: o.set_min((("a", 1),))
    ),
    "c.find().hint('a_1').max({'a': 4})": _chained(
        lambda o: o.set_hint("a_1"), lambda o: o.set_max({"a": 4})
    ),
    "c.find().hint('a_1').min('a')": _chained(lambda o: o.set_hint("a_1"), lambda o: o.set_min("a")),
    "c.find().hint('a_1').max([])": _chained(lambda o: o.set_hint("a_1"), lambda o: o.set_max([])),
    "c.find().hint('a_1').hint(None)": _chained(lambda o: o.set_hint("a_1"), lambda o: o.set_hint(None)),
    "c.find().hint([])": _chained(lambda o: o.set_hint([])),
    "c.find().skip(-1)": _chained(lambda o: o.set_skip(-1)),
    "c.find().skip('a')": _chained(lambda o: o.set_skip("a")),  # type: ignore[arg-type]
    "c.find().skip(2).limit(3)": _chained(lambda o: o.set_skip(2), lambda o: o.set_limit(3)),
    "c.find().limit('a')": _chained(lambda o: o.set_limit("a")),  # type: ignore[arg-type]
    "c.find().batch_size(1.5)": _chained(lambda o: o.set_batch_size(1.5)),  # type: ignore[arg-type]
    "c.find().batch_size(-1)": _chained(lambda o: o.set_batch_size(-1)),
    "c.find().batch_size(7)": _chained(lambda o: o.set_batch_size(7)),
    "c.find().max_time_ms('a')": _chained(lambda o: o.set_max_time_ms("a")),  # type: ignore[arg-type]
    "c.find().max_time_ms(30)": _chained(lambda o: o.set_max_time_ms(30)),
    "c.find().max_await_time_ms('a')": _chained(
        lambda o: o.set_max_await_time_ms("a")  # type: ignore[arg-type]
    ),
    "c.find().max_await_time_ms(5)": _chained(lambda o: o.set_max_await_time_ms(5)),
    "c.find().allow_disk_use(True)": _chained(lambda o: o.set_allow_disk_use(True)),
    "c.find().allow_disk_use(1)": _chained(lambda o: o.set_allow_disk_use(1)),  # type: ignore[arg-type]
    "c.find().collation(1)": _chained(lambda o: o.set_collation(1)),
    "c.find().collation({'locale': 'en'})": _chained(lambda o: o.set_collation({"locale": "en"})),
    "c.find().comment({'x': 1})": _chained(lambda o: o.set_comment({"x": 1})),
    "c.find().where('this.a > 3')": _chained(lambda o: o.set_where("this.a > 3")),
    "c.find({'a': 1, '$where': 'x'}).where('y')": _chained(
        lambda o: o.set_where("y"), filter={"a": 1, "$where": "x"}
    ),
    "c.find().where(3)": _chained(lambda o: o.set_where(3)),  # type: ignore[arg-type]
    "c.find().add_option(2 | 4 | 8 | 16 | 32 | 128)": _chained(
        lambda o: o.add_flags(2 | 4 | 8 | 16 | 32 | 128)
    ),
    "c.find().add_option(16).remove_option(16)": _chained(
        lambda o: o.add_flags(16), lambda o: o.remove_flags(16)
    ),
    "c.find().add_option('a')": _chained(lambda o: o.add_flags("a")),  # type: ignore[arg-type]
    "c.find().add_option(64).limit(1)": _chained(lambda o: o.add_flags(64), lambda o: o.set_limit(1)),
    "c.find(limit=1).add_option(64)": _chained(lambda o: o.add_flags(64), limit=1),
    "c.find({'a': 1}, sort=[('a', 1)], limit=4, batch_size=3, skip=2).explain()": lambda: find.explain(
        NAME, FindOptions({"a": 1}, sort=[("a", 1)], limit=4, batch_size=3, skip=2)
    ),
    "c.find_one()": _find_one(),
    "c.find_one(5)": _find_one(5),
    "c.find_one('x', ['a'])": _find_one("x", ["a"]),
    "c.find_one({'a': 1}, sort=[('a', 1)], max_time_ms=5)": _find_one(
        {"a": 1}, sort=[("a", 1)], max_time_ms=5
    ),
    "c.find_one({}, {'_id': 0}, 2, 4)": _find_one({}, {"_id": 0}, 2, 4),
    "c.find_one({'b': 1})": lambda: find.find_one_body(NAME, {"b": 1}),
}
