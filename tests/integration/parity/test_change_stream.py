"""Change streams: options, commands, events, tokens, closing and errors are PyMongo's."""

from __future__ import annotations

from typing import Any

from tests.integration.parity.check import Check
from tests.integration.parity.snippets import on_faces

SEED: list[dict[str, Any]] = [{"_id": n, "a": n} for n in range(3)]

OPTIONS = r"""
with c.watch() as s: kind(s), s.alive, list(s.resume_token)
with db.watch() as s: kind(s), s.alive, list(s.resume_token)
with client.watch() as s: kind(s), s.alive, list(s.resume_token)
with c.watch([]) as s: pass
with c.watch([{'$match': {'a': 1}}]) as s: pass
with c.watch(None, 'default') as s: pass
with c.watch(full_document='updateLookup') as s: pass
with db.watch(full_document='whenAvailable', full_document_before_change='whenAvailable') as s: pass
with client.watch(full_document='required', full_document_before_change='required') as s: pass
with c.watch(full_document_before_change='off') as s: pass
with c.watch(show_expanded_events=True) as s: pass
with c.watch(show_expanded_events=False) as s: pass
with client.watch(show_expanded_events=True, full_document='default', comment='x') as s: pass
with c.watch(comment={'x': 1}, max_await_time_ms=10) as s: s.try_next()
with db.watch(comment='x', batch_size=3, max_await_time_ms=10) as s: s.try_next()
with client.watch(batch_size=1, max_await_time_ms=10) as s: s.try_next(), s.try_next()
with c.watch(batch_size=0, max_await_time_ms=10) as s: s.try_next(), s.try_next()
with c.watch(start_at_operation_time=Timestamp(2**31, 1), max_await_time_ms=10) as s: s.try_next(), s.resume_token
with c.watch(collation={'locale': 'en'}) as s: pass
with c.watch(collation=None) as s: pass
with c.with_options(read_concern=ReadConcern('majority')).watch(max_await_time_ms=10) as s: s.try_next()
with c.with_options(read_preference=ReadPreference.SECONDARY_PREFERRED).watch() as s: pass
with client.start_session() as x, c.watch(session=x, max_await_time_ms=10) as s: s.try_next()
with client.start_session() as x:
    c.find_one(session=x)
    with c.watch(session=x, max_await_time_ms=10) as s: s.try_next()
"""

REFUSED = r"""
c.watch({})
c.watch('x')
db.watch(({},))
client.watch({})
c.watch([{'$no': 1}])
c.watch([{'$out': 'x'}])
c.watch([{'$changeStream': {}}])
c.watch(full_document=1)
c.watch(full_document='')
c.watch(full_document='x')
c.watch(full_document_before_change=1)
c.watch(full_document_before_change='')
c.watch(resume_after=1)
c.watch(resume_after={})
c.watch(resume_after={'_data': 'x'})
c.watch(start_after=1)
c.watch(start_after={'_data': 'x'})
c.watch(start_at_operation_time=1)
c.watch(resume_after={'_data': 'x'}, start_at_operation_time=Timestamp(1, 1))
c.watch(resume_after={'_data': 'x'}, start_after={'_data': 'y'})
c.watch(start_at_operation_time=Timestamp(1, 1), start_after={'_data': 'y'})
c.watch(max_await_time_ms='x')
c.watch(max_await_time_ms=1.5)
c.watch(batch_size='x')
c.watch(batch_size=-1)
c.watch(batch_size=1.5)
c.watch(batch_size=True)
c.watch(collation=1)
c.watch(show_expanded_events='x')
c.watch(session=5)
c.watch(no_such=1)
c.with_options(read_concern=ReadConcern('local')).watch()
x = client.start_session(); x.end_session(); c.watch(session=x)
x = make(); s = x.start_session(); c.watch(session=s)
x = make(); x.close(); x.parity.things.watch()
db['system.users'].watch()
client.admin.watch()
"""

