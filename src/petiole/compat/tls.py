"""What `pymongo.ssl_support` says there is for TLS."""

from __future__ import annotations

from importlib.util import find_spec

__all__ = ["HAVE_CERTIFI", "HAVE_PYSSL", "HAVE_SSL", "HAVE_WINCERTSTORE"]

HAVE_SSL = find_spec("ssl") is not None
HAVE_PYSSL = False  # TLS is the standard library's here, with whatever else is installed.
HAVE_CERTIFI = find_spec("certifi") is not None
HAVE_WINCERTSTORE = False
