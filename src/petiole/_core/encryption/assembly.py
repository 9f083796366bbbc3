"""Puts the parts of explicit encryption together. Needs the extra `encryption`, so it is imported late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from petiole._engine.encryption.credentials import OnDemandCredentials
from petiole._engine.encryption.deployment import KeyVault
from petiole._engine.encryption.kms import Kms
from petiole._engine.encryption.library import Library, LibraryOptions
from petiole._engine.encryption.machine import StateMachine
from petiole._engine.encryption.tls import KmsTls

if TYPE_CHECKING:
    from petiole._core.collection import CoreCollection
    from petiole._core.encryption.explicit import EncryptionSetup
    from petiole.bson.raw_bson import RawBSONDocument


def assemble(
    setup: EncryptionSetup, vault: CoreCollection[RawBSONDocument], owner: str
) -> tuple[Library, StateMachine]:
    """A handle of libmongocrypt's, and what runs its contexts over the runtime of the vault's client.

    :param owner: whom errors call closed.
    """
    runtime = vault._executor.runtime
    tls = KmsTls(setup.kms_tls_options)
    library = Library(LibraryOptions(setup.kms_providers, setup.key_expiration_ms), owner)
    services = Kms(runtime, tls, setup.kms_connect_callback)
    credentials = OnDemandCredentials(setup.kms_providers, runtime)
    keys = KeyVault(vault._executor, vault.full_name, vault.read_preference)
    return library, StateMachine(keys, services, credentials)
