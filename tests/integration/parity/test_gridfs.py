"""GridFS: the same files, results, errors and commands as PyMongo's."""

from __future__ import annotations

from tests.integration.parity.check import Check
from tests.integration.parity.snippets import on_faces

FILES = r"""
fs = GridFS(db)
    |i = fs.put(b'hello world', filename='a', foo=1, contentType='text/plain')
    |g = fs.get(i)
    |(g.read(), g._id == i, g.filename, g.name, g.content_type, g.length, g.chunk_size, g.upload_date,
    |    g.aliases, g.metadata, g.md5, g.foo, g._file)
fs = GridFS(db); fs.put(b'')
fs = GridFS(db); fs.put(b'x'); fs.put(b'y')
fs = GridFS(db); fs.put('text')
fs = GridFS(db)
    |fs.put('text', encoding='utf-8', _id=1)
    |list(db.fs.files.find()), list(db.fs.chunks.find())
fs = GridFS(db); fs.put('text', encoding='no such', _id=1)
fs = GridFS(db); fs.put(5)
fs = GridFS(db); fs.put(None)
fs = GridFS(db); fs.put(b'x', _id=1); fs.put(b'x', _id=1)
fs = GridFS(db); fs.put(b'x', _id=None)
fs = GridFS(db)
    |fs.put(b'0123456789', _id=1, chunk_size=3)
    |list(db.fs.files.find()), list(db.fs.chunks.find({}, {'_id': 0}))
fs = GridFS(db); fs.put(b'0123456789', _id=1, chunkSize=4); fs.get(1).read()
fs = GridFS(db); fs.put(b'x', chunk_size='a')
fs = GridFS(db); fs.put(b'x', chunk_size=0)
fs = GridFS(db); fs.put(b'x', chunk_size=-1)
fs = GridFS(db); fs.put(b'x', chunk_size=2.5)
fs = GridFS(db)
    |fs.put(io.BytesIO(b'0123456789'), chunk_size=3, _id=5)
    |list(db.fs.chunks.find({}, {'_id': 0}))
fs = GridFS(db); fs.put(io.StringIO('0123456789'), chunk_size=3, _id=5)
fs = GridFS(db)
    |fs.put(io.StringIO('0123456789'), chunk_size=3, _id=5, encoding='ascii')
    |list(db.fs.chunks.find({}, {'_id': 0}))
fs = GridFS(db); fs.put(bytearray(b'abc'))
fs = GridFS(db); fs.put(memoryview(b'abc'))
fs = GridFS(db); fs.put(Binary(b'abc', 5)); list(db.fs.chunks.find({}, {'_id': 0}))
fs = GridFS(db); i = fs.put(b'a'); fs.put(fs.get(i), _id=7); list(db.fs.files.find({'_id': 7}))
fs = GridFS(db)
    |fs.put(b'a', length=77, md5='x', uploadDate=5, metadata={'a': 1}, aliases=['q'], _id=1)
    |list(db.fs.files.find())
fs = GridFS(db); fs.put(b'a', filename=5)
fs = GridFS(db); fs.put(b'a', content_type='x', _id=4); list(db.fs.files.find())
fs = GridFS(db); fs.put(b'a', name='x', upload_date=4, chunk_size=7, _id=4); list(db.fs.files.find())
GridFS(5)
GridFS(db, 5)
GridFS(db, '')
GridFS(db, 'a.b').put(b'q')
GridFS(c)
GridFS(make(w=0).parity)
GridFS(db).get(5)
GridFS(db).get({'$gt': 0})
GridFS(db).get(None)
GridFS(db).delete(5)
GridFS(db).delete({'$gt': 0})
GridFS(db).delete(None)
GridFS(db).list()
fs = GridFS(db)
    |fs.put(b'', filename='a')
    |fs.put(b'', filename='b')
    |fs.put(b'', filename='a')
    |fs.put(b'')
    |fs.list()
fs = GridFS(db)
    |(fs.exists(5), fs.exists({'a': 1}), fs.exists(a=1), fs.exists(_id=4), fs.exists({'_id': {'$gt': 4}}),
    |    fs.exists(), fs.exists([1]), fs.exists('x'))
fs = GridFS(db)
    |fs.put(b'0', filename='a', _id=1)
    |fs.put(b'1', filename='a', _id=2)
    |fs.put(b'2', filename='a', _id=3, x=1)
    |(fs.get_version('a', 0)._id, fs.get_version('a', -1)._id, fs.get_version('a', -2)._id,
    |    fs.get_version('a', 1)._id, fs.get_version('a')._id, fs.get_last_version('a')._id,
    |    fs.get_last_version('a', x=1)._id, fs.get_version(x=1)._id, fs.get_last_version()._id)
fs = GridFS(db); fs.get_version('a', 5)
fs = GridFS(db); fs.get_version('a', -1)
fs = GridFS(db); fs.get_version('a', None)
fs = GridFS(db); fs.get_version('a', 'x')
fs = GridFS(db); fs.get_last_version('a')
fs = GridFS(db); fs.get_last_version(b=5)
fs = GridFS(db)
    |fs.put(b'0', _id=1, filename='a')
    |(fs.find_one(1)._id, fs.find_one({'filename': 'a'})._id, fs.find_one({'filename': 'b'}),
    |    fs.find_one()._id, fs.find_one('x'))
fs = GridFS(db)
    |fs.put(b'0', _id=1, filename='a')
    |fs.put(b'1', _id=2, filename='a')
    |([g._id for g in fs.find()], [g.read() for g in fs.find({'filename': 'a'}, sort=[('_id', -1)],
    |    limit=1)], fs.find().to_list())
fs = GridFS(db); fs.find(5)
fs = GridFS(db); fs.find({}, {'a': 1})
fs = GridFS(db); fs.find(projection={'a': 1})
fs = GridFS(db); fs.find().add_option(5)
fs = GridFS(db); fs.find().remove_option(5)
fs = GridFS(db)
    |fs.put(b'0', _id=1)
    |c = fs.find({})
    |kind(c), kind(c.clone()), c.next().read(), tries(lambda: c.next())
fs = GridFS(db); list(fs.find(no_cursor_timeout=True, skip=1, batch_size=5).comment('x').hint([('_id', 1)]))
fs = GridFS(db); fs.find()[0]
fs = GridFS(db); fs.put(b'0', _id=1); fs.find()[0].read()
fs = GridFS(db); fs.new_file(filename='x', _id=1).closed
fs = GridFS(db)
    |f = fs.new_file(filename='x', _id=1)
    |f.write(b'a')
    |f.close()
    |f.close()
    |f.closed, f._id, f.length, f.upload_date, f.md5, f.chunk_size, f.name
"""

