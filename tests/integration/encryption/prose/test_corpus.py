"""The corpus: all ways to encrypt all types of values, and what they decrypt to, bit for bit (prose test 6)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.analyser import raw
from tests.integration.encryption.prose.conftest import DETERMINISTIC, RANDOM, Files, Side
from tests.integration.encryption.prose.corpus import PUBLISHED, WITHOUT_VALUES, Corpus


@pytest.fixture
def corpus(side: Side, client: Any, files: Files) -> Corpus:
    """The corpus, whose keys are in the key vault."""
    made = Corpus(side, files)
    keys = client["keyvault"]["datakeys"].with_options(write_concern=side.majority())
    keys.insert_many(made.documents)
    return made


def bytes_of(side: Side, client: Any) -> bytes:
    """The one document that the collection has, as the client gives it."""
    kind = side.bson("raw_bson").RawBSONDocument
    codec = side.bson("codec_options").CodecOptions(document_class=kind)
    return bytes(client["db"]["coll"].with_options(codec_options=codec).find_one({}).raw)


def insert(side: Side, client: Any, document: bytes) -> None:
    client["db"]["coll"].insert_one(side.bson("raw_bson").RawBSONDocument(document))


def explicitly_encrypted(side: Side, encryption: Any, corpus: Corpus, name: str) -> raw.Value:
    """What the driver makes of a case, or the value itself where it must refuse it."""
    case, value = corpus.case(name), corpus.value(name)
    if case["type"] in WITHOUT_VALUES:
        return corpus.sealed(name) if case["allowed"] else value
    how = {"key_id": corpus.identifiers[case["kms"]]}
    if case["identifier"] == "altname":
        how = {"key_alt_name": case["kms"]}
    plain = side.bson().decode(raw.pack({"": value}))[""]
    if (case["algo"] == "det" and not case["allowed"]) or case["type"] in ("minKey", "maxKey", "null"):
        with pytest.raises(side.errors.EncryptionError):
            encryption.encrypt(plain, DETERMINISTIC if case["algo"] == "det" else RANDOM, **how)
        return value
    made = encryption.encrypt(plain, DETERMINISTIC if case["algo"] == "det" else RANDOM, **how)
    return raw.binary(bytes(made), made.subtype)


@pytest.mark.parametrize("where", ["on the server", "in the schema map"])
def test_values_are_encrypted_and_decrypted(side: Side, client: Any, corpus: Corpus, where: str) -> None:
    options: dict[str, Any] = {}
    if where == "on the server":
        client["db"].create_collection("coll", validator={"$jsonSchema": corpus.schema})
    else:
        options["schema_map"] = {"db.coll": corpus.schema}
    encrypted = side.encrypted(**options)
    encryption = side.explicit(client)
    explicit = [name for name in corpus.names if corpus.case(name)["method"] == "explicit"]
    values = {name: explicitly_encrypted(side, encryption, corpus, name) for name in explicit}
    insert(side, encrypted, corpus.with_values(values))

    assert bytes_of(side, encrypted) == raw.pack(corpus.plain)
    stored = raw.parse(bytes_of(side, client))
    assert list(stored) == list(corpus.plain)
    for name in corpus.names:
        check_stored(corpus, name, stored[name].fields["value"])


def check_stored(corpus: Corpus, name: str, value: raw.Value) -> None:
    """What is stored of a case is what the corpus has, or cannot be told from it."""
    case = corpus.case(name)
    published = corpus.encrypted[name].fields["value"]
    if not case["allowed"]:
        assert value == corpus.value(name) == published, name
        return
    assert value.subtype == raw.ENCRYPTED, name
    assert corpus.unsealed(name, value) == corpus.value(name), name
    if case["algo"] == "det":
        assert value == corpus.sealed(name), name
        assert case["kms"] not in PUBLISHED or value == published, name
    else:
        assert value != published, name


def test_the_published_values_are_decrypted(side: Side, client: Any, corpus: Corpus) -> None:
    """What the corpus has encrypted itself; under the keys that are not published, what is made here for them."""
    values = {
        name: corpus.encrypted[name].fields["value"]
        if corpus.case(name)["kms"] in PUBLISHED
        else corpus.sealed(name)
        for name in corpus.names
        if corpus.case(name)["allowed"]
    }
    insert(side, client, corpus.with_values(values))
    assert bytes_of(side, side.encrypted(bypass_auto_encryption=True)) == raw.pack(corpus.plain)


def test_the_published_values_are_decrypted_explicitly(side: Side, client: Any, corpus: Corpus) -> None:
    encryption = side.explicit(client)
    codec = side.bson("codec_options").CodecOptions()
    cases = [
        name
        for name in corpus.names
        if corpus.case(name)["kms"] in PUBLISHED and corpus.case(name)["allowed"]
    ]
    assert len(cases) == 250
    for name in cases:
        blob = corpus.encrypted[name].fields["value"].data[5:]
        plain = side.bson().decode(raw.pack({"": corpus.value(name)}), codec)[""]
        assert encryption.decrypt(side.binary(blob, 6)) == plain, name
