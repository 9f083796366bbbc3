"""Encrypts and decrypts values as client-side field level encryption does, apart from libmongocrypt: to check it by.

Follows: the manual, "Fields and Encryption Types", and the specification's AEAD_AES_256_CBC_HMAC_SHA_512, after
draft-mcgrew-aead-aes-cbc-hmac-sha2: 32 bytes of a data key authenticate, 32 encrypt, and 32 make the initialization
vector where encryption is deterministic.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

DETERMINISTIC, RANDOM = 1, 2
_TAG = 32
_HEAD = 18
"""The subtype of the blob, the id of the key, and the type of the value."""


def data_key(seed: bytes) -> bytes:
    """A data key, the same for the same seed."""
    return hashlib.sha512(b"1" + seed).digest() + hashlib.sha512(b"2" + seed).digest()[:32]


def seal(key: bytes, identifier: bytes, kind: int, value: bytes, algorithm: int = DETERMINISTIC) -> bytes:
    """The encrypted form of a value.

    :param identifier: the id of the key, 16 bytes.
    :param kind: the type of the value, and `value` its bytes.
    """
    head = bytes([algorithm]) + identifier + bytes([kind])
    if algorithm == DETERMINISTIC:
        bits = struct.pack(">Q", len(head) * 8)
        vector = hmac.digest(key[64:96], head + bits + value, "sha512")[:16]
    else:
        vector = secrets.token_bytes(16)
    return head + encrypt(key, value, head, vector)


def unseal(key: bytes, blob: bytes) -> bytes:
    """The bytes of the value; ValueError if the key is another, or anything has been changed."""
    return decrypt(key, blob[_HEAD:], blob[:_HEAD])


def encrypt(key: bytes, value: bytes, head: bytes, vector: bytes) -> bytes:
    """The initialization vector, the encrypted value, and a tag that authenticates both and the head."""
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key[32:64]), modes.CBC(vector)).encryptor()
    sealed = vector + encryptor.update(padder.update(value) + padder.finalize()) + encryptor.finalize()
    return sealed + _tag(key, head, sealed)


def decrypt(key: bytes, sealed: bytes, head: bytes = b"") -> bytes:
    """What `encrypt` was given; ValueError if the tag does not fit. Local and KMIP keys wrap data keys so, too."""
    body, tag = sealed[:-_TAG], sealed[-_TAG:]
    if not hmac.compare_digest(_tag(key, head, body), tag):
        raise ValueError("the tag does not fit: another key, or changed bytes")
    decryptor = Cipher(algorithms.AES(key[32:64]), modes.CBC(body[:16])).decryptor()
    unpadder = padding.PKCS7(128).unpadder()
    padded = decryptor.update(body[16:]) + decryptor.finalize()
    return unpadder.update(padded) + unpadder.finalize()


def _tag(key: bytes, head: bytes, body: bytes) -> bytes:
    bits = struct.pack(">Q", len(head) * 8)
    return hmac.digest(key[:32], head + body + bits, "sha512")[:_TAG]
