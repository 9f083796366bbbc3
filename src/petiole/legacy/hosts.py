"""Several connection strings in one list of hosts, as clients took them until 4.0. Reads text, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SCHEME = "mongodb://"


def one_string(hosts: list[str], kept: Callable[[str], str]) -> str | list[str]:
    """One connection string for all: of databases, credentials and options, the last ones given are used.

    :param kept: what to write for an option, given as `name=value`; empty for nothing.
    """
    if not any("://" in one for one in hosts) or any(one.startswith("mongodb+srv:") for one in hosts):
        return hosts
    user, database, names = "", "", []
    options: dict[str, list[str]] = {}
    for one in hosts:
        if not one.startswith(_SCHEME):
            names.append(one)
            continue
        place, mark, query = one.removeprefix(_SCHEME).partition("?")
        place, _, named = place.partition("/")
        credentials, at, own_hosts = place.rpartition("@")
        user = f"{credentials}@" if at else user
        database = named or database
        names.append(own_hosts)
        found: dict[str, list[str]] = {}
        for pair in query.replace(";", "&").split("&") if mark else ():
            found.setdefault(pair.partition("=")[0].lower(), []).append(pair)
        options |= found
    said = [kept(pair) for pairs in options.values() for pair in pairs]
    query = "&".join(pair for pair in said if pair)
    return f"{_SCHEME}{user}{','.join(names)}/{database}" + (f"?{query}" if query else "")