BUCKET = r"""
GridFSBucket(5)
GridFSBucket(db, 5)
GridFSBucket(make(w=0).parity)
GridFSBucket(db, write_concern=5)
GridFSBucket(db, write_concern=WriteConcern(w=0))
GridFSBucket(db, read_preference=5)
b = GridFSBucket(db, 'b', 7, WriteConcern(w='majority'), ReadPreference.SECONDARY_PREFERRED)
    |b.upload_from_stream_with_id(1, 'x', b'0123456789')
    |b.open_download_stream(1).read(), b.rename(1, 'y'), b.delete(1), b.delete_by_name('q') if 0 else 0
b = GridFSBucket(db); b.upload_from_stream('x', 'text')
b = GridFSBucket(db)
    |b.upload_from_stream('x', io.BytesIO(b'abcdef'), chunk_size_bytes=2, metadata={'q': 1})
    |list(db.fs.files.find())
b = GridFSBucket(db); b.upload_from_stream(5, b'')
b = GridFSBucket(db); b.upload_from_stream('x', 5)
b = GridFSBucket(db); b.open_download_stream(5)
b = GridFSBucket(db); b.download_to_stream(5, io.BytesIO())
b = GridFSBucket(db)
    |b.upload_from_stream_with_id(1, 'x', b'0123456789', chunk_size_bytes=3)
    |o = io.BytesIO()
    |b.download_to_stream(1, o), o.getvalue(), b.download_to_stream_by_name('x', o), o.getvalue()
b = GridFSBucket(db); b.upload_from_stream_with_id(1, 'x', b'0'); b.download_to_stream(1, None)
b = GridFSBucket(db); b.delete(5)
b = GridFSBucket(db); b.delete({'$gt': 0})
b = GridFSBucket(db); b.delete_by_name('x')
b = GridFSBucket(db); b.delete_by_name(5)
b = GridFSBucket(db)
    |b.upload_from_stream_with_id(1, 'x', b'0')
    |b.upload_from_stream_with_id(2, 'x', b'0')
    |b.upload_from_stream_with_id(3, 'y', b'0')
    |b.delete_by_name('x')
    |list(db.fs.files.find()), list(db.fs.chunks.find({}, {'_id': 0}))
b = GridFSBucket(db); b.rename(5, 'x')
b = GridFSBucket(db); b.rename({'$gt': 0}, 'x')
b = GridFSBucket(db); b.rename(5, 5)
b = GridFSBucket(db)
    |b.upload_from_stream_with_id(1, 'x', b'0')
    |b.rename(1, 'y'), b.rename(1, 'y'), b.rename_by_name('y', 'z'), list(db.fs.files.find())
b = GridFSBucket(db); b.rename_by_name('x', 'y')
b = GridFSBucket(db); b.rename_by_name({'$gt': ''}, 'y')
b = GridFSBucket(db); b.delete_by_name({'$gt': ''})
b = GridFSBucket(db)
    |b.upload_from_stream_with_id(1, 'x', b'0')
    |b.upload_from_stream_with_id(2, 'x', b'1')
    |b.upload_from_stream_with_id(3, 'x', b'2')
    |([b.open_download_stream_by_name('x', r)._id for r in (0, 1, 2, -1, -2, -3)],
    |    b.open_download_stream_by_name('x')._id)
b = GridFSBucket(db); b.open_download_stream_by_name('x')
b = GridFSBucket(db); b.open_download_stream_by_name('x', revision=5)
b = GridFSBucket(db); b.open_download_stream_by_name(5)
b = GridFSBucket(db); b.open_download_stream_by_name('x', None)
b = GridFSBucket(db); b.download_to_stream_by_name('x', io.BytesIO())
b = GridFSBucket(db)
    |b.upload_from_stream_with_id(1, 'x', b'0')
    |c = b.find({'filename': 'x'}, limit=1)
    |kind(c), [g.filename for g in c]
b = GridFSBucket(db); b.find(5)
b = GridFSBucket(db); b.find({'_id': 4}, sort=5)
"""

