"""Databases and collections themselves: the same as PyMongo's."""

from __future__ import annotations

from typing import Any

from tests.integration.parity.check import Check
from tests.integration.parity.snippets import on_faces

SEED: list[dict[str, Any]] = [{"_id": n, "a": n % 3} for n in range(4)]

COLLECTION = r"""
c
repr(c)
str(c)
c.name, c.full_name, c.database
c.database is db, c.database == db
c.x, c['x'], c['x.y'], c.x.y
c.x.name, c.x.full_name
c._x
c['_x']
c.__no__
c[5]
c['']
c['a..b']
c['.a']
c['a.']
c['a$b']
c['$cmd']
c['a\0']
c[b'x']
c[None]
getattr(c, 'a b')
c == db['things'], c != db['things'], c == db['other'], c != db['other'], c == 5
c == client.parity2.things
c == c.with_options(codec_options=CodecOptions(tz_aware=True))
hash(c) == hash(db['things']), len({c, db['things'], db['x']})
bool(c)
if c: pass
not c
c or 5
c()
c.no_such_method()
c.no_such_method(5)
c.x.no_such_method()
db.x()
iter(c)
list(c)
[x for x in c]
next(c)
c.next()
5 in c
len(c)
c < c
c.codec_options, c.read_preference, c.write_concern, c.read_concern
c.with_options().codec_options == c.codec_options
d = c.with_options(write_concern=WriteConcern(w=2)); d.write_concern, c.write_concern, d == c
c.with_options(codec_options=CodecOptions(tz_aware=True)).codec_options
c.with_options(read_preference=ReadPreference.SECONDARY).read_preference
c.with_options(read_concern=ReadConcern('majority')).read_concern
c.with_options(codec_options=5)
c.with_options(read_preference=5)
c.with_options(read_preference='secondary')
c.with_options(write_concern=5)
c.with_options(write_concern={'w': 1})
c.with_options(read_concern=5)
c.with_options(read_concern='majority')
c.with_options(no_such=5)
c.with_options(CodecOptions(), ReadPreference.NEAREST, WriteConcern(1), ReadConcern('local')).write_concern
c.x.write_concern == c.write_concern
c.with_options(write_concern=WriteConcern(w=2)).x.write_concern
type(c).__name__, type(c)(db, 'y')
type(c)(db, 5)
type(c)(db, '')
type(c)(db, 'y', create=True), db.list_collection_names(filter={'name': 'y'})
type(c)(db, 'y', write_concern=WriteConcern(w=2)).write_concern
type(c)(db, 'y', codec_options=5)
type(c)(5, 'y')
type(c)(db, 'y', create=True, capped=True, size=4096).options()
type(c)(db, 'y', capped=True, size=4096)
copy.copy(c) == c
copy.deepcopy(c)
pickle.dumps(c)
c.x = 5; c.x
isinstance(c, type(db.x))
sorted(name for name in dir(c) if not name.startswith('_'))
c.options()
db.create_collection('y', capped=True, size=4096, max=5).options()
db.missing.options()
c.options(comment='x')
c.options(no_such=1)
c.drop(), db.list_collection_names()
db.missing.drop()
c.drop(comment='x')
c.drop(5)
c.drop(no_such=1)
c.with_options(write_concern=WriteConcern(w=5, wtimeout=50)).drop()
c.with_options(write_concern=WriteConcern(w=0)).drop()
c.rename('other'), db.list_collection_names()
c.rename('things')
db.y.insert_one({}); c.rename('y')
db.y.insert_one({}); c.rename('y', dropTarget=True), db.y.count_documents({})
db.missing.rename('y')
c.rename(5)
c.rename('')
c.rename('a..b')
c.rename('.a')
c.rename('a.')
c.rename('a$b')
c.rename('oplog.$main')
c.rename(None)
c.rename()
c.rename('y', comment='x')
c.rename('y', no_such=1)
c.with_options(write_concern=WriteConcern(w='majority')).rename('y')
c.map_reduce('x', 'y', 'z')
c.group({})
c.parallel_scan(2)
"""

