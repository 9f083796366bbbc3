"""Indexes: the same as PyMongo's."""

from __future__ import annotations

from typing import Any

from tests.integration.parity.check import Check
from tests.integration.parity.snippets import on_faces

SEED: list[dict[str, Any]] = [{"_id": n, "a": n % 3, "b": "abcde"[n % 5]} for n in range(4)]

CREATE = r"""
c.create_index('a')
c.create_index([('a', 1)])
c.create_index([('a', ASCENDING), ('b', DESCENDING)])
c.create_index(['a', 'b'])
c.create_index(['a', ('b', -1)])
c.create_index({'a': 1, 'b': -1})
c.create_index(SON([('a', 1), ('b', -1)]))
c.create_index((('a', 1),))
c.create_index([('a', TEXT)])
c.create_index([('a', 'text'), ('b', 'text')], weights={'a': 2}, default_language='english')
c.create_index([('a', HASHED)])
c.create_index([('a', GEO2D)], min=-5, max=5, bits=10)
c.create_index([('a', GEOSPHERE)])
c.create_index([('$**', 1)])
c.create_index([('$**', 'text')])
c.create_index([('x.y', 1)], name='mine')
c.create_index('a', unique=True)
c.create_index('a', name='n', sparse=True)
c.create_index('x', unique=True, sparse=True)
c.create_index('a', expireAfterSeconds=100)
c.create_index('a', partialFilterExpression={'a': {'$gt': 5}})
c.create_index('a', collation={'locale': 'en'})
c.create_index('a', collation=Collation('en', strength=2)), c.index_information()['a_1']['collation']['strength']
c.create_index('a', collation='en')
c.create_index('a', hidden=True)
c.create_index('a', background=True)
c.create_index('a', wildcardProjection={'x': 1})
c.create_index([('$**', 1)], wildcardProjection={'x': 1})
c.create_index('a', comment='x')
c.create_index('a', comment={'x': 1}, maxTimeMS=500)
c.create_index('a', commitQuorum=1)
c.create_index('a', no_such=1)
c.create_index('a', name=5)
c.create_index('a', name='')
c.create_index('a', session=5)
c.create_index([])
c.create_index({})
c.create_index('')
c.create_index(None)
c.create_index(5)
c.create_index()
c.create_index([('a', 5)])
c.create_index([('a', 0)])
c.create_index([('a', 'no such')])
c.create_index([('a', 1.0)])
c.create_index([('a', None)])
c.create_index([(5, 1)])
c.create_index([('a',)])
c.create_index([('a', 1, 2)])
c.create_index([5])
c.create_index({'a'})
c.create_index('a', 1)
c.create_index('a', {'unique': True})
c.create_index('a', dropDups=True)
c.create_index('a', bucketSize=5)
c.create_index('a'); c.create_index('a')
c.create_index('a'); c.create_index('a', name='other')
c.create_index('a'); c.create_index('a', unique=False, sparse=True)
c.with_options(write_concern=WriteConcern(w='majority')).create_index('a')
c.with_options(write_concern=WriteConcern(w=0)).create_index('a')
c.with_options(write_concern=WriteConcern(w=5, wtimeout=50)).create_index('a')
db.fresh.create_index('a'), sorted(db.list_collection_names())
c.ensure_index('a')
c.create_indexes([IndexModel('a'), IndexModel([('b', -1)], name='mine', unique=False)])
c.create_indexes([IndexModel([('a', 1), ('b', 1)])])
c.create_indexes((IndexModel('a'),))
c.create_indexes(iter([IndexModel('a')]))
c.create_indexes([])
c.create_indexes(())
c.create_indexes(None)
c.create_indexes(5)
c.create_indexes('a')
c.create_indexes(['a'])
c.create_indexes([{'key': {'a': 1}, 'name': 'x'}])
c.create_indexes(IndexModel('a'))
c.create_indexes([IndexModel('a')], comment='x', commitQuorum='majority')
c.create_indexes([IndexModel('a')], maxTimeMS=500)
c.create_indexes([IndexModel('a')], no_such=1)
c.create_indexes([IndexModel('a'), IndexModel('a', name='b')])
IndexModel('a').document
IndexModel([('a', 1), ('b', 'text')], unique=True, name='n').document
IndexModel(['a', ('b', -1)]).document
IndexModel({'a': 1, 'b': -1}).document
IndexModel('a', collation=Collation('en')).document
IndexModel('a', collation={'locale': 'en'}).document
IndexModel('a', collation=5).document
IndexModel('a', bucket_size=5).document
IndexModel('a', expireAfterSeconds=5, partialFilterExpression={'a': 1}, hidden=True).document
IndexModel([])
IndexModel(5)
IndexModel('')
IndexModel([('a', 5)]).document
IndexModel('a', name=5)
IndexModel('a')
IndexModel('a') == IndexModel('a')
repr(IndexModel('a', unique=True))
"""

