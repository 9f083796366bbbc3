"""Fetches the credentials of KMS providers that were given as `{}`, when libmongocrypt says that it needs them.

Where they come from is decided in `petiole._auth.kms_credentials`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._auth.kms_credentials import KmsCredentialCache, find_kms_credentials
from petiole._net.lookups import carry_out
from petiole.bson import encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from petiole._runtime.base import Deadline, Runtime


class OnDemandCredentials:
    """Of one handle, with those that still serve."""

    def __init__(self, kms_providers: Mapping[str, Any], runtime: Runtime) -> None:
        self._providers = kms_providers
        self._runtime = runtime
        self._cache = KmsCredentialCache()

    async def fetch(self, deadline: Deadline) -> bytes:
        """The providers' options, as an encoded document.

        :raises ConfigurationError: if there are none.
        """
        source = find_kms_credentials(self._providers, self._cache)
        return encode(await carry_out(source, self._runtime, deadline))
