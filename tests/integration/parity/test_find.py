"""`find` and the methods of its cursor: the same as PyMongo's."""

from __future__ import annotations

from typing import Any

from tests.integration.parity.check import Check
from tests.integration.parity.snippets import on_faces

SEED: list[dict[str, Any]] = [
    {"_id": n, "a": n % 3, "b": {"c": "abcde"[n % 5]}, "d": [n, n + 1]} for n in range(12)
]

OPTIONS = r"""
list(c.find())
list(c.find({}))
list(c.find(None))
list(c.find({'a': 1}))
list(c.find({'_id': {'$gt': 8}}))
list(c.find({'a': 1}, {'_id': 1}))
list(c.find({'a': 1}, ['b', 'd']))
list(c.find({'a': 1}, ('b',)))
list(c.find({'a': 1}, {'b'}))
list(c.find({'a': 1}, []))
list(c.find({'a': 1}, {}))
list(c.find({'a': 1}, None))
list(c.find({'a': 1}, {'_id': False, 'd': {'$slice': 1}}))
list(c.find({'a': 1}, 'b'))
list(c.find({'a': 1}, 5))
list(c.find({'a': 1}, [1]))
list(c.find({'a': 1}, projection={'_id': 1}))
list(c.find(filter={'a': 2}))
list(c.find(5))
list(c.find('a'))
list(c.find([]))
list(c.find([('a', 1)]))
list(c.find(SON([('a', 1)])))
list(c.find(RawBSONDocument(encode({'a': 1}))))
list(c.find({'$no': 1}))
list(c.find({'a': {'$no': 1}}))
list(c.find({'$query': {'a': 1}, '$orderby': {'_id': -1}}))
list(c.find({'$query': {'a': 1}}))
list(c.find({'query': {'a': 1}}))
list(c.find({'a': object()}))
list(c.find(skip=10))
list(c.find(skip=0))
list(c.find(skip=-1))
list(c.find(skip='1'))
list(c.find(skip=None))
list(c.find(limit=2))
list(c.find(limit=-2))
list(c.find(limit=0))
list(c.find(limit='1'))
list(c.find(limit=None))
list(c.find(limit=2**31))
list(c.find(limit=1.5))
list(c.find(limit=True))
list(c.find(batch_size=5))
list(c.find(batch_size=1))
list(c.find(batch_size=0))
list(c.find(batch_size=-1))
list(c.find(batch_size='1'))
list(c.find(batch_size=5, limit=7))
list(c.find(batch_size=5, limit=5))
list(c.find(batch_size=5, limit=3))
list(c.find(batch_size=3, limit=-5))
list(c.find(limit=12, batch_size=12))
list(c.find(limit=-1))
list(c.find(sort=[('_id', -1)], limit=2))
list(c.find(sort={'_id': -1}, limit=2))
list(c.find(sort='_id', limit=2))
list(c.find(sort=[('a', 1), ('_id', -1)]))
list(c.find(sort=['a', '_id']))
list(c.find(sort=['a', ('_id', -1)]))
list(c.find(sort=5))
list(c.find(sort=[]))
list(c.find(sort={}))
list(c.find(sort=[('a', 'x')]))
list(c.find(sort=[('a',)]))
list(c.find(sort=[(5, 1)]))
list(c.find(sort=('a', 1)))
list(c.find(sort=SON([('a', 1), ('_id', -1)])))
list(c.find(sort=[('score', {'$meta': 'textScore'})]))
list(c.find(allow_partial_results=True, limit=1))
list(c.find(allow_partial_results=1))
list(c.find(oplog_replay=True, limit=1))
list(c.find(no_cursor_timeout=True, limit=1))
list(c.find(no_cursor_timeout='x'))
list(c.find(no_cursor_timeout=True, batch_size=5))
list(c.find(cursor_type=CursorType.NON_TAILABLE, limit=1))
list(c.find(cursor_type=CursorType.TAILABLE))
list(c.find(cursor_type=CursorType.EXHAUST))
list(c.find(cursor_type=CursorType.EXHAUST, batch_size=4))
c.find(cursor_type=CursorType.EXHAUST, limit=2)
c.find(cursor_type=7)
c.find(cursor_type='x')
list(c.find(modifiers={'$comment': 'x'}))
list(c.find(collation=Collation('en', strength=1), limit=1))
list(c.find(collation={'locale': 'en'}, limit=1))
list(c.find(collation={'locale': 'nowhere'}))
list(c.find(collation='en'))
list(c.find(collation=5))
list(c.find(return_key=True, limit=2))
list(c.find(show_record_id=True, limit=2))
list(c.find(snapshot=True))
list(c.find(hint='_id_', limit=2))
list(c.find(hint=[('_id', 1)], limit=2))
list(c.find(hint={'_id': 1}, limit=2))
list(c.find(hint='no such index'))
list(c.find(hint=5))
list(c.find(max_time_ms=1000, limit=1))
list(c.find(max_time_ms=0, limit=1))
list(c.find(max_time_ms='x'))
list(c.find(max_time_ms=-1))
list(c.find(max_time_ms=1.5, limit=1))
list(c.find({'$where': 'sleep(200) || true'}, max_time_ms=1))
list(c.find(max_scan=5))
list(c.find(min={'_id': 3}, max={'_id': 6}, hint='_id_'))
list(c.find(min=[('_id', 3)], max=[('_id', 6)], hint='_id_'))
list(c.find(min=[('_id', 3)]))
list(c.find(min=5))
list(c.find(comment='note', limit=1))
list(c.find(comment={'a': 1}, limit=1))
list(c.find(allow_disk_use=True, limit=1))
list(c.find(allow_disk_use=False, limit=1))
list(c.find(allow_disk_use='x'))
list(c.find(let={'x': 1}, filter={'$expr': {'$eq': ['$a', '$$x']}}))
list(c.find(let=5))
list(c.find({}, None, 2, 3))
list(c.find({}, {'_id': 1}, 2, 3, False))
list(c.find(no_such_option=1))
list(c.find(timeout=False))
list(c.find(fields=['a']))
list(c.find(session=5))
list(c.find(session=None, limit=1))
list(db.missing.find())
list(db['$bad'].find())
"""

