"""One HTTP request, blocking: for the services that hand out credentials. Call it through `Runtime.offload`.

It follows no redirect and knows no proxy: those services are on the machine itself, or Amazon's, Azure's or Google's.
"""

from __future__ import annotations

from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

_MOST = 1024 * 1024
"""Bytes of an answer: a credential is a few thousand."""


def request(
    method: str, url: str, headers: Mapping[str, str], timeout: float | None, body: bytes | None = None
) -> tuple[int, bytes]:
    """The status and the body of the answer.

    :raises OSError: if there is none. The message names the host alone: the rest of a URL may hold a secret.
    """
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, target or "/", body, dict(headers))
        answer = connection.getresponse()
        content = answer.read(_MOST + 1)
    except HTTPException as error:
        raise OSError(f"{parts.hostname} does not speak HTTP: {type(error).__name__}") from error
    except OSError as error:
        raise OSError(f"{parts.hostname}: {error or type(error).__name__}") from error
    finally:
        connection.close()
    if len(content) > _MOST:
        raise OSError(f"{parts.hostname} answered at too great a length")
    return answer.status, content
