"""Motor on asyncio."""

from __future__ import annotations

from typing import TypeVar

from petiole.motor import core, motor_gridfs
from petiole.motor.frameworks import asyncio as framework
from petiole.motor.metaprogramming import create_class_with_framework

Class = TypeVar("Class", bound=type)


def create_asyncio_class(cls: Class) -> Class:
    """The class of this framework."""
    return create_class_with_framework(cls, framework, __name__)


AsyncIOMotorClient = create_asyncio_class(core.AgnosticClient)
AsyncIOMotorClientEncryption = create_asyncio_class(core.AgnosticClientEncryption)
AsyncIOMotorClientSession = create_asyncio_class(core.AgnosticClientSession)
AsyncIOMotorDatabase = create_asyncio_class(core.AgnosticDatabase)
AsyncIOMotorCollection = create_asyncio_class(core.AgnosticCollection)
AsyncIOMotorCursor = create_asyncio_class(core.AgnosticCursor)
AsyncIOMotorRawBatchCursor = create_asyncio_class(core.AgnosticRawBatchCursor)
AsyncIOMotorCommandCursor = create_asyncio_class(core.AgnosticCommandCursor)
AsyncIOMotorRawBatchCommandCursor = create_asyncio_class(core.AgnosticRawBatchCommandCursor)
AsyncIOMotorLatentCommandCursor = create_asyncio_class(core.AgnosticLatentCommandCursor)
AsyncIOMotorChangeStream = create_asyncio_class(core.AgnosticChangeStream)
AsyncIOMotorGridFSBucket = create_asyncio_class(motor_gridfs.AgnosticGridFSBucket)
AsyncIOMotorGridIn = create_asyncio_class(motor_gridfs.AgnosticGridIn)
AsyncIOMotorGridOut = create_asyncio_class(motor_gridfs.AgnosticGridOut)
AsyncIOMotorGridOutCursor = create_asyncio_class(motor_gridfs.AgnosticGridOutCursor)
