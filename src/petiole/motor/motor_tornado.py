"""Motor on Tornado."""

from __future__ import annotations

from typing import TypeVar

from petiole.motor import core, motor_gridfs
from petiole.motor.frameworks import tornado as framework
from petiole.motor.metaprogramming import create_class_with_framework

Class = TypeVar("Class", bound=type)


def create_motor_class(cls: Class) -> Class:
    """The class of this framework."""
    return create_class_with_framework(cls, framework, __name__)


MotorClient = create_motor_class(core.AgnosticClient)
MotorClientEncryption = create_motor_class(core.AgnosticClientEncryption)
MotorClientSession = create_motor_class(core.AgnosticClientSession)
MotorDatabase = create_motor_class(core.AgnosticDatabase)
MotorCollection = create_motor_class(core.AgnosticCollection)
MotorCursor = create_motor_class(core.AgnosticCursor)
MotorRawBatchCursor = create_motor_class(core.AgnosticRawBatchCursor)
MotorCommandCursor = create_motor_class(core.AgnosticCommandCursor)
MotorRawBatchCommandCursor = create_motor_class(core.AgnosticRawBatchCommandCursor)
MotorLatentCommandCursor = create_motor_class(core.AgnosticLatentCommandCursor)
MotorChangeStream = create_motor_class(core.AgnosticChangeStream)
MotorGridFSBucket = create_motor_class(motor_gridfs.AgnosticGridFSBucket)
MotorGridIn = create_motor_class(motor_gridfs.AgnosticGridIn)
MotorGridOut = create_motor_class(motor_gridfs.AgnosticGridOut)
MotorGridOutCursor = create_motor_class(motor_gridfs.AgnosticGridOutCursor)