CURSOR = r"""
kind(c.find())
list(c.find().sort('_id', -1).limit(2))
list(c.find().sort('_id').limit(2))
list(c.find().sort('a', DESCENDING).sort('_id', DESCENDING).limit(2))
list(c.find().sort([('a', 1), ('_id', -1)]))
list(c.find().sort({'a': 1, '_id': -1}))
list(c.find().sort(['a', '_id']))
list(c.find().sort('a', 'x'))
list(c.find().sort([]))
list(c.find().sort({}))
list(c.find().sort(5))
list(c.find().sort(None))
list(c.find().sort([('a', 1)], 1))
list(c.find().sort('$natural', -1).limit(2))
list(c.find().skip(10))
list(c.find().skip(-1))
list(c.find().skip('1'))
list(c.find().skip(1.5))
list(c.find().limit(2))
list(c.find().limit(-2))
list(c.find().limit('1'))
list(c.find().limit(None))
list(c.find().batch_size(3))
list(c.find().batch_size(1))
list(c.find().batch_size(0))
list(c.find().batch_size(-1))
list(c.find().batch_size('x'))
list(c.find().batch_size(None))
list(c.find().hint('_id_').limit(1))
list(c.find().hint([('_id', 1)]).limit(1))
list(c.find().hint({'_id': 1}).limit(1))
list(c.find().hint([('$natural', 1)]).limit(1))
list(c.find().hint('_id_').hint(None).limit(1))
list(c.find().hint(5))
list(c.find().hint([]))
list(c.find().min([('_id', 3)]).max([('_id', 6)]).hint('_id_'))
list(c.find().min({'_id': 3}).hint('_id_').limit(2))
list(c.find().min([('_id', 3)]).limit(2))
list(c.find().min(5))
list(c.find().max('a'))
list(c.find().max([]))
list(c.find().comment('x').limit(1))
list(c.find().comment({'x': 1}).limit(1))
list(c.find().where('this.a == 1'))
list(c.find({'_id': {'$gt': 5}}).where('this.a == 1'))
list(c.find().where(Code('this.a == x', {'x': 1})))
list(c.find().where(5))
list(c.find({'$where': 'true'}).where('this.a == 1'))
list(c.find().max_time_ms(500).limit(1))
list(c.find().max_time_ms(None).limit(1))
list(c.find().max_time_ms('x'))
list(c.find().max_time_ms(-1))
list(c.find().max_await_time_ms(500).limit(1))
list(c.find().max_await_time_ms('x'))
list(c.find().max_await_time_ms(None).limit(1))
list(c.find(cursor_type=CursorType.TAILABLE_AWAIT).max_await_time_ms(50).limit(1))
list(c.find().max_scan(5))
list(c.find().allow_disk_use(True).limit(1))
list(c.find().allow_disk_use(None).limit(1))
list(c.find().allow_disk_use('x'))
list(c.find().collation(Collation('en')).limit(1))
list(c.find().collation({'locale': 'en'}).limit(1))
list(c.find().collation(None).limit(1))
list(c.find().collation('x'))
list(c.find().add_option(2))
list(c.find().add_option(16).limit(1))
list(c.find().add_option(16).remove_option(16).limit(1))
list(c.find().add_option('x'))
list(c.find().add_option(64))
c.find(limit=1).add_option(64)
list(c.find().add_option(128).limit(1))
list(c.find().remove_option('x'))
list(c.find().remove_option(16).limit(1))
cur = c.find(); cur.add_option(4) is cur
cur = c.find(); [cur.sort('a') is cur, cur.limit(1) is cur, cur.skip(1) is cur, cur.batch_size(2) is cur]
cur = c.find().sort('_id'); (next(cur), next(cur), cur.next())
cur = c.find(limit=1); next(cur); next(cur)
cur = c.find(limit=1); cur.next(); cur.next()
cur = c.find(); list(cur); list(cur)
cur = c.find(); list(cur); cur.next()
cur = c.find(); len(list(cur)), cur.alive, cur.retrieved, cur.cursor_id
cur = c.find(batch_size=5); cur.alive, cur.retrieved, cur.cursor_id
cur = c.find(batch_size=5); next(cur); cur.alive, cur.retrieved, cur.cursor_id > 0
cur = c.find(batch_size=5); [next(cur) for n in range(6)]; cur.alive, cur.retrieved
cur = c.find(batch_size=5); cur.address
cur = c.find(batch_size=5); next(cur); cur.address == client.address
cur = c.find(batch_size=5); next(cur); cur.close(); cur.alive, cur.cursor_id > 0
cur = c.find(batch_size=5); next(cur); cur.close(); cur.close(); next(cur)
cur = c.find(); cur.close(); list(cur)
cur = c.find(); cur.close(); cur.alive
cur = c.find(); next(cur); cur.sort('a')
cur = c.find(); next(cur); cur.limit(1)
cur = c.find(); next(cur); cur.skip(1)
cur = c.find(batch_size=2); next(cur); cur.batch_size(7); len(list(cur))
cur = c.find(); next(cur); cur.hint('_id_')
cur = c.find(); next(cur); cur.min([('_id', 1)])
cur = c.find(); next(cur); cur.comment('x')
cur = c.find(); next(cur); cur.where('true')
cur = c.find(); next(cur); cur.max_time_ms(5)
cur = c.find(); next(cur); cur.max_await_time_ms(5)
cur = c.find(); next(cur); cur.collation(None)
cur = c.find(); next(cur); cur.allow_disk_use(True)
cur = c.find(); next(cur); cur.add_option(16)
cur = c.find(); next(cur); cur.remove_option(16)
cur = c.find().sort('_id'); a = next(cur); cur.rewind(); (a, next(cur))
cur = c.find(batch_size=5); next(cur); cur.rewind() is cur, cur.alive, cur.retrieved, cur.cursor_id
cur = c.find(); list(cur); cur.rewind(); len(list(cur))
cur = c.find({'a': 1}).sort('_id', -1).limit(2); next(cur); list(cur.clone())
cur = c.find({'a': 1}, {'_id': 1}, 1, 2); kind(cur.clone()), list(cur.clone()), list(cur)
cur = c.find({'a': 1}, collation={'locale': 'en'}, comment='x', hint='_id_', batch_size=2); list(cur.clone())
cur = copy.copy(c.find({'a': 1}).limit(2)); list(cur)
f = {'a': [1]}; cur = c.find(f); d = copy.deepcopy(cur); f['a'] = 2; list(d), list(cur)
f = {'a': 1}; cur = c.find(f); f['a'] = 2; list(cur)
cur = c.find(); cur.collection == c, cur.session
cur = c.find(); cur.collection is c
cur = c.find(session=client.start_session()); next(cur); kind(cur.session)
with c.find() as cur: x = next(cur)
    |x, cur.alive
with c.find() as cur: list(cur)
with c.find() as cur: cur.no_such_attribute
bool(c.find())
len(c.find())
c.find().count()
c.find().to_list()
c.find().to_list(2)
c.find().to_list(0)
c.find().to_list(-1)
c.find().to_list('x')
c.find().to_list(length=None)
c.find(batch_size=3).to_list(7)
c.find({'_id': 100}).to_list()
cur = c.find(batch_size=3); cur.to_list(2), cur.to_list(2), cur.to_list(), cur.to_list()
cur = c.find(batch_size=5); cur.to_list(2); cur.alive, cur.retrieved
c.find().distinct('a')
c.find({'_id': {'$lt': 2}}).distinct('a')
c.find().max_time_ms(500).comment('x').collation({'locale': 'en'}).distinct('b.c')
c.find().distinct(5)
c.find().limit(1).distinct('a')
c.find().hint('_id_').distinct('a')
e = c.find({'a': 1}).explain(); sorted(e), e['queryPlanner']['namespace'], e['queryPlanner']['parsedQuery']
sorted(c.find({'a': 1}).sort('a').limit(2).hint('_id_').explain()['queryPlanner']['winningPlan'])
sorted(c.find({'a': 1}).comment('x').explain())
c.find(pos=1)
iter(cur := c.find()) is cur
c.find() == c.find()
c.find().no_such
sorted(name for name in dir(c.find()) if not name.startswith('_'))
[x['_id'] for x in c.find().sort('_id').limit(3)]
hash(cur := c.find()) == hash(cur)
"""

