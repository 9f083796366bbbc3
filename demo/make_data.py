"""Makes demo/clock-changes.jsonl.gz from a compiled tz database: every change of the clocks that it knows of.

    python -m demo.make_data /usr/share/zoneinfo | gzip -9n > demo/clock-changes.jsonl.gz

The tz database is in the public domain (https://www.iana.org/time-zones). The zones are those of
zone1970.tab, so that a place is not there twice. The format of the compiled files: RFC 8536.
"""

import json
import re
import struct
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

_HEADER = struct.Struct(">4s c 15x 6L")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_END = datetime(2026, 1, 1, tzinfo=UTC)  # later changes are forecasts
_COORDINATE = re.compile(r"([+-]\d{4,7})([+-]\d{5,7})")


def zones(folder: Path) -> Iterator[dict[str, Any]]:
    """The zones of zone1970.tab: name, countries, and where their largest place lies."""
    countries = {row[0]: row[1] for row in rows(folder / "iso3166.tab")}
    for codes, position, name, *_ in rows(folder / "zone1970.tab"):
        found = _COORDINATE.fullmatch(position)
        assert found is not None
        latitude, longitude = degrees(found[1], 2), degrees(found[2], 3)
        yield {
            "zone": name,
            "countries": [countries[code] for code in codes.split(",")],
            "place": {"type": "Point", "coordinates": [longitude, latitude]},
        }


def rows(file: Path) -> Iterator[list[str]]:
    """The fields of a table's lines, without its comments."""
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield line.split("\t")


def degrees(text: str, width: int) -> float:
    """Degrees from ±DDMM or ±DDMMSS (with `width` digits of degrees)."""
    sign, digits = (-1 if text[0] == "-" else 1), text[1:]
    minutes, seconds = digits[width : width + 2], digits[width + 2 :] or "0"
    return round(sign * (int(digits[:width]) + int(minutes) / 60 + int(seconds) / 3600), 4)


def changes(file: Path) -> Iterator[dict[str, Any]]:
    """The changes in one compiled file: when, and the clock before and after."""
    data = file.read_bytes()
    first = sizes(data, 0)
    start = _HEADER.size + block_length(first, 4)  # behind the block for 32-bit readers
    _, _, _, times, types, characters = sizes(data, start)
    at = start + _HEADER.size
    instants = struct.unpack_from(f">{times}q", data, at)
    kinds = data[at + 8 * times : at + 9 * times]
    at += 9 * times
    clocks = [struct.unpack_from(">lBB", data, at + 6 * number) for number in range(types)]
    names = data[at + 6 * types : at + 6 * types + characters]
    before = 0
    for instant, kind in zip(instants, kinds, strict=True):
        moment = _EPOCH + timedelta(seconds=max(instant, -(10**10)))
        if moment < _END and clocks[kind] != clocks[before] and instant > -(10**10):
            yield {
                "at": {"$date": moment.strftime("%Y-%m-%dT%H:%M:%SZ")},
                "from": clock(clocks[before], names),
                "to": clock(clocks[kind], names),
                "shift": clocks[kind][0] - clocks[before][0],
            }
        before = kind


def sizes(data: bytes, at: int) -> tuple[int, ...]:
    return _HEADER.unpack_from(data, at)[2:]


def block_length(counts: tuple[int, ...], width: int) -> int:
    universal, standard, leaps, times, types, characters = counts
    return times * (width + 1) + types * 6 + characters + leaps * (width + 4) + standard + universal


def clock(kind: tuple[int, int, int], names: bytes) -> dict[str, Any]:
    offset, daylight, name = kind
    return {"name": names[name : names.index(0, name)].decode(), "offset": offset, "daylight": bool(daylight)}


def main() -> None:
    folder = Path(sys.argv[1])
    for zone in zones(folder):
        for change in changes(folder / zone["zone"]):
            print(json.dumps(zone | change, ensure_ascii=False))


if __name__ == "__main__":
    main()