UPLOAD = r"""
GridFSBucket(db, chunk_size_bytes='a').open_upload_stream('x').write(b'a')
b = GridFSBucket(db)
    |s = b.open_upload_stream('x', chunk_size_bytes=3, metadata={'a': 1})
    |s.write(b'0123'), s._id is None, s.filename, s.metadata, s.closed, s.close(), s.length
b = GridFSBucket(db)
    |s = b.open_upload_stream_with_id(5, 'x', chunk_size_bytes=3, metadata={'a': 1})
    |s.write(b'0123')
    |s.close()
    |list(db.fs.files.find())
b = GridFSBucket(db); b.open_upload_stream(5)
b = GridFSBucket(db); b.open_upload_stream('x', chunk_size_bytes='x')
b = GridFSBucket(db); b.open_upload_stream('x', metadata=5)
b = GridFSBucket(db); b.open_upload_stream_with_id(1, 5)
b = GridFSBucket(db); b.open_upload_stream_with_id(1, None)
b = GridFSBucket(db)
    |b.open_upload_stream('x', chunk_size_bytes=0).chunk_size, b.open_upload_stream('x', chunk_size_bytes=0)
b = GridFSBucket(db)
    |s = b.open_upload_stream('x')
    |s.write(b'abc')
    |(s.abort(), s.closed, tries(lambda: s.write(b'a')), tries(s.close), tries(s.abort),
    |    list(db.fs.files.find()))
b = GridFSBucket(db)
    |s = b.open_upload_stream('x', chunk_size_bytes=2)
    |s.write(b'abcd' * 4)
    |s.abort(), list(db.fs.chunks.find())
b = GridFSBucket(db); s = b.open_upload_stream('x'); s.close(); s.abort()
b = GridFSBucket(db); s = b.open_upload_stream('x'); s.close(); s.write(b'a')
b = GridFSBucket(db); s = b.open_upload_stream('x'); s.read()
b = GridFSBucket(db); s = b.open_upload_stream('x'); s.readable(), s.seekable(), s.writeable()
b = GridFSBucket(db); s = b.open_upload_stream('x'); s.writable()
b = GridFSBucket(db); s = b.open_upload_stream('x'); s.tell()
b = GridFSBucket(db)
    |s = b.open_upload_stream('x')
    |s.writelines([b'a', b'b']), s.close(), b.open_download_stream(s._id).read()
b = GridFSBucket(db); s = b.open_upload_stream('x'); s.writelines(5)
b = GridFSBucket(db); s = b.open_upload_stream('x'); s.length
b = GridFSBucket(db); s = b.open_upload_stream('x'); s.upload_date
b = GridFSBucket(db); s = b.open_upload_stream('x'); s.md5
b = GridFSBucket(db); s = b.open_upload_stream('x'); s.nosuch
b = GridFSBucket(db); s = b.open_upload_stream('x'); s.length = 5
b = GridFSBucket(db); s = b.open_upload_stream('x'); s._id = 5
b = GridFSBucket(db); s = b.open_upload_stream('x'); s.chunk_size = 5
b = GridFSBucket(db)
    |s = b.open_upload_stream_with_id(1, 'x')
    |s.foo = 5
    |s.filename = 'y'
    |s.content_type = 'z'
    |s.foo, s.name, s.content_type, s.close(), list(db.fs.files.find())
b = GridFSBucket(db)
    |s = b.open_upload_stream_with_id(1, 'x')
    |s.name = 'q'
    |s.filename, s.close(), list(db.fs.files.find())
b = GridFSBucket(db)
    |s = b.open_upload_stream_with_id(1, 'x')
    |s.set('foo', 5), s.set('filename', 'u'), s.foo, s.close(), list(db.fs.files.find())
b = GridFSBucket(db)
    |s = b.open_upload_stream_with_id(1, 'x')
    |s.close()
    |s.foo = 5
    |s.foo, list(db.fs.files.find())
b = GridFSBucket(db)
    |s = b.open_upload_stream_with_id(1, 'x')
    |s.close()
    |(s.set('foo', 5), s.set('filename', 'y'), s.set('contentType', 'r'), s.filename,
    |    list(db.fs.files.find()))
b = GridFSBucket(db); s = b.open_upload_stream_with_id({'$gt': 0}, 'x')
b = GridFSBucket(db)
    |b.upload_from_stream_with_id(5, 'x', b'')
    |s = b.open_upload_stream_with_id({'a': 0}, 'x')
    |s.close(), s.set('foo', 5), list(db.fs.files.find())
b = GridFSBucket(db)
    |s = b.open_upload_stream_with_id(1, 'x')
    |s.close()
    |s.filename = 'new'
    |s.filename, list(db.fs.files.find())
b = GridFSBucket(db); s = b.open_upload_stream_with_id(1, 'x'); s.close(); s.length = 5
b = GridFSBucket(db); s = b.open_upload_stream_with_id(1, 'x'); s.close(); s.md5 = 5
def chunks(): yield b'a'
    |b = GridFSBucket(db)
    |s = b.open_upload_stream_with_id(1, 'x')
    |s.writelines(chunks())
    |s.write(io.BytesIO(b'qqq'))
    |s.writelines([io.BytesIO(b'r')])
    |s.close()
    |b.open_download_stream(1).read()
class R:
    |    def read(self, n):
    |        self.asked = self.__dict__.get('asked', []) + [n]
    |        return b'ab' if len(self.asked) < 3 else b''
    |r = R()
    |b = GridFSBucket(db)
    |s = b.open_upload_stream_with_id(1, 'x', chunk_size_bytes=5)
    |s.write(b'12')
    |s.write(r)
    |s.close()
    |r.asked, b.open_download_stream(1).read()
class R:
    |    def read(self, n):
    |        self.asked = self.__dict__.get('asked', []) + [n]
    |        return b'ab' * n if len(self.asked) < 3 else b''
    |r = R()
    |b = GridFSBucket(db)
    |s = b.open_upload_stream_with_id(1, 'x', chunk_size_bytes=5)
    |s.write(b'12')
    |s.write(r)
    |s.close()
    |r.asked, b.open_download_stream(1).read()
class R:
    |    def read(self, n): raise OSError('no')
    |b = GridFSBucket(db)
    |s = b.open_upload_stream_with_id(1, 'x', chunk_size_bytes=5)
    |s.write(b'12')
    |tries(lambda: s.write(R())), s.closed, s.close(), b.open_download_stream(1).read()
class R:
    |    def read(self, n): raise OSError('no')
    |b = GridFSBucket(db); tries(lambda: b.upload_from_stream('x', R())), list(db.fs.files.find())
class R:
    |    def read(self, n): raise ValueError('no')
    |b = GridFSBucket(db); tries(lambda: b.upload_from_stream('x', R())), list(db.fs.files.find())
b = GridFSBucket(db)
    |b.upload_from_stream_with_id(1, 'x', b'q')
    |s = b.open_upload_stream_with_id(1, 'x')
    |s.write(b'r')
    |(tries(s.close), s.closed, tries(s.close), tries(lambda: s.write(b'a')), tries(s.abort),
    |    list(db.fs.files.find()), list(db.fs.chunks.find()))
b = GridFSBucket(db)
    |b.upload_from_stream_with_id(1, 'x', b'')
    |s = b.open_upload_stream_with_id(1, 'x')
    |s.write(b'r')
    |tries(s.close), s.closed, tries(s.close), list(db.fs.files.find()), list(db.fs.chunks.find())
b = GridFSBucket(db)
    |b.upload_from_stream_with_id(1, 'x', b'')
    |(tries(lambda: b.upload_from_stream_with_id(1, 'y', b'r')), list(db.fs.files.find()),
    |    list(db.fs.chunks.find()))
b = GridFSBucket(db)
    |b.upload_from_stream_with_id(1, 'x', b'x')
    |(tries(lambda: b.upload_from_stream_with_id(1, 'y', b'r')), list(db.fs.files.find()),
    |    list(db.fs.chunks.find()))
db.fs.files.create_index([('filename', 1), ('uploadDate', 1)], name='other')
    |db.fs.files.drop_index('other') if 0 else 0
    |GridFSBucket(db).upload_from_stream_with_id(1, 'x', b'')
db.fs.files.create_index([('filename', 1.0), ('uploadDate', 1.0)])
    |db.fs.chunks.create_index([('files_id', 1.0), ('n', 1.0)], unique=True)
    |GridFSBucket(db).upload_from_stream_with_id(1, 'x', b'')
db.fs.chunks.create_index([('files_id', 1), ('n', 1)])
    |GridFSBucket(db).upload_from_stream_with_id(1, 'x', b'')
db.fs.chunks.insert_one({'files_id': 1, 'n': 0})
    |db.fs.chunks.insert_one({'files_id': 1, 'n': 0})
    |GridFSBucket(db).upload_from_stream_with_id(1, 'x', b'')
db.fs.files.insert_one({}); GridFSBucket(db).upload_from_stream_with_id(1, 'x', b'')
GridIn(5)
GridIn(db)
GridIn(c, chunk_size=5, _id=4).chunk_size
GridIn(c, filename='q', content_type='x', chunk_size=5, foo=1)._file
s = GridIn(c, _id=1); s.write(b'a'); s.close(); list(c.files.find()), c.name
GridIn(make(w=0).parity.things)
s = GridIn(c, encoding='utf-16'); s.write('a'); s.close(); c.chunks.find_one({}, {'_id': 0, 'files_id': 0})
s = GridIn(c)
    |s.encoding = 'utf-8'
    |s.write('a')
    |s.close()
    |c.chunks.find_one({}, {'_id': 0, 'files_id': 0})
s = GridIn(c); s.write()
s = GridIn(c, session=5); s.write(b'a'); s.close()
s = GridIn(c, client.start_session()); s.write(b'a'); s.close()
with client.start_session() as t:
    |    s = GridIn(c, session=t); s.write(b'a'); s.close(); g = GridOut(c, s._id, session=t); g.read()
repr(GridIn(c)), str(GridIn(c)), bool(GridIn(c)), GridIn(c) == GridIn(c)
f = GridIn(c); f.x = 1; del f.x
f = GridIn(c); f._x = 1; f._x, f._file
f = GridIn(c); f.__foo__ = 1; f.close(); f._file
f = GridIn(c, _foo=1, _closed=3); f.closed, f._file
f = GridIn(c, closed=3); f.closed, f._file
f = GridIn(c, length=3); tries(lambda: f.length), f._file
f = GridIn(c, write=3); f.write(b'a'); f._file
f = GridIn(c); f.write = 5; f._file
f = GridIn(c, uploadDate=3, upload_date=4); tries(lambda: f.upload_date), f._file
f = GridIn(c); tries(lambda: f.metadata), tries(lambda: f.aliases), f.filename, f.content_type
f = GridIn(c, **{'$foo': 3}); f.close()
f = GridIn(c, **{'a.b': 3}); f.close(); c.files.find_one()
f = GridIn(c); f.set(5, 5)
f = GridIn(c); f.set('_id', 5); f._id
f = GridIn(c); f.set('length', 5); f._file
f = GridIn(c); f.set('closed', 5); f._file
f = GridIn(c); f.close(); f.set('_id', 5); f._id
f = GridIn(c); f.close(); c.files.delete_many({}); f.foo = 5; f.foo
"""