SLICES = r"""
c.find().sort('_id')[0]
c.find().sort('_id')[5]
c.find().sort('_id')[100]
c.find().sort('_id')[-1]
c.find().sort('_id')['a']
c.find().sort('_id')[1.5]
list(c.find().sort('_id')[2:4])
list(c.find().sort('_id')[2:])
list(c.find().sort('_id')[:2])
list(c.find().sort('_id')[:])
list(c.find().sort('_id')[3:3])
list(c.find().sort('_id')[3:1])
list(c.find().sort('_id')[-1:])
list(c.find().sort('_id')[:-1])
list(c.find().sort('_id')[::2])
list(c.find().sort('_id')[20:22])
list(c.find().sort('_id').skip(5)[1:3])
list(c.find().sort('_id').limit(2)[1:])
c.find().sort('_id').skip(5)[1]
cur = c.find(); next(cur); cur[1]
cur = c.find(); next(cur); cur[1:]
cur = c.find().sort('_id'); cur[0], cur[1], [x['_id'] for x in cur]
cur = c.find().sort('_id')[2:4]; cur[0]
cur = c.find().sort('_id'); cur[2:4] is cur
cur = c.find().sort('_id')[3:3]; cur.clone().limit(2); list(cur)
list(c.find().sort('_id')[3:3].limit(2))
"""