DATABASE = r"""
db
repr(db), db.name, db.client
db.client is client, db.client == client
db.x, db['x'], db['x.y'], db.x.y, db['_x']
db._x
db[5]
db[None]
db[b'x']
db == client['parity'], db != client['parity'], db == client['p2'], db == 5
hash(db) == hash(client['parity']), len({db, client['parity'], client['x']})
bool(db)
if db: pass
db()
db.no_such_method()
list(db)
next(db)
db.next()
len(db)
5 in db
db.codec_options, db.read_preference, db.write_concern, db.read_concern
db.with_options(write_concern=WriteConcern(w=2)).write_concern
db.with_options(write_concern=WriteConcern(w=2)).x.write_concern
db.with_options(codec_options=CodecOptions(tz_aware=True)).x.codec_options.tz_aware
db.with_options(read_preference=ReadPreference.NEAREST).x.read_preference
db.with_options(write_concern=5)
db.with_options(codec_options=5)
db.with_options(read_preference=5)
db.with_options(read_concern=5)
db.with_options() == db
db.get_collection('x') == db.x
db.get_collection('x', write_concern=WriteConcern(w=2)).write_concern
db.get_collection('x', codec_options=CodecOptions(tz_aware=True),
        read_concern=ReadConcern('local')).read_concern
db.get_collection(5)
db.get_collection('')
db.get_collection()
copy.copy(db) == db
type(db)(client, 'x')
type(db)(client, 5)
type(db)(client, '')
type(db)(client, 'a b')
type(db)(client, 'a.b')
type(db)(client, 'a$b')
type(db)(client, 'a/b')
type(db)(client, 'a\\b')
type(db)(client, 'a"b')
type(db)(client, 'a\0b')
type(db)(client, '$external')
type(db)(client, 'x' * 64)
type(db)(client, 'x', write_concern=WriteConcern(w=2)).write_concern
sorted(name for name in dir(db) if not name.startswith('_'))
sorted(db.list_collection_names())
db.y.insert_one({}); sorted(db.list_collection_names())
db.y.insert_one({}); db.list_collection_names(filter={'name': 'y'})
db.list_collection_names(filter={'type': 'collection'})
db.list_collection_names(filter={'options.capped': True})
db.list_collection_names(filter={})
db.list_collection_names(filter=5)
db.list_collection_names(nameOnly=False)
db.list_collection_names(authorizedCollections=True)
db.list_collection_names(comment='x')
db.list_collection_names(no_such=1)
db.list_collection_names(session=5)
db.list_collection_names(5)
client.parity_missing.list_collection_names()
db.collection_names()
[(x['name'], x['type']) for x in db.list_collections()]
[sorted(x) for x in db.list_collections()]
[sorted(x) for x in db.list_collections(nameOnly=True)]
list(db.list_collections(filter={'name': 'none'}))
kind(db.list_collections())
[type(x).__name__ for x in db.list_collections()]
list(db.list_collections(comment='x', filter={'name': 'none'}))
db.create_collection('y')
db.create_collection('y') == db.y
db.create_collection('things')
db.create_collection('things', check_exists=False)
db.create_collection('y', check_exists=False)
db.create_collection('y', capped=True, size=10000, max=3).options()
db.create_collection('y', validator={'a': 1}, validationLevel='moderate', validationAction='warn').options()
db.create_collection('y', collation={'locale': 'en'}).options()['collation']['locale']
db.create_collection('y', collation=Collation('en', strength=2)).options()['collation']['strength']
db.create_collection('y', collation=5)
db.create_collection('y', viewOn='things', pipeline=[{'$match': {'a': 1}}]).count_documents({})
db.create_collection('y', timeseries={'timeField': 't'}).options()['timeseries']
db.create_collection('y', expireAfterSeconds=5)
db.create_collection('y', storageEngine={'wiredTiger': {}})
db.create_collection('y', comment='x')
db.create_collection('y', no_such=1)
db.create_collection('y', write_concern=WriteConcern(w=2)).write_concern
db.create_collection('y', write_concern=WriteConcern(w='majority'))
db.create_collection('y', codec_options=CodecOptions(tz_aware=True)).codec_options.tz_aware
db.create_collection('y', read_preference=ReadPreference.SECONDARY).read_preference
db.create_collection('y', clusteredIndex={'key': {'_id': 1},
        'unique': True}).options()['clusteredIndex']['unique']
db.create_collection('y', changeStreamPreAndPostImages={'enabled': True})
db.create_collection('y', encryptedFields={'fields': []})
db.create_collection('y', encryptedFields={})
db.create_collection('y', encryptedFields=5)
db.create_collection('')
db.create_collection(5)
db.create_collection('a..b')
db.create_collection('a$b')
db.create_collection('system.x')
db.create_collection('x' * 300)
db.create_collection()
db.drop_collection('things')
db.drop_collection(c)
db.drop_collection('missing')
db.drop_collection('missing', encrypted_fields={'fields': [], 'escCollection': 'y'})
db.drop_collection('things', encrypted_fields={'fields': []})
db.drop_collection('things', encrypted_fields={})
db.drop_collection('things', encrypted_fields=5)
db.things.drop(encrypted_fields={'ecocCollection': 'x'})
db.things.drop(encrypted_fields=5)
db.drop_collection(5)
db.drop_collection(None)
db.drop_collection('')
db.drop_collection('things', comment='x')
db.drop_collection('things', no_such=1)
db.with_options(write_concern=WriteConcern(w='majority')).drop_collection('things')
db.with_options(write_concern=WriteConcern(w=5, wtimeout=50)).drop_collection('things')
r = db.validate_collection('things'); r['valid'], r['nrecords'], sorted(r)
r = db.validate_collection(c); r['valid'], r['nrecords']
r = db.validate_collection('things', full=True); r['valid']
r = db.validate_collection('things', scandata=True, full=True); r['valid']
r = db.validate_collection('things', background=True); r['valid']
r = db.validate_collection('things', background=False, comment='x'); r['valid']
db.validate_collection('things', background='x')
db.validate_collection('missing')
db.validate_collection(5)
db.validate_collection('things', full=True, background=True)
db.dereference(DBRef('things', 1))
db.dereference(DBRef('things', 99))
db.dereference(DBRef('things', 1, 'parity'))
db.dereference(DBRef('things', 1, 'other'))
db.dereference(DBRef('missing', 1))
db.dereference(5)
db.dereference({'$ref': 'things', '$id': 1})
db.dereference(DBRef('things', 1), comment='x', projection={'a': 1})
db.dereference(DBRef('things', 1), no_such=1)
"""

