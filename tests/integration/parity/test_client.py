"""The client itself, its databases, its properties and its options: the same as PyMongo's."""

from __future__ import annotations

from typing import Any

from tests.integration.parity.check import Check
from tests.integration.parity.snippets import on_faces

SEED: list[dict[str, Any]] = [{"_id": n, "a": n % 3} for n in range(4)]

PROPERTIES = r"""
client
repr(client)
client.address
client.nodes
client.primary
client.secondaries
client.arbiters
client.is_primary
client.is_mongos
type(client.nodes).__name__, type(client.secondaries).__name__
client.codec_options
client.read_preference, client.write_concern, client.read_concern
kind(client.options)
client.options.replica_set_name, client.options.retry_writes, client.options.direct_connection
client.options.server_selection_timeout, client.options.local_threshold_ms, client.options.load_balanced
client.options.pool_options.max_pool_size, client.options.pool_options.min_pool_size
client.options.pool_options.connect_timeout, client.options.pool_options.socket_timeout
client.options.pool_options.max_idle_time_seconds, client.options.pool_options.wait_queue_timeout
client.options.pool_options.max_connecting, client.options.pool_options.appname
client.options.heartbeat_frequency
client.options.no_such
client.topology_description.topology_type_name, client.topology_description.replica_set_name
client.topology_description.topology_type, client.topology_description.has_readable_server()
[(k, v.server_type_name) for k, v in client.topology_description.server_descriptions().items()]
client.topology_description.has_writable_server(), client.topology_description.has_known_servers
client.HOST, client.PORT
client.x, client['x'], client['_x']
client._x
client.__no__
client[5]
client[None]
client['']
client['a b']
client['a.b']
client['$external']
client[b'x']
client == client, client != client, client == 5
client == make(), client != make(), hash(client) == hash(make())
make() == make(appname='x'), make() == make(host='localhost', port=1, connect=False)
len({client, make()})
bool(client)
client()
client.no_such_method()
list(client)
next(client)
client.next()
5 in client
len(client)
x = make(); y = copy.copy(x); a = y == x, y.parity.things.find_one(1); del y
    |a, x.parity.things.find_one(1)
pickle.dumps(make())
client.get_database('x')
client.get_database('x', write_concern=WriteConcern(w=2)).write_concern
client.get_database()
client.get_database(5)
client.get_default_database()
client.get_default_database('x')
client.get_default_database(default='x', write_concern=WriteConcern(w=2)).write_concern
make('mongodb://localhost:1/dbname', connect=False).get_default_database()
make('mongodb://localhost:1/dbname', connect=False).get_default_database('other')
make('mongodb://localhost:1/dbname', connect=False).get_database()
make('mongodb://localhost:1/dbname', connect=False).get_database().name
sorted(name for name in dir(client) if not name.startswith('_'))
i = client.server_info(); i['version'], i['ok'], sorted(i)[:4]
client.server_info(session=5)
'admin' in client.list_database_names(), 'parity' in client.list_database_names()
client.list_database_names(comment='x').count('parity')
client.list_database_names(no_such=1)
client.database_names()
kind(client.list_databases())
[sorted(x) for x in client.list_databases()][0]
[x for x in client.list_databases(nameOnly=True) if x['name'] == 'parity']
list(client.list_databases(filter={'name': 'parity'}, nameOnly=True))
list(client.list_databases(filter={'name': 'parity'}, nameOnly=True, comment='x', authorizedDatabases=True))
list(client.list_databases(no_such=1))
cur = client.list_databases(); cur.alive, cur.cursor_id, cur.address
client.drop_database('parity'), client.parity.list_collection_names()
client.drop_database(db)
client.drop_database('missing_database')
client.drop_database(5)
client.drop_database(None)
client.drop_database('')
client.drop_database()
client.drop_database('parity', comment='x')
client.drop_database(db.with_options(write_concern=WriteConcern(w=5, wtimeout=50)))
client.drop_database(make(w='majority')['parity'])
make(w=5, wtimeoutms=50).drop_database('parity')
client.fsync()
client.unlock()
client.max_bson_size
client.max_pool_size
client.event_listeners
client.local_threshold_ms
client.server_selection_timeout
client.retry_writes
client.close_cursor(5)
client.kill_cursors([5])
"""

