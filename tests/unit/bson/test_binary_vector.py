"""Vectors in `Binary`: the same values, texts and errors as PyMongo's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.unit.bson.sides import assert_same

from petiole.bson.binary import Binary, BinaryVector, BinaryVectorDtype

EXPRESSIONS = r"""
BinaryVector([1,2],D.INT8)
BinaryVector([1,2],'x')
BinaryVector([1,2],D.INT8,3)
BinaryVector([1,2],D.INT8)==BinaryVector([1,2],D.INT8)
BinaryVector([1,2],D.INT8)==5
BinaryVector([1,2],D.INT8)!=5
len(BinaryVector([1,2],D.INT8))
D.INT8
D.INT8.value
list(BinaryVectorDtype)
[x.value for x in BinaryVectorDtype]
BinaryVectorDtype(b'\x03')
BinaryVectorDtype(3)
Binary.from_vector([1,2,-3],D.INT8)
Binary.from_vector([1,2,300],D.INT8)
Binary.from_vector([1,2,-129],D.INT8)
Binary.from_vector([1,2,1.5],D.INT8)
Binary.from_vector([1,2,'a'],D.INT8)
Binary.from_vector([1,2],D.INT8,1)
Binary.from_vector([1,2],D.INT8,0)
Binary.from_vector([1,2],D.INT8,None)
Binary.from_vector([],D.INT8)
Binary.from_vector([1,2],D.FLOAT32)
Binary.from_vector([1,2],D.FLOAT32,2)
Binary.from_vector([1,float('inf'),float('nan')],D.FLOAT32)
Binary.from_vector([1e300],D.FLOAT32)
Binary.from_vector(['a'],D.FLOAT32)
Binary.from_vector([1,2],D.PACKED_BIT)
Binary.from_vector([1,2],D.PACKED_BIT,1)
Binary.from_vector([1,2],D.PACKED_BIT,8)
Binary.from_vector([1,2],D.PACKED_BIT,7)
Binary.from_vector([1,2],D.PACKED_BIT,-1)
Binary.from_vector([1,128],D.PACKED_BIT,7)
Binary.from_vector([1,255],D.PACKED_BIT,0)
Binary.from_vector([1,256],D.PACKED_BIT,0)
Binary.from_vector([],D.PACKED_BIT,3)
Binary.from_vector([],D.PACKED_BIT,0)
Binary.from_vector([],D.PACKED_BIT)
Binary.from_vector([-1],D.PACKED_BIT)
Binary.from_vector([1.5],D.PACKED_BIT)
Binary.from_vector(['a'],D.PACKED_BIT)
Binary.from_vector([True,False],D.PACKED_BIT)
Binary.from_vector([1],'x')
Binary.from_vector([1],None)
Binary.from_vector([1])
Binary.from_vector((1,2),D.INT8)
Binary.from_vector(b'ab',D.INT8)
Binary.from_vector(5,D.INT8)
Binary.from_vector('ab',D.INT8)
Binary.from_vector(None)
Binary.from_vector(BinaryVector([1,2],D.INT8))
Binary.from_vector(BinaryVector([1,2],D.INT8),D.INT8)
Binary.from_vector(BinaryVector([1,2],D.INT8),padding=0)
Binary.from_vector(BinaryVector([1,2],D.INT8),padding=1)
Binary.from_vector(BinaryVector([1,8],D.PACKED_BIT,3))
Binary.from_vector(__import__('array').array('b',[1,2]),D.INT8)
Binary(b'',9).as_vector()
Binary(b'\x03',9).as_vector()
Binary(b'\x03\x00',9).as_vector()
Binary(b'\x03\x01',9).as_vector()
Binary(b'\x03\x00\xff\x01',9).as_vector()
Binary(b'\x03\x01\xff\x01',9).as_vector()
Binary(b'\x27\x00\xff\x01',9).as_vector()
Binary(b'\x27\x01\xff\x01\xff\x01',9).as_vector()
Binary(b'\x27\x00\x00\x00\x80\x3f',9).as_vector()
Binary(b'\x27\x00\x00\x00\x80\x3f',9).as_vector(True)
Binary(b'\x27\x00\x00\x00\x80\x3f',9).as_vector(True).data.dtype
Binary(b'\x03\x00\xff\x01',9).as_vector(True)
Binary(b'\x03\x00\xff\x01',9).as_vector(True).data.dtype
Binary(b'\x10\x00\xff\x01',9).as_vector(True)
Binary(b'\x10\x00\xff\x01',9).as_vector(True).data.dtype
Binary(b'\x10\x03\xff\x01',9).as_vector(True)
Binary(b'\x10\x07\xff\x01',9).as_vector()
Binary(b'\x10\x08\xff\x01',9).as_vector()
Binary(b'\x10\x09',9).as_vector()
Binary(b'\x10\x01',9).as_vector()
Binary(b'\x10\x00',9).as_vector()
Binary(b'\x10\x07\xff\x80',9).as_vector()
Binary(b'\x10\x00\xff\x80',9).as_vector()
Binary(b'\x11\x00\xff\x80',9).as_vector()
Binary(b'\x03\x00\xff',5).as_vector()
Binary(b'\x03\x00\xff',5).as_vector(True)
Binary.from_vector(np.array([1,2],dtype=np.int8),D.INT8)
Binary.from_vector(np.array([1,2]),D.INT8)
Binary.from_vector(np.array([1,200]),D.INT8)
Binary.from_vector(np.array([1,128]),D.INT8)
Binary.from_vector(np.array([1,-129]),D.INT8)
Binary.from_vector(np.array([1.5,2.0]),D.INT8)
Binary.from_vector(np.array([1.5,2.0]),D.FLOAT32)
Binary.from_vector(np.array([1e300,2.0]),D.FLOAT32)
Binary.from_vector(np.array([1,2]),D.FLOAT32)
Binary.from_vector(np.array([1,2]),D.PACKED_BIT)
Binary.from_vector(np.array([1,256]),D.PACKED_BIT)
Binary.from_vector(np.array([1,-1]),D.PACKED_BIT)
Binary.from_vector(np.array([1,8]),D.PACKED_BIT,3)
Binary.from_vector(np.array([1,8]),D.PACKED_BIT,4)
Binary.from_vector(np.array([True,False]),D.PACKED_BIT)
Binary.from_vector(np.array([[1,2],[3,4]]),D.INT8)
Binary.from_vector(np.array([]),D.FLOAT32)
Binary.from_vector(np.array([1,2],dtype='>i2'),D.INT8)
Binary.from_vector(np.array([1,2],dtype='>f4'),D.FLOAT32)
Binary.from_vector(np.array(['a']),D.FLOAT32)
Binary.from_vector(np.array([1,2]),'x')
Binary.from_vector(np.array([1,2],dtype=np.int8))
Binary.from_vector(np.array([1,2],dtype=np.float32)[::-1],D.FLOAT32)
Binary.from_vector(np.float32(1),D.FLOAT32)
Binary.from_vector(BinaryVector(np.array([1,2],dtype=np.int8),D.INT8))
Binary.from_vector(np.array([1,2],dtype=object),D.INT8)
Binary(b'\x03\x00\x01\x02',9).as_vector(True).data.flags.writeable
Binary(b'\x27\x00\x01\x02',9).as_vector(True)
Binary(b'\x03\x01\x01\x02',9).as_vector(True)
Binary(b'\x10\x09\x01\x02',9).as_vector(True)
Binary(b'\x10\x02\xff\xff',9).as_vector(True)
Binary(b'\x10\x02',9).as_vector(True)
Binary(b'',9).as_vector(True)
Binary(b'\x11\x00',9).as_vector(True)
Binary(b'\x27\x00',9).as_vector(True)
Binary.from_vector(None,D.INT8)
Binary.from_vector([None],D.INT8)
Binary.from_vector([1],D.PACKED_BIT,'a')
Binary.from_vector([1],D.INT8,'a')
Binary.from_vector([1],D.PACKED_BIT,2.0)
Binary.from_vector([1],D.PACKED_BIT,255)
Binary.from_vector([1],D.PACKED_BIT,256)
Binary.from_vector([300],D.PACKED_BIT,3)
Binary.from_vector([],D.FLOAT32,1)
Binary.from_vector(vector=[1],dtype=D.INT8,padding=False)
Binary.from_vector(BinaryVector((1,2),D.INT8))
Binary.from_vector(BinaryVector([1],D.INT8,1))
Binary.from_vector(BinaryVector([1],D.PACKED_BIT,None))
Binary.from_vector(BinaryVector([1],'q'))
"""


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().splitlines())
def test_same_as_pymongo(expression: str) -> None:
    assert_same(expression)


D = BinaryVectorDtype


def test_arrays_of_bytes_may_hold_255() -> None:
    # PyMongo refuses it.
    assert Binary.from_vector(np.array([1, 255], dtype=np.uint8), D.PACKED_BIT) == Binary(
        b"\x10\0\x01\xff", 9
    )


@pytest.mark.parametrize(("dtype", "expected"), [(D.INT8, b"\x03\0"), (D.PACKED_BIT, b"\x10\0")])
def test_arrays_may_be_empty(dtype: BinaryVectorDtype, expected: bytes) -> None:
    # In PyMongo, NumPy fails to find the least element.
    assert Binary.from_vector(np.array([], dtype=np.uint8), dtype) == Binary(expected, 9)


def test_padding_is_checked_for_arrays_too() -> None:
    # PyMongo writes these, and cannot read them back.
    with pytest.raises(ValueError, match="padding does not apply"):
        Binary.from_vector(np.array([1, 2], dtype=np.int8), D.INT8, 1)
    with pytest.raises(ValueError, match="Empty vector"):
        Binary.from_vector(np.array([], dtype=np.uint8), D.PACKED_BIT, 1)


def test_vectors_of_arrays_compare_to_one_truth_value() -> None:
    # PyMongo's comparison gives an array, which fails in a condition.
    array = BinaryVector(np.array([1, 2]), D.INT8)
    assert array == BinaryVector(np.array([1, 2]), D.INT8)
    assert array == BinaryVector([1, 2], D.INT8)
    assert array != BinaryVector([1, 3], D.INT8)
    assert array != BinaryVector([1, 2], D.FLOAT32)
    assert BinaryVector([8], D.PACKED_BIT, 1) != BinaryVector([8], D.PACKED_BIT, 2)


@pytest.mark.parametrize("return_numpy", [False, True])
def test_ignored_bits_that_are_set_give_a_warning(return_numpy: bool) -> None:
    with pytest.warns(DeprecationWarning, match="non-zero"):
        vector = Binary(b"\x10\x07\xff\x01", 9).as_vector(return_numpy)
    assert list(vector.data) == [255, 1]


@pytest.mark.parametrize(
    ("dtype", "numpy_dtype"), [(D.INT8, np.int8), (D.FLOAT32, np.float32), (D.PACKED_BIT, np.uint8)]
)
def test_arrays_come_back(dtype: BinaryVectorDtype, numpy_dtype: type[np.number[Any]]) -> None:
    array = np.array([0, 1, 100], dtype=numpy_dtype)
    vector = Binary.from_vector(array, dtype).as_vector(return_numpy=True)
    assert isinstance(vector.data, np.ndarray)
    assert vector.data.dtype == numpy_dtype
    assert vector.data.tolist() == array.tolist()
    assert Binary.from_vector(vector) == Binary.from_vector(array, dtype)