COMMAND = r"""
db.command('ping')
db.command({'ping': 1})
db.command(SON([('ping', 1)]))
db.command('ping', 5)
db.command('count', 'things')
db.command('count', 'things', query={'a': 1})
db.command({'count': 'things', 'query': {'a': 1}})
db.command({'count': 'things'}, query={'a': 1})
db.command({'count': 'things'}, 7)
db.command('count', value='things', limit=2)
db.command('find', 'things', batchSize=2)['cursor']['firstBatch']
db.command('no such')
db.command('no such', check=False)['ok']
db.command({'no_such': 1}, check=False)
db.command('no_such', allowable_errors=['no such command: \'no_such\''])['ok']
db.command('no_such', allowable_errors=[59])['ok']
db.command('no_such', allowable_errors=['other'])
db.command('no_such', allowable_errors=5)
db.command({})
db.command('')
db.command(5)
db.command(None)
db.command()
db.command([])
db.command(RawBSONDocument(encode({'ping': 1})))
db.command('ping', no_such=1)
db.command('ping', comment='x')
db.command({'ping': 1, 'comment': 'y'}, comment='x')
db.command('ping', session=5)
db.command('ping', session=client.start_session())
db.command('ping', read_preference=ReadPreference.SECONDARY_PREFERRED)
db.command('ping', read_preference=ReadPreference.NEAREST)
db.command('ping', read_preference=5)
db.command('ping', readPreference='secondary')
db.command('ping', codec_options=CodecOptions(document_class=SON))
type(db.command('ping', codec_options=CodecOptions(document_class=RawBSONDocument))).__name__
db.command('ping', codec_options=5)
db.command('ping', 1, True, None, ReadPreference.PRIMARY)
db.command('insert', 'things', documents=[{'_id': 77}])['n']
db.command('insert', 'things', documents=[{'_id': 1}])['writeErrors']
db.command('insert', 'things', documents=[{'_id': 77}], writeConcern={'w': 5, 'wtimeout': 50})
db.command('insert', 'things', documents=[{'_id': 77}], writeConcern={'w': 'majority'})['n']
db.with_options(write_concern=WriteConcern(w=5)).command('insert', 'things', documents=[{'_id': 77}])['n']
db.with_options(read_concern=ReadConcern('majority')).command('count', 'things')['n']
db.with_options(read_preference=ReadPreference.SECONDARY).command('ping')
db.command('aggregate', 'things', pipeline=[], cursor={'batchSize': 1})['cursor']['firstBatch']
db.command('findAndModify', 'things', query={'_id': 1}, update={'$set': {'a': 5}}, new=True)['value']
db.command('findAndModify', 'things', query={'_id': 1}, remove=True)['value']
db.command('collstats', 'things')['count']
db.command('filemd5', object())
db.command({'ping': object()})
db.command('hello')['isWritablePrimary']
db.command('isMaster')['ismaster']
db.command('dbstats')['collections']
db.command('listCollections')['cursor']['firstBatch'][0]['name']
db.command('explain', {'find': 'things', 'filter': {}})['queryPlanner']['namespace']
db.command('explain', {'find': 'things'}, verbosity='queryPlanner')['ok']
sorted(db.command('buildInfo'))[:3]
client.admin.command('getParameter', '*')['ok']
client.admin.command('getParameter', 1, featureCompatibilityVersion=1)['featureCompatibilityVersion']
db.command('getParameter', '*')
client.admin.command('configureFailPoint', 'no such', mode='off')
db.command('drop', 'missing')
db.command('create', 'things')
db.command('create', 'y', capped=True, size=4096)['ok']
e = tries(lambda: db.command('no_such')); (e.code, e.args, e.timeout, e.details['codeName'])
str(tries(lambda: db.command('no_such')))
list(db.cursor_command('find', 'things'))
list(db.cursor_command('find', 'things', filter={'a': 1}))
list(db.cursor_command({'find': 'things', 'batchSize': 1}))
list(db.cursor_command('aggregate', 'things', pipeline=[], cursor={'batchSize': 2}))
[x['name'] for x in db.cursor_command('listCollections')]
[x['name'] for x in db.cursor_command('listIndexes', 'things')]
db.cursor_command('ping')
db.cursor_command('no_such')
db.cursor_command(5)
db.cursor_command('find', 'things', comment='x').alive
kind(db.cursor_command('find', 'things'))
list(db.cursor_command('find', 'things', comment='x', max_await_time_ms=50, batchSize=2))
list(db.cursor_command('find', 'things', max_await_time_ms='x'))
list(db.cursor_command('find', 'things', read_preference=ReadPreference.NEAREST))
list(db.cursor_command('find', 'things', codec_options=CodecOptions(document_class=SON)))
list(db.cursor_command('find', 'things', session=5))
db.cursor_command('find', 'things', batchSize=1).batch_size(2).to_list()
"""


@on_faces(COLLECTION)
def test_collection(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(DATABASE)
def test_database(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(COMMAND)
def test_command(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)