DOWNLOAD = r"""
GridOut(5)
GridOut(db)
g = GridOut(c); g._id
g = GridOut(c, 5)
    |(tries(g.open), tries(g.read), tries(lambda: g.length), tries(lambda: g.nosuch), tries(g.tell),
    |    tries(lambda: g.seek(0)), tries(g.readable))
g = GridOut(c, file_document={'_id': 1, 'length': 3, 'chunkSize': 2})
    |g.open(), g.length, g.chunk_size, tries(lambda: g.filename), tries(lambda: g.nosuch), tries(g.read)
g = GridOut(c, file_document={'_id': 1}); tries(lambda: g.length), tries(g.read)
g = GridOut(c, file_document={'_id': 1, 'length': 0, 'chunkSize': 2})
    |g.read(), g.readline(), g.readchunk(), list(g), g.tell(), g.readlines()
fs = GridFS(db)
    |fs.put(b'abcdefghij', _id=1, chunk_size=4)
    |g = fs.get(1)
    |(g.read(3), g.tell(), g.read(0), g.read(2), g.tell(), g.readchunk(), g.readchunk(), g.readchunk(),
    |    g.read(), g.tell())
fs = GridFS(db)
    |fs.put(b'abcdefghij', _id=1, chunk_size=4)
    |g = fs.get(1)
    |(g.seek(5), g.read(2), g.seek(-2, 1), g.read(2), g.seek(-3, 2), g.read(), g.seek(0), g.read(),
    |    g.seek(100), g.read(), g.tell())
fs = GridFS(db)
    |fs.put(b'abcdefghij', _id=1, chunk_size=4)
    |g = fs.get(1)
    |(tries(lambda: g.seek(-1)), tries(lambda: g.seek(-1, 1)), tries(lambda: g.seek(-100, 2)),
    |    tries(lambda: g.seek(0, 5)), tries(lambda: g.seek('x')))
fs = GridFS(db)
    |fs.put(b'abcdefghij', _id=1, chunk_size=4)
    |g = fs.get(1)
    |(g.read(2), g.seek(1), g.read(1), g.seek(2), g.read(1), g.seek(5), g.read(1), g.seek(4), g.read(1),
    |    g.seek(0), g.read(1))
fs = GridFS(db)
    |fs.put(b'ab\ncd\n\nefghij', _id=1, chunk_size=4)
    |g = fs.get(1)
    |g.readline(), g.readline(), g.readline(), g.readline(), g.readline()
fs = GridFS(db)
    |fs.put(b'ab\ncd\n\nefghij', _id=1, chunk_size=4)
    |g = fs.get(1)
    |g.readline(1), g.readline(5), g.readline(0), g.readline(-1), g.readline(3), g.readline(2), g.tell()
fs = GridFS(db)
    |fs.put(b'ab\ncd\n\nefghij', _id=1, chunk_size=4)
    |g = fs.get(1)
    |g.readlines(), g.seek(0), g.readlines(3), g.seek(0), g.readlines(4), g.readlines(0)
fs = GridFS(db); fs.put(b'ab\ncd\n\nefghij', _id=1, chunk_size=4); list(fs.get(1))
fs = GridFS(db)
    |fs.put(b'ab\ncd\n\nefghij', _id=1, chunk_size=4)
    |g = fs.get(1)
    |next(g), g.tell(), next(g), g.read(2), next(g)
fs = GridFS(db)
    |fs.put(b'ab\ncd\n\nefghij', _id=1, chunk_size=4)
    |g = fs.get(1)
    |(g.readable(), g.seekable(), g.writable(), g.isatty(), g.closed, g.flush(), tries(g.fileno),
    |    tries(g.truncate), tries(lambda: g.write(b'')), tries(lambda: g.writelines([])))
fs = GridFS(db)
    |fs.put(b'abc', _id=1)
    |g = fs.get(1)
    |(g.close(), g.closed, tries(g.read), tries(g.readline), tries(lambda: g.seek(0)), tries(g.tell),
    |    tries(g.readchunk), tries(g.close), g.readable(), tries(lambda: g.read(0)))
fs = GridFS(db); fs.put(b'abc', _id=1)
    |with fs.get(1) as g: x = g.read()
    |x, g.closed
fs = GridFS(db)
    |fs.put(b'abc', _id=1)
    |g = fs.get(1)
    |(g.read(-1), g.seek(0), g.read(-5), g.seek(0), tries(lambda: g.read(None)), tries(lambda: g.read('x')),
    |    tries(lambda: g.read(1.5)))
fs = GridFS(db)
    |fs.put(b'abc', _id=1, filename='x', foo=1)
    |g = fs.get(1)
    |(tries(lambda: g.bar), g.foo, tries(lambda: setattr(g, 'filename', 5)), tries(lambda: setattr(g, 'bar',
    |    5)))
fs = GridFS(db)
    |fs.put(b'abcdefghij', _id=1, chunk_size=4)
    |db.fs.chunks.delete_one({'n': 0})
    |g = fs.get(1)
    |tries(g.read), tries(g.read)
fs = GridFS(db)
    |fs.put(b'abcdefghij', _id=1, chunk_size=4)
    |db.fs.chunks.delete_one({'n': 1})
    |g = fs.get(1)
    |tries(g.read), tries(g.read)
fs = GridFS(db)
    |fs.put(b'abcdefghij', _id=1, chunk_size=4)
    |db.fs.chunks.delete_one({'n': 2})
    |g = fs.get(1)
    |tries(g.read), tries(g.read)
fs = GridFS(db)
    |fs.put(b'abcdefghij', _id=1, chunk_size=4)
    |db.fs.chunks.delete_many({})
    |g = fs.get(1)
    |tries(g.read), tries(g.readchunk), tries(g.readline), tries(lambda: list(g))
fs = GridFS(db)
    |fs.put(b'abcdefghij', _id=1, chunk_size=4)
    |db.fs.chunks.update_one({'n': 1}, {'$set': {'data': b'efg'}})
    |g = fs.get(1)
    |tries(g.read)
fs = GridFS(db)
    |fs.put(b'abcdefghij', _id=1, chunk_size=4)
    |db.fs.chunks.update_one({'n': 2}, {'$set': {'data': b'i'}})
    |g = fs.get(1)
    |tries(g.read)
fs = GridFS(db)
    |fs.put(b'abcdefghij', _id=1, chunk_size=4)
    |db.fs.chunks.update_one({'n': 2}, {'$set': {'data': b'ijk'}})
    |g = fs.get(1)
    |tries(g.read)
fs = GridFS(db)
    |fs.put(b'abcdefghij', _id=1, chunk_size=4)
    |db.fs.chunks.update_one({'n': 1}, {'$set': {'data': b''}})
    |g = fs.get(1)
    |tries(g.read)
fs = GridFS(db)
    |fs.put(b'abcdefghij', _id=1, chunk_size=4)
    |db.fs.chunks.insert_one({'files_id': 1, 'n': 3, 'data': b'x'})
    |g = fs.get(1)
    |tries(g.read)
fs = GridFS(db)
    |fs.put(b'abcdefghij', _id=1, chunk_size=4)
    |db.fs.chunks.insert_one({'files_id': 1, 'n': 3, 'data': b'x'})
    |g = fs.get(1)
    |g.read(10), tries(g.read)
fs = GridFS(db)
    |fs.put(b'abcdefghij', _id=1, chunk_size=4)
    |db.fs.chunks.insert_one({'files_id': 1, 'n': 3, 'data': b''})
    |g = fs.get(1)
    |tries(g.read)
fs = GridFS(db)
    |fs.put(b'abcdefghij', _id=1, chunk_size=4)
    |db.fs.chunks.insert_one({'files_id': 1, 'n': -1, 'data': b'x'})
    |g = fs.get(1)
    |tries(g.read)
fs = GridFS(db)
    |fs.put(b'', _id=1, chunk_size=4)
    |db.fs.chunks.insert_one({'files_id': 1, 'n': 0, 'data': b'x'})
    |g = fs.get(1)
    |tries(g.read), tries(g.readchunk)
fs = GridFS(db)
    |fs.put(b'abcdefghij', _id=1, chunk_size=4)
    |db.fs.chunks.update_one({'n': 1}, {'$set': {'data': 'text'}})
    |g = fs.get(1)
    |tries(g.read)
fs = GridFS(db)
    |fs.put(b'abcdefghij', _id=1, chunk_size=4)
    |db.fs.chunks.update_one({'n': 1}, {'$unset': {'data': 1}})
    |g = fs.get(1)
    |tries(g.read)
fs = GridFS(db)
    |fs.put(b'abcdefghij', _id=1, chunk_size=4)
    |db.fs.files.update_one({}, {'$set': {'length': 5}})
    |g = fs.get(1)
    |tries(g.read)
fs = GridFS(db)
    |fs.put(b'abcdefghij', _id=1, chunk_size=4)
    |db.fs.files.update_one({}, {'$set': {'length': 10.0, 'chunkSize': 4.0}})
    |g = fs.get(1)
    |tries(g.read)
fs = GridFS(db)
    |fs.put(b'abcdefghij', _id=1, chunk_size=4)
    |db.fs.chunks.update_one({'n': 1}, {'$set': {'n': 1.0}})
    |g = fs.get(1)
    |tries(g.read)
fs = GridFS(db); fs.put(b'abcdefghij' * 200, _id=1, chunk_size=4); g = fs.get(1); len(g.read())
fs = GridFS(db)
    |fs.put(b'abcdefghij' * 200, _id=1, chunk_size=4)
    |g = fs.get(1)
    |g.read(4), g.seek(1600), g.read(10), g.seek(8), g.read(3), g.close()
fs = GridFS(db)
    |fs.put(b'abcdefghij', _id={'$gt': 0}) if 0 else 0
    |db.fs.files.insert_many([{'_id': 1, 'length': 1, 'chunkSize': 4}])
    |fs.exists({'$gt': 0}), fs.exists(_id={'$gt': 0})
fs = GridFS(db); fs.put(b'a\nbcd\nef', _id=1, chunk_size=3); t = io.TextIOWrapper(fs.get(1)); t.read()
fs = GridFS(db)
    |fs.put(b'a\nbcd\nef', _id=1, chunk_size=3)
    |t = io.TextIOWrapper(fs.get(1), 'utf-8')
    |list(t), t.closed
fs = GridFS(db)
    |fs.put(b'a\nbcd\nef', _id=1, chunk_size=3)
    |t = io.BufferedReader(fs.get(1))
    |t.read(2), t.readline(), t.read()
fs = GridFS(db)
    |fs.put(b'a', _id=1)
    |g = fs.get(1)
    |import_ok = repr(g), str(g), bool(g), g == fs.get(1), hash(g) == hash(g)
    |import_ok
fs = GridFS(db); fs.put(b'a', _id=1, filename='f'); g = fs.get(1); str(g)
fs = GridFS(db); fs.put(b'abc', _id=1); g = GridOut(db.fs, 1); g.length, g.read()
fs = GridFS(db); fs.put(b'abc', _id=1); g = GridOut(db.fs, 1); g._id, g.metadata
fs = GridFS(db); fs.put(b'abc', _id=1); g = GridOut(db.fs, 1); g.foo
fs = GridFS(db); fs.put(b'abc', _id=1); g = GridOut(db.fs, 1); g.read()
fs = GridFS(db); fs.put(b'abc', _id=1); g = GridOut(db.fs, 1); g.readchunk()
fs = GridFS(db); fs.put(b'abc', _id=1); g = GridOut(db.fs, 1); g.seek(1), g.tell(), g.read()
fs = GridFS(db); fs.put(b'abc', _id=1); g = GridOut(db.fs, 1); list(g)
fs = GridFS(db); fs.put(b'abc', _id=1); g = GridOut(db.fs, 1); g._file
fs = GridFS(db)
    |s = fs.put(b'abcd', _id=1, chunk_size=2)
    |g = fs.get(1)
    |g.read(2)
    |fs.delete(1)
    |tries(g.read)
fs = GridFS(db); fs.put(b'abc', _id=1); GridOutCursor(db.fs, {'_id': 1}).next().read()
GridOutCursor(5)
GridOutCursor(db.fs, 5)
cur = GridFS(db).find()
    |(cur.batch_size(5), cur.limit(1), cur.sort('a'), cur.rewind(), cur.alive, kind(cur.collection),
    |    cur.collection.name, cur.close())
GridFS(db).find_one(sort='x')
GridFS(db).find_one({}, None, 1, 2)
GridFS(db).find_one({}, limit=5, skip=1)
db.fs.files.insert_many([{'_id': n} for n in range(300)])
    |GridFS(db).find_one()._id, GridFS(db).find_one(limit=7)._id, GridFS(db).find_one(batch_size=7)._id
b = GridFSBucket(db)
    |b.delete_by_name('q') if 0 else 0
    |db.fs.files.insert_many([{'_id': n, 'filename': 'q'} for n in range(250)])
    |b.delete_by_name('q'), db.fs.files.count_documents({})
fs = GridFS(make(read_preference=ReadPreference.SECONDARY_PREFERRED).parity)
    |fs.put(b'abc', _id=1)
    |fs.get(1).read(), fs.exists(1), fs.list(), fs.find_one(1)._id
fs = GridFS(make(uuidRepresentation='standard', tz_aware=True).parity)
    |fs.put(b'abc', _id=uuid.UUID(int=5))
    |fs.get(uuid.UUID(int=5)).upload_date
fs = GridFS(db.with_options(CodecOptions(document_class=SON))); fs.put(b'abc', _id=1); fs.get(1)._file
fs = GridFS(db)
    |fs.put(b'abc', _id=1)
    |g = GridOut(db.fs, 1)
    |(tries(lambda: g._id), tries(lambda: g.length), tries(lambda: g.foo), g.open(), g.length, g.read(),
    |    tries(lambda: g.foo))
g = GridOut(c, file_document={'_id': 1, 'length': 3, 'chunkSize': 2})
    |(g.length, g.open(), g.length, g.chunk_size, tries(lambda: g.filename), tries(lambda: g.nosuch),
    |    tries(g.read))
fs = GridFS(db)
    |fs.put(b'ab\ncd\n\nefghij', _id=1, chunk_size=4)
    |g = fs.get(1)
    |(list(g), g.seek(0), g.to_list(), g.seek(0), g.readline(), g.readlines(), g.seek(0), g.readline(1),
    |    g.readlines(2))
fs = GridFS(db); fs.put(b'ab\ncd\n\nefghij', _id=1, chunk_size=4); g = fs.get(1); next(g), g.next()
fs = GridFS(db)
    |fs.put(b'ab\ncd\n\nefghij', _id=1, chunk_size=4)
    |g = fs.get(1)
    |(g.readable(), g.seekable(), g.writable(), g.isatty(), tries(lambda: g.closed), g.flush(),
    |    tries(g.fileno), tries(g.truncate), tries(lambda: g.write(b'')), tries(lambda: g.writelines([])))
fs = GridFS(db)
    |fs.put(b'abc', _id=1)
    |g = fs.get(1)
    |(g.close(), tries(lambda: g.closed), tries(g.read), tries(g.readline), tries(lambda: g.seek(0)),
    |    tries(g.tell), tries(g.readchunk), tries(g.close), g.readable(), tries(lambda: g.read(0)))
fs = GridFS(db); fs.put(b'abc', _id=1)
    |with fs.get(1) as g: x = g.read()
    |x, tries(lambda: g.closed)
b = GridFSBucket(db); s = b.open_upload_stream_with_id(1, 'x'); s.close(); s.foo = 5
b = GridFSBucket(db); s = b.open_upload_stream_with_id(1, 'x'); s.close(); s.filename = 5
b = GridFSBucket(db); s = b.open_upload_stream_with_id(1, 'x'); s.close(); s._foo = 5
b = GridFSBucket(db); s = b.open_upload_stream_with_id(1, 'x'); s.foo = 5; s.filename = 'x'; s._file
b = GridFSBucket(db); s = b.open_upload_stream_with_id(1, 'x'); s.close(); s.set('foo', 5), s.foo
cur = GridFS(db).find(); kind(cur), kind(cur.clone()), cur.to_list(), tries(lambda: cur[0])
fs = GridFS(db); fs.put(b'0', _id=1, filename='a'); cur = fs.find(); cur.next().read(), tries(cur.next)
fs = GridFS(db)
    |fs.put(b'0', _id=1, filename='a')
    |cur = fs.find({})
    |[g.read() for g in cur.to_list()], [g.filename for g in fs.find().to_list(1)]
fs = GridFS(db); cur = fs.find(); cur.add_option(1)
fs = GridFS(db); cur = fs.find(); cur.remove_option(1)
b = GridFSBucket(db)
    |b.upload_from_stream_with_id(1, 'x', b'abcd', chunk_size_bytes=2)
    |s = b.open_download_stream(1)
    |s.readchunk(), s.readchunk(), s.readchunk()
b = GridFSBucket(db)
    |b.upload_from_stream_with_id(1, 'x', b'abcd', chunk_size_bytes=2)
    |db.fs.chunks.insert_one({'files_id': 1, 'n': 2, 'data': b''})
    |s = b.open_download_stream(1)
    |tries(s.read)
b = GridFSBucket(db)
    |b.upload_from_stream_with_id(1, 'x', b'abcd', chunk_size_bytes=2)
    |db.fs.chunks.insert_one({'files_id': 1, 'n': 2, 'data': b'x'})
    |s = b.open_download_stream(1)
    |tries(lambda: s.read(3)), tries(s.readchunk), tries(s.read), s.tell()
b = GridFSBucket(db)
    |b.upload_from_stream_with_id(1, 'x', b'abcd', chunk_size_bytes=2)
    |db.fs.chunks.insert_one({'files_id': 1, 'n': 2, 'data': b'x'})
    |s = b.open_download_stream(1)
    |s.readchunk(), s.readchunk(), tries(s.readchunk), tries(s.read)
b = GridFSBucket(db)
    |b.upload_from_stream_with_id(1, 'x', b'ab\n', chunk_size_bytes=2)
    |db.fs.chunks.insert_one({'files_id': 1, 'n': 2, 'data': b'x'})
    |s = b.open_download_stream(1)
    |tries(s.readline), tries(s.readline), s.tell()
b = GridFSBucket(db)
    |b.upload_from_stream_with_id(1, 'x', b'abcd', chunk_size_bytes=2)
    |db.fs.chunks.insert_one({'files_id': 1, 'n': 2, 'data': b'x'})
    |s = b.open_download_stream(1)
    |tries(s.read), s.tell(), tries(s.read)
b = GridFSBucket(db)
    |b.upload_from_stream_with_id(1, 'x', b'abcd', chunk_size_bytes=2)
    |db.fs.chunks.insert_one({'files_id': 1, 'n': 2, 'data': b'x'})
    |o = io.BytesIO()
    |tries(lambda: b.download_to_stream(1, o)), o.getvalue()
class W:
    |    def write(self, d): raise OSError('full')
    |b = GridFSBucket(db)
    |b.upload_from_stream_with_id(1, 'x', b'abcd', chunk_size_bytes=2)
    |tries(lambda: b.download_to_stream(1, W()))
b = GridFSBucket(db)
    |s = b.open_upload_stream_with_id(1, 'x', chunk_size_bytes=-4)
    |s.write(b'123456789')
    |s.close(), list(db.fs.chunks.find({}, {'_id': 0}))
b = GridFSBucket(db); s = b.open_upload_stream_with_id(1, 'x'); s.write(bytearray(b'1'))
b = GridFSBucket(db); s = b.open_upload_stream_with_id(1, 'x'); s.write('1')
class R:
    |    def read(self, n): return 'abc'
    |b = GridFSBucket(db)
    |s = b.open_upload_stream_with_id(1, 'x', metadata={'a': 1})
    |s.encoding = 'utf-8'
    |tries(lambda: s.write(R())), s.closed
"""

