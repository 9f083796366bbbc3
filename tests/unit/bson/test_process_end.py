"""Daemon threads that are in the midst of Python code called by the codec when the process ends."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

# Who sleeps lets go of the interpreter, and finds it ending when it wants it back.
PRELUDE = """
import datetime, sys, threading, time
from collections.abc import MutableMapping
from petiole.bson import decode, encode, CodecOptions, DBRef, ObjectId
from petiole.bson.codec_options import TypeDecoder, TypeEncoder, TypeRegistry
from petiole.bson.raw_bson import RawBSONDocument

def slow(value=None):
    time.sleep(0.001)
    return value

class Mine(MutableMapping):
    def __init__(self, *args): self.held = dict(*args)
    def __getitem__(self, key): return self.held[key]
    def __setitem__(self, key, value): self.held[key] = value
    def __delitem__(self, key): del self.held[key]
    def __iter__(self): return iter(self.held)
    def __len__(self): return len(self.held)

class Odd: pass

data = encode({"a": 1, "b": {"c": "d"}, "when": datetime.datetime(2020, 1, 1), "ref": DBRef("e", 1)})
"""
SPOTS = {
    "a document class that is made": """
        class Slow(Mine):
            def __init__(self, *args): super().__init__(slow(()))
        work = lambda: decode(data, CodecOptions(Slow))
    """,
    "a document class that is filled": """
        class Slow(Mine):
            def __setitem__(self, key, value): self.held[slow(key)] = value
        work = lambda: decode(data, CodecOptions(Slow))
    """,
    "a raw document class": """
        class Slow(RawBSONDocument):
            def __init__(self, *args): super().__init__(slow(args[0]), *args[1:])
        work = lambda: decode(data, CodecOptions(Slow))
    """,
    "a reference": """
        DBRef.__init__ = lambda self, *args, **kwargs: slow()
        work = lambda: decode(data)
    """,
    "a decoder": """
        class Slow(TypeDecoder):
            bson_type = str
            def transform_bson(self, value): return slow(value)
        work = lambda: decode(data, CodecOptions(type_registry=TypeRegistry([Slow()])))
    """,
    "an encoder": """
        class Slow(TypeEncoder):
            python_type = Odd
            def transform_python(self, value): return slow(1)
        options = CodecOptions(type_registry=TypeRegistry([Slow()]))
        work = lambda: encode({"a": Odd()}, codec_options=options)
    """,
    "a fallback encoder": """
        options = CodecOptions(type_registry=TypeRegistry(fallback_encoder=lambda value: slow(1)))
        work = lambda: encode({"a": Odd()}, codec_options=options)
    """,
    "a mapping that is walked": """
        class Slow(Mine):
            def __iter__(self):
                for key in self.held:
                    yield slow(key)
        work = lambda: encode(Slow({"a": 1, "b": 2}))
    """,
    "a mapping that is read": """
        class Slow(Mine):
            def __getitem__(self, key): return slow(self.held[key])
        work = lambda: encode(Slow({"a": 1, "b": 2}))
    """,
    "garbage that is collected": """
        import gc
        gc.set_threshold(1)
        gc.callbacks.append(lambda *args: slow())
        many = encode({"many": [{"a": ObjectId(), "b": [], "c": 1.5, "d": "e"}] * 10})
        work = lambda: encode(decode(many, CodecOptions(Mine)))
    """,
    "a time zone": """
        class Slow(datetime.tzinfo):
            def utcoffset(self, when): return slow(datetime.timedelta())
            def dst(self, when): return datetime.timedelta()
            def fromutc(self, when): return slow(when)
        zone = Slow()
        moment = datetime.datetime(2020, 1, 1, tzinfo=zone)
        options = CodecOptions(tz_aware=True, tzinfo=zone)
        work = lambda: (encode({"a": moment}), decode(data, options))
    """,
}


@pytest.mark.parametrize("spot", SPOTS)
def test_the_process_ends_without_a_word(spot: str) -> None:
    run = """
        def always():
            while True:
                work()

        for _ in range(4):
            threading.Thread(target=always, daemon=True).start()
        time.sleep(0.1)
    """
    code = PRELUDE + textwrap.dedent(SPOTS[spot]) + textwrap.dedent(run)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20)
    assert (ran.returncode, ran.stderr) == (0, "")
