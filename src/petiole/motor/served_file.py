"""What HTTP is told of a GridFS file: its headers, and whether the browser has it already. Knows no framework."""

from __future__ import annotations

import datetime
import hashlib
import mimetypes
import re
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def modified(gridout: Any) -> datetime.datetime:
    """When the file was stored: in UTC, by whole seconds, as headers have it."""
    at: datetime.datetime = gridout.upload_date
    return (at if at.tzinfo else at.replace(tzinfo=datetime.UTC)).replace(microsecond=0)


def mime_type(filename: str, gridout: Any) -> str | None:
    """That which the file was stored with, or else the one its name suggests."""
    return gridout.content_type or mimetypes.guess_type(filename)[0]


def headers(gridout: Any, kind: str | None, cache_time: int, now: datetime.datetime) -> dict[str, str]:
    """`Last-Modified`, `Etag`, `Content-Type` if it is known, and for how many seconds the file may be kept."""
    found = {"Last-Modified": format_datetime(modified(gridout), usegmt=True)}
    if kind is not None:
        found["Content-Type"] = kind
    # A file never changes under its `_id` but by being stored anew; its contents need not be read for that.
    identity = f"{gridout._id!r} {gridout.length} {gridout.upload_date.isoformat()}"
    found["Etag"] = f'"{hashlib.sha256(identity.encode()).hexdigest()}"'
    if cache_time > 0:
        found["Expires"] = format_datetime(now + datetime.timedelta(seconds=cache_time), usegmt=True)
        found["Cache-Control"] = f"max-age={cache_time}, public"
    else:
        found["Cache-Control"] = "public"
    return found


def is_fresh(request: Mapping[str, str], etag: str, last_modified: datetime.datetime) -> bool:
    """Whether the browser's copy will do: by its tags if it names any, or else by its date (RFC 9110, 13.2.2)."""
    tags = request.get("If-None-Match")
    if tags is not None:
        return tags.strip() == "*" or etag in re.findall(r'"[^"]*"', tags)
    since = request.get("If-Modified-Since")
    if since is None:
        return False
    try:
        date = parsedate_to_datetime(since)
    except ValueError:
        return False
    return (date if date.tzinfo else date.replace(tzinfo=datetime.UTC)) >= last_modified