SESSIONS = r"""
with client.start_session() as s:
    |    fs = GridFS(db)
    |    fs.put(b'abc', _id=1, filename='a', chunk_size=2, session=s)
    |    r = (fs.get(1, session=s).read(), fs.exists(1, session=s), fs.list(session=s), fs.find_one(1,
    |        session=s).read(), fs.get_version('a', session=s).read(), fs.get_last_version('a',
    |        session=s).read(), [g.read() for g in fs.find({}, session=s)], fs.delete(1, session=s))
    |r
with client.start_session() as s:
    |    b = GridFSBucket(db)
    |    b.upload_from_stream_with_id(1, 'a', b'abc', session=s)
    |    o = io.BytesIO()
    |    r = (b.open_download_stream(1, session=s).read(), b.open_download_stream_by_name('a',
    |        session=s).read(), b.download_to_stream(1, o, session=s), b.rename(1, 'b', session=s),
    |        b.rename_by_name('b', 'c', session=s), b.delete_by_name('c', session=s), [x for x in b.find({},
    |        session=s)])
    |r
with package.timeout(10): fs = GridFS(db); fs.put(b'abc', _id=1); g = fs.get(1); g.read()
with package.timeout(10):
    |    b = GridFSBucket(db)
    |    b.upload_from_stream('a', b'abc')
    |    b.open_download_stream_by_name('a').read(), b.rename_by_name('a', 'b'), b.delete_by_name('b')
fs = GridFS(make(timeoutMS=10000).parity); fs.put(b'abc', _id=1); fs.get(1).read(), fs.delete(1)
"""