LIFE = r"""
x = make(); x.close(); x.parity.things.find_one()
x = make(); x.parity.things.find_one(); x.close(); x.parity.things.find_one()
x = make(); x.close(); x.close()
x = make(); x.close(); x.address
x = make(); x.close(); x.nodes
x = make(); x.close(); x.start_session()
x = make(); x.close(); x.parity
x = make(); x.close(); x.parity.things.find()
x = make(); x.parity.things.find_one(); x.close(); x.nodes
x = make(); cur = x.parity.things.find(batch_size=2); next(cur); x.close(); list(cur)
with make() as x: x.parity.things.find_one()
    |x.parity.things.find_one()
with make() as x: y = x
    |x is y
x = make(); x.parity.things.find_one(1), x.parity.things.find_one(2)
x = make(connect=False); x.nodes
x = make(connect=False); x.parity.things.find_one(), x.nodes
x = make(connect=False); x.parity.things.find_one({}, {'_id': 1})
make('localhost:1', connect=False)
make('localhost', 1, connect=False)
make(['a:1', 'b:2', 'c'], connect=False)
make('mongodb://a,b:5/db?replicaSet=x&w=2', connect=False)
make('mongodb://a/?replicaSet=x', replicaSet='y', connect=False)
make('mongodb://user:secret@a/db', connect=False)
make('a', username='user', password='secret', connect=False)
make('/tmp/mongodb.sock', connect=False)
make('[::1]:27018', connect=False)
make('localhost:1', 5, SON, True, False)
make('localhost:1', document_class=SON, connect=False).codec_options
make('localhost:1', tz_aware=True, connect=False).codec_options
make('localhost:1', tzinfo=datetime.timezone.utc, tz_aware=True, connect=False).codec_options
make('localhost:1', uuidRepresentation='standard', connect=False).codec_options
make('localhost:1', datetime_conversion='DATETIME_CLAMP', connect=False).codec_options
make('localhost:1', unicode_decode_error_handler='ignore', connect=False).codec_options
make('localhost:1', w=2, j=True, wTimeoutMS=5, connect=False).write_concern
make('localhost:1', w='majority', connect=False)
make('localhost:1', w=0, j=True, connect=False)
make('localhost:1', readPreference='secondary', connect=False).read_preference
make('localhost:1', readPreference='secondary', readPreferenceTags='a:b', maxStalenessSeconds=100,
        connect=False)
make('localhost:1', readPreference='no', connect=False)
make('localhost:1', readConcernLevel='majority', connect=False).read_concern
make('localhost:1', maxPoolSize=5, minPoolSize=1, maxIdleTimeMS=5000, connect=False)
make('localhost:1', maxPoolSize=0, connect=False).options.pool_options.max_pool_size
make('localhost:1', maxPoolSize=None, connect=False).options.pool_options.max_pool_size
make('localhost:1', maxPoolSize=-1, connect=False)
make('localhost:1', minPoolSize=5, maxPoolSize=2, connect=False)
make('localhost:1', serverSelectionTimeoutMS=5000, connectTimeoutMS=100, socketTimeoutMS=200, connect=False)
make('localhost:1', timeoutMS=500, connect=False)
make('localhost:1', timeoutMS=500, connect=False).options.timeout
make('localhost:1', heartbeatFrequencyMS=1000, connect=False)
make('localhost:1', heartbeatFrequencyMS=10, connect=False)
make('localhost:1', appname='x', connect=False)
make('localhost:1', appname='x' * 129, connect=False)
make('localhost:1', driver=DriverInfo('a', '1', 'p'), connect=False)
make('localhost:1', driver=5, connect=False)
make('localhost:1', compressors='zlib', zlibCompressionLevel=3, connect=False)
make('localhost:1', compressors='no', connect=False)
make('localhost:1', retryWrites=False, retryReads=False, connect=False).options.retry_writes
make('localhost:1', retryWrites='x', connect=False)
make('localhost:1', directConnection=True, connect=False).options.direct_connection
make('a,b', directConnection=True, connect=False)
make('localhost:1', loadBalanced=True, connect=False)
make('a,b', loadBalanced=True, connect=False)
make('localhost:1', server_api=ServerApi('1'), connect=False)
make('localhost:1', server_api=ServerApi('1', strict=True), connect=False).options.server_api.strict
make('localhost:1', server_api=5, connect=False)
make('localhost:1', tls=True, tlsAllowInvalidCertificates=True, connect=False)
make('localhost:1', tls=True, tlsInsecure=True, tlsAllowInvalidHostnames=True, connect=False)
make('localhost:1', tlsCAFile='/no/such', connect=False)
make('localhost:1', ssl=False, tls=True, connect=False)
make('localhost:1', event_listeners=[5], connect=False)
make('localhost:1', server_selector=5, connect=False)
make('localhost:1', type_registry=5, connect=False)
make('localhost:1', type_registry=TypeRegistry(), connect=False).codec_options
make('localhost:1', document_class=5, connect=False)
make('localhost:1', tz_aware='x', connect=False)
make('localhost:1', no_such_option=1, connect=False)
make('localhost:1', socket_timeout_ms=1, connect=False)
make('mongodb://localhost:1/?nosuch=1', connect=False)
make('mongodb://localhost:1/?maxPoolSize=x', connect=False)
make('mongodb://', connect=False)
make('mongodb://a:b:c', connect=False)
make('mongodb://u:p@q@a', connect=False)
make('mongodb://a/d b', connect=False)
make('mongodb://a/?w=1;j=true', connect=False).write_concern
make('http://a', connect=False)
make('', connect=False)
make(5, connect=False)
make(None, 5, connect=False)
make('a', 'x', connect=False)
make('a', 0, connect=False)
make('a:0', connect=False)
make('a:70000', connect=False)
make([], connect=False)
make([5], connect=False)
make('mongodb://a/?authMechanism=MONGODB-X509', connect=False)
make('mongodb://u@a/?authMechanism=SCRAM-SHA-256', connect=False)
make('mongodb://u:p@a/?authMechanism=NO', connect=False)
make('localhost:1', serverSelectionTimeoutMS=50).parity.things.find_one()
make('localhost:1', serverSelectionTimeoutMS=50).parity.things.insert_one({})
make('localhost:1,localhost:2', serverSelectionTimeoutMS=50, replicaSet='x').parity.things.find_one()
make('localhost:1', serverSelectionTimeoutMS=50).address
make(serverSelectionTimeoutMS=200, replicaSet='other').parity.things.find_one()
make(serverSelectionTimeoutMS=50, read_preference=ReadPreference.SECONDARY).parity.things.find_one()
make(readPreference='secondaryPreferred').parity.things.find_one()
make(readPreference='nearest').parity.things.find_one()
make(directConnection=True).parity.things.find_one()
make(directConnection=True).parity.things.insert_one({'_id': 9})
make(directConnection=True).parity.command('ping')
make(directConnection=True, readPreference='nearest').parity.things.find_one()
make(retryWrites=False).parity.things.insert_one({'_id': 9})
make(retryReads=False).parity.things.find_one()
make(w=1).parity.things.insert_one({'_id': 9})
make(w='majority', journal=True, wTimeoutMS=1000).parity.things.insert_one({'_id': 9})
make(w=0).parity.things.insert_one({'_id': 9})
make(readConcernLevel='majority').parity.things.find_one()
make(readConcernLevel='majority').parity.things.insert_one({'_id': 9})
make(document_class=SON).parity.things.find_one()
make(document_class=RawBSONDocument).parity.things.find_one()
make(document_class=RawBSONDocument).parity.command('ping')['ok']
make(appname='x').parity.things.find_one()
make(compressors='zlib').parity.things.find_one(1)
make(compressors='snappy,zstd,zlib').parity.things.find_one(1)
make(server_api=ServerApi('1')).parity.things.find_one(1)
make(server_api=ServerApi('1', strict=True, deprecation_errors=True)).parity.things.insert_one({'_id': 9})
make(server_api=ServerApi('1', strict=True)).parity.command('count', 'things')['n']
make(server_api=ServerApi('1', strict=True)).parity.things.distinct('a')
make(server_api=ServerApi('1', strict=True)).parity.things.estimated_document_count()
make(server_api=ServerApi('1')).parity.things.find({}, batch_size=2).to_list()
make(server_api=ServerApi('1')).parity.command('ping', apiVersion='1')
make(timeoutMS=5000).parity.things.find_one({}, {'_id': 1})['_id']
x = make(timeoutMS=1); tries(lambda: x.parity.things.find_one({'$where': 'sleep(50) || true'})).timeout
make(unicode_decode_error_handler='replace').parity.things.find_one()
make(socketTimeoutMS=50).parity.things.find_one({'$where': 'sleep(100) || true'})
make().append_metadata(DriverInfo('x', '1'))
make().append_metadata(5)
make(connect=False).codec_options.document_class.__name__
(lambda x: (x.options.replica_set_name, x.parity.things.find_one({}, {'_id': 1}), x.nodes == client.nodes))(make())
ServerApi('1'), ServerApi('1').version, ServerApi('1').strict
ServerApi('2')
ServerApi('1', strict=5)
DriverInfo('x'), DriverInfo('x', '1', 'p'), DriverInfo(5)
"""


@on_faces(PROPERTIES)
def test_client_properties(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(LIFE)
def test_client_life_and_options(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)
