"""Connection strings, for those who handle them themselves on an event loop, which the DNS does not block.

What asks no DNS is the same as in `petiole.uri_parser`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from petiole import uri_parser as _plain
from petiole._runtime.aio import AIO
from petiole.uri_parser import (
    DEFAULT_PORT,
    SCHEME,
    SCHEME_LEN,
    SRV_SCHEME,
    SRV_SCHEME_LEN,
    split_hosts,
    split_options,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "DEFAULT_PORT",
    "SCHEME",
    "SCHEME_LEN",
    "SRV_SCHEME_LEN",
    "parse_uri",
    "split_hosts",
    "split_options",
]


async def parse_uri(
    uri: str,
    default_port: int | None = DEFAULT_PORT,
    validate: bool = True,
    warn: bool = False,
    normalize: bool = True,
    connect_timeout: float | None = None,
    srv_service_name: str | None = None,
    srv_max_hosts: int | None = None,
    srv_allowed_hosts_suffix: str | None = None,
    srv_host_validator: Callable[[str], bool] | None = None,
) -> dict[str, Any]:
    """The parts of a connection string, as `petiole.uri_parser.parse_uri` gives them."""
    parse = partial(
        _plain.parse_uri,
        uri,
        default_port,
        validate,
        warn,
        normalize,
        connect_timeout,
        srv_service_name,
        srv_max_hosts,
        srv_allowed_hosts_suffix,
        srv_host_validator,
    )
    return await AIO.offload(parse, AIO.never) if uri.startswith(SRV_SCHEME) else parse()