TRANSACTIONS = r"""
with client.start_session() as s:
    |    x = fs = GridFS(db)
    |    s.start_transaction()
    |    r = [tries(f) for f in (lambda: fs.put(b'x', session=s), lambda: fs.get(1, session=s),
    |        lambda: fs.delete(1, session=s), lambda: fs.exists(1, session=s), lambda: fs.list(session=s),
    |        lambda: fs.find_one(1, session=s), lambda: fs.get_version('a', session=s),
    |        lambda: fs.get_last_version('a', session=s), lambda: list(fs.find(session=s)),
    |        lambda: fs.new_file(session=s))]
    |    s.in_transaction and s.abort_transaction()
    |r
with client.start_session() as s:
    |    b = GridFSBucket(db)
    |    s.start_transaction()
    |    r = [tries(f) for f in (lambda: b.open_upload_stream('x', session=s),
    |        lambda: b.upload_from_stream('x', b'', session=s), lambda: b.open_download_stream(1,
    |        session=s), lambda: b.download_to_stream(1, io.BytesIO(), session=s), lambda: b.delete(1,
    |        session=s), lambda: b.delete_by_name('x', session=s), lambda: b.rename(1, 'y', session=s),
    |        lambda: b.rename_by_name('x', 'y', session=s), lambda: list(b.find(session=s)),
    |        lambda: b.open_download_stream_by_name('x', session=s))]
    |    s.in_transaction and s.abort_transaction()
    |r
with client.start_session() as s:
    |    f = GridIn(c, session=s)
    |    s.start_transaction()
    |    r = [tries(lambda: f.write(b'x')), tries(f.close), tries(f.abort)]
    |    s.in_transaction and s.abort_transaction()
    |r
with client.start_session() as s:
    |    GridFS(db).put(b'x', _id=1)
    |    f = GridOut(db.fs, 1, session=s)
    |    s.start_transaction()
    |    r = [tries(f.open), tries(f.read)]
    |    s.in_transaction and s.abort_transaction()
    |r
"""


@on_faces(FILES)
def test_files(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(BUCKET)
def test_bucket(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(UPLOAD)
def test_upload(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(DOWNLOAD)
def test_download(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(SESSIONS)
def test_sessions_and_timeouts(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(TRANSACTIONS)
def test_transactions(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)
