"""Runs the bson-binary-vector tree: vectors of subtype 9 to documents and back."""

import json
import os
import struct
from pathlib import Path
from typing import Any

import pytest

from petiole.bson import decode, encode
from petiole.bson.binary import Binary, BinaryVectorDtype


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    root = metafunc.config.getoption("--specifications", None) or os.environ.get("PETIOLE_SPECIFICATIONS")
    specifications = Path(root) if root else Path(__file__).resolve().parents[3] / "shared/specifications"
    tree = specifications / "bson-binary-vector/tests"
    if not tree.is_dir():
        reason = f"needs the specifications ({tree} is missing)"
        parameter = pytest.param({}, marks=pytest.mark.skip(reason=reason), id="no tree")
        metafunc.parametrize("case", [parameter])
        return
    cases = [
        pytest.param(case, id=f"{path.stem}: {case['description']}")
        for path in sorted(tree.glob("*.json"))
        for case in json.loads(path.read_text())["tests"]
    ]
    metafunc.parametrize("case", cases)


def number(element: Any) -> Any:
    return float(element["$numberDouble"]) if isinstance(element, dict) else element


def test_vector(case: dict[str, Any]) -> None:
    dtype = BinaryVectorDtype[case["dtype_alias"]]
    assert dtype.value == bytes([int(case["dtype_hex"], 16)])
    elements = [number(element) for element in case["vector"]] if "vector" in case else None
    stored = bytes.fromhex(case["canonical_bson"]) if "canonical_bson" in case else None
    if case["valid"]:
        assert elements is not None
        assert stored is not None
        check_valid(elements, dtype, case["padding"], stored)
    else:
        assert elements is not None or stored is not None
        check_invalid(elements, dtype, case.get("padding"), stored)


def check_valid(elements: list[Any], dtype: BinaryVectorDtype, padding: int, stored: bytes) -> None:
    vector = Binary.from_vector(elements, dtype, padding)
    assert encode({"vector": vector}) == stored
    decoded = decode(stored)["vector"]
    assert decoded == vector
    read = decoded.as_vector()
    assert (read.dtype, read.padding) == (dtype, padding)
    # Numbers such as 7.7 have no exact float32: compare what 32 bits hold.
    expected = struct.unpack(f"<{len(elements)}f", struct.pack(f"<{len(elements)}f", *elements))
    assert read.data == list(expected)
    assert encode({"vector": Binary.from_vector(read)}) == stored


def check_invalid(
    elements: list[Any] | None, dtype: BinaryVectorDtype, padding: int | None, stored: bytes | None
) -> None:
    if elements is not None:
        with pytest.raises((ValueError, struct.error)):
            Binary.from_vector(elements, dtype, padding)
    if stored is not None:
        with pytest.raises(ValueError, match="Corrupt data"):
            decode(stored)["vector"].as_vector()