EVENTS = r"""
with c.watch() as s:
    c.insert_many([{'_id': 7}, {'_id': 8}]); c.update_one({'_id': 7}, {'$set': {'b': 1}}); c.delete_one({'_id': 8})
    found = [next(s) for _ in range(4)]
    |[(e['operationType'], e['ns'], e['documentKey'], e.get('fullDocument'), e.get('updateDescription')) for e in found]
with c.watch() as s:
    c.insert_many([{}, {}])
    one = s.next(); first = s.resume_token == one['_id']; two = s.next(); second = s.resume_token == two['_id']
    |first, second, one['_id'] == s.resume_token
with c.watch(max_await_time_ms=10) as s: before = s.resume_token; r = s.try_next(), s.resume_token == before
    |r
with c.watch(full_document='updateLookup') as s: c.update_one({'_id': 1}, {'$set': {'b': 1}}); e = s.next()
    |e['fullDocument']
with c.watch([{'$match': {'documentKey._id': 2}}, {'$project': {'documentKey': 1}}]) as s:
    c.delete_many({}); e = s.next()
    |sorted(e), e['documentKey']
with db.watch() as s:
    db.other.insert_one({'_id': 1}); db.more.insert_one({'_id': 2}); r = [s.next()['ns'] for _ in 'ab']
    |r
with client.watch() as s: client.parity_more.x.insert_one({'_id': 1}); r = s.next()['ns']
    |r
with c.watch(batch_size=2) as s: c.insert_many([{} for _ in range(5)]); r = [s.next()['ns'] for _ in range(5)]
    |r
s = c.watch(); c.insert_one({}); token = s.next()['_id']; c.insert_one({'_id': 9}); s.close()
with c.watch(resume_after=token) as s: start = s.resume_token == token; e = s.next(), s.resume_token == token
    |start, e[0]['documentKey'], e[1]
s = c.watch(); c.insert_one({}); token = s.next()['_id']; c.insert_one({'_id': 9}); s.close()
with c.watch(start_after=token, batch_size=0) as s: start = s.resume_token == token; e = s.next()
    |start, e['documentKey']
s = c.watch(); c.drop(); e = [e['operationType'] for e in s]
    |kind(s), e, s.alive, s.try_next(), tries(s.next), s.close()
s = c.watch(); c.drop(); list(s); token = s.resume_token
    |tries(lambda: c.watch(resume_after=token))
s = c.watch(); c.drop(); list(s); token = s.resume_token; c.insert_one({'_id': 1})
with c.watch(start_after=token) as s: e = s.next()
    |e['documentKey']
with c.watch([{'$project': {'_id': 0}}]) as s: c.insert_one({}); r = tries(s.next), s.alive, tries(s.next), s.try_next()
    |r
with c.watch([{'$addFields': {'_id': 1}}]) as s: c.insert_one({}); r = tries(s.try_next), s.alive
    |r
"""

CLASSES = r"""
with c.with_options(codec_options=CodecOptions(document_class=SON)).watch() as s:
    c.insert_one({'_id': 9, 'x': {'y': 1}}); e = s.next()
    |kind(e), kind(e['fullDocument']['x']), kind(e['_id']), kind(s.resume_token)
with c.with_options(codec_options=CodecOptions(document_class=SON)).watch(max_await_time_ms=10) as s:
    s.try_next(); r = kind(s.resume_token)
    |r
raw = c.with_options(codec_options=CodecOptions(document_class=RawBSONDocument))
with raw.watch() as s: c.insert_one({'_id': 9, 'x': {'y': 1}}); e = s.next()
    |kind(e), kind(e['fullDocument']), e['fullDocument'], kind(s.resume_token), s.resume_token == e['_id']
class Upper(TypeDecoder):
    bson_type = str
    def transform_bson(self, value): return value.upper()
typed = c.with_options(codec_options=CodecOptions(type_registry=TypeRegistry([Upper()])))
with typed.watch() as s: c.insert_many([{'_id': 7, 'x': 'abc'}, {}]); e = s.next()
    |e['fullDocument'], e['operationType'], kind(s.resume_token)
class Upper(TypeDecoder):
    bson_type = str
    def transform_bson(self, value): return value.upper()
with c.with_options(codec_options=CodecOptions(type_registry=TypeRegistry([Upper()]))).watch(max_await_time_ms=10) as s:
    s.try_next(); s.try_next(); r = kind(s.resume_token)
    |r
class Plain(dict):
    def __setitem__(self, key, value): key == '_id' or super().__setitem__(key, value)
s = c.with_options(codec_options=CodecOptions(document_class=Plain)).watch(); c.insert_one({})
    |tries(s.next), s.alive, tries(s.next), s.try_next()
class Plain(dict):
    def __setitem__(self, key, value): key == '_id' or super().__setitem__(key, value)
s = c.with_options(codec_options=CodecOptions(document_class=Plain)).watch(); c.insert_one({})
    |tries(s.try_next), s.alive
with c.with_options(codec_options=CodecOptions(tz_aware=True)).watch() as s: c.insert_one({}); e = s.next()
    |e['wallTime'].tzinfo
"""

LIFE = r"""
s = c.watch(); s.close(), s.alive, tries(s.next), s.try_next(), list(s), s.close(), list(s.resume_token)
s = c.watch(); c.insert_many([{'_id': 7}, {'_id': 8}]); s.next(); s.close()
    |s.alive, tries(s.next), s.try_next()['documentKey'], s.try_next()
with c.watch() as s: c.insert_one({}); r = next(s)['operationType']
    |r, s.alive
with c.watch() as s: r = iter(s) is s if kind(s) == 'CollectionChangeStream' else True
    |r
x = make(); s = x.parity.things.watch(); x.close(); tries(s.next), s.alive, s.close()
x = client.start_session(); s = c.watch(session=x); x.end_session(); tries(s.try_next), s.alive
with c.watch(max_await_time_ms=500) as s:
    with package.timeout(0.1): r = tries(s.next)
    |r.timeout, s.alive
x = make(timeoutMS=150)
with x.parity.things.watch() as s: one = tries(s.next); two = tries(s.try_next)
    |one.timeout, two.timeout, s.alive
s = c.watch(); sorted(name for name in dir(s) if not name.startswith('_'))
"""


@on_faces(OPTIONS)
def test_options(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(REFUSED)
def test_what_is_refused(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(EVENTS)
def test_events_and_tokens(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(CLASSES)
def test_classes_of_documents(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(LIFE)
def test_closing_and_timeouts(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)
