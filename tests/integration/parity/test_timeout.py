"""`timeout()`, the client-side operation timeout: the same as PyMongo's."""

from __future__ import annotations

from typing import Any

from tests.integration.parity.check import Check
from tests.integration.parity.snippets import on_faces

SEED: list[dict[str, Any]] = [{"_id": n} for n in range(4)]

SNIPPETS = r"""
with package.timeout(5): c.find_one({}, {'_id': 1})
    |1
with package.timeout(0.02): e = tries(lambda: c.find_one({'$where': 'sleep(50) || true'}))
    |e.timeout
with package.timeout(None): c.find_one()
with package.timeout(-1): c.find_one()
with package.timeout('x'): c.find_one()
with package.timeout(0): c.find_one()
with package.timeout(5):
    with package.timeout(0.02): e = tries(lambda: c.find_one({'$where': 'sleep(50) || true'}))
    |e.timeout
with package.timeout(0.02):
    c.insert_one({'_id': 9}); time = __import__('time'); time.sleep(0.03)
    e = tries(lambda: c.insert_one({'_id': 10}))
    |kind(e), e.code, e.timeout
"""


@on_faces(SNIPPETS)
def test_timeout(check: Check, face: str, snippet: str) -> None:
    check(face, snippet)