TAILABLE = r"""
t = db.create_collection('t', capped=True, size=4096); t.insert_many([{'_id': 1}, {'_id': 2}])
    |cur = t.find(cursor_type=CursorType.TAILABLE); [next(cur), next(cur)], cur.alive
t = db.create_collection('t', capped=True, size=4096); t.insert_many([{'_id': 1}, {'_id': 2}])
    |cur = t.find(cursor_type=CursorType.TAILABLE); list(cur), cur.alive, list(cur), cur.cursor_id > 0
t = db.create_collection('t', capped=True, size=4096); t.insert_many([{'_id': 1}, {'_id': 2}])
    |cur = t.find(cursor_type=CursorType.TAILABLE); a = list(cur); t.insert_one({'_id': 3})
    |a, list(cur), cur.alive
t = db.create_collection('t', capped=True, size=4096); t.insert_many([{'_id': 1}, {'_id': 2}])
    |cur = t.find(cursor_type=CursorType.TAILABLE_AWAIT).max_await_time_ms(20); list(cur), cur.alive
t = db.create_collection('t', capped=True, size=4096); t.insert_many([{'_id': 1}, {'_id': 2}])
    |cur = t.find(cursor_type=CursorType.TAILABLE); cur.to_list(), cur.alive
t = db.create_collection('t', capped=True, size=4096); t.insert_many([{'_id': 1}, {'_id': 2}])
    |cur = t.find().add_option(2); [next(cur), next(cur)], cur.alive
t = db.create_collection('t', capped=True, size=4096)
    |cur = t.find(cursor_type=CursorType.TAILABLE); list(cur), cur.alive
(CursorType.NON_TAILABLE, CursorType.TAILABLE, CursorType.TAILABLE_AWAIT, CursorType.EXHAUST)
"""


@on_faces(OPTIONS)
def test_find_options(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(CURSOR)
def test_find_cursor(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(SLICES)
def test_find_slices(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(TAILABLE)
def test_find_tailable(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)