LIST = r"""
list(c.list_indexes())
kind(c.list_indexes())
c.create_index([('a', 1), ('b', -1)], unique=True, sparse=True); list(c.list_indexes())
c.create_index([('a', 1), ('b', -1)], unique=True); c.index_information()
c.create_index([('a', 'text')]); c.index_information()
c.create_index([('a', 'hashed')]); c.create_index([('a', '2dsphere')]); c.index_information()
c.index_information()
c.index_information(comment='x')
c.index_information(session=5)
c.index_information(no_such=1)
list(c.list_indexes(comment='x'))
list(c.list_indexes(session=5))
list(c.list_indexes(no_such=1))
list(db.missing.list_indexes())
db.missing.index_information()
cur = c.list_indexes(); cur.alive, cur.cursor_id, cur.address
[type(x).__name__ for x in c.list_indexes()]
[type(x).__name__ for x in c.with_options(codec_options=CodecOptions(document_class=dict)).list_indexes()]
[type(x['key']).__name__ for x in c.list_indexes()]
c.create_indexes([IndexModel(f'f{n}') for n in range(30)]); len(list(c.list_indexes()))
c.with_options(read_preference=ReadPreference.SECONDARY_PREFERRED).index_information()
c.create_index('a'); c.drop_index('a_1'), sorted(c.index_information())
c.create_index('a'); c.drop_index([('a', 1)]), sorted(c.index_information())
c.create_index([('a', 1), ('b', -1)]); c.drop_index(['a', ('b', -1)]), sorted(c.index_information())
c.create_index('a'); c.drop_index({'a': 1})
c.create_index('a', name='mine'); c.drop_index('mine')
c.create_index('a', name='mine'); c.drop_index([('a', 1)])
c.drop_index('no such')
c.drop_index('a')
c.drop_index('_id_')
c.drop_index('*')
c.drop_index([])
c.drop_index(5)
c.drop_index(None)
c.drop_index()
c.drop_index('a_1', comment='x')
c.drop_index('a_1', maxTimeMS=500)
c.drop_index('a_1', no_such=1)
db.missing.drop_index('a_1')
c.create_index('a'); c.drop_indexes(), sorted(c.index_information())
c.drop_indexes(comment='x', maxTimeMS=500)
c.drop_indexes(5)
db.missing.drop_indexes()
c.with_options(write_concern=WriteConcern(w=5, wtimeout=50)).drop_indexes()
c.with_options(write_concern=WriteConcern(w=0)).drop_indexes()
c.reindex()
list(c.list_search_indexes())
c.create_search_index({'definition': {}})
c.create_search_index(5)
c.create_search_indexes([SearchIndexModel({'mappings': {'dynamic': True}}, name='x')])
c.create_search_indexes([])
c.drop_search_index('x')
c.update_search_index('x', {})
SearchIndexModel({'a': 1}, name='x', type='vectorSearch').document
SearchIndexModel({'a': 1}).document
repr(SearchIndexModel({'a': 1}))
(ASCENDING, DESCENDING, GEO2D, GEOSPHERE, HASHED, TEXT)
"""


@on_faces(CREATE)
def test_index_creation(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)


@on_faces(LIST)
def test_index_listing_and_dropping(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)
