"""Read concern, write concern, collation, the Stable API and driver information behave as PyMongo's."""

import pytest
from tests.unit.values.parity import assert_same

from petiole.collation import Collation
from petiole.driver_info import DriverInfo
from petiole.server_api import ServerApi
from petiole.write_concern import WriteConcern

WRITE_CONCERN = """
WriteConcern()
WriteConcern(1)
WriteConcern(0)
WriteConcern("majority")
WriteConcern(w=True)
WriteConcern(w=1.5)
WriteConcern(w=-1)
WriteConcern(w="1")
WriteConcern(w=b"a")
WriteConcern(w={"a": 1})
WriteConcern(1, 5)
WriteConcern(1, 0)
WriteConcern(1, -5)
WriteConcern(1, "5")
WriteConcern(1, 1.5)
WriteConcern(1, True)
WriteConcern(1, 5, True)
WriteConcern(j=1)
WriteConcern(j="x")
WriteConcern(fsync=True)
WriteConcern(fsync=1)
WriteConcern(j=True, fsync=True)
WriteConcern(w=0, j=True)
WriteConcern(w=0, fsync=True)
WriteConcern(w=0, j=False)
WriteConcern(w=0, wtimeout=4)
WriteConcern(w=0).acknowledged
WriteConcern().acknowledged
WriteConcern("0").acknowledged
WriteConcern().is_server_default
WriteConcern(1).is_server_default
WriteConcern(1, 5, True).document
WriteConcern(1) == WriteConcern(1)
WriteConcern() == WriteConcern(1)
WriteConcern() == 1
WriteConcern() != 1
WriteConcern() != WriteConcern()
hash(WriteConcern())
WriteConcern(1).__dict__
pickle.loads(pickle.dumps(WriteConcern(1, 5)))
copy.deepcopy(WriteConcern(1, 5))
validate_boolean("a", 1)
validate_boolean("a", False)
DEFAULT_WRITE_CONCERN
""".strip().splitlines()

READ_CONCERN = """
ReadConcern()
ReadConcern("local")
ReadConcern(1)
ReadConcern("q").document
ReadConcern().document
ReadConcern("").document
ReadConcern("")
ReadConcern().ok_for_legacy
ReadConcern("local").ok_for_legacy
ReadConcern("majority").ok_for_legacy
ReadConcern("majority").level
ReadConcern() == ReadConcern()
ReadConcern() == ReadConcern("local")
ReadConcern() == 1
ReadConcern() != 1
hash(ReadConcern())
pickle.loads(pickle.dumps(ReadConcern("local")))
DEFAULT_READ_CONCERN
""".strip().splitlines()

COLLATION = """
Collation("en")
Collation(1)
Collation()
Collation("")
Collation("en", strength=2, caseLevel=True).document
Collation("en", True, "upper", 3, True, "shifted", "punct", True, True, x=1)
Collation("en", caseLevel=1)
Collation("en", caseFirst=1)
Collation("en", strength="1")
Collation("en", strength="x")
Collation("en", strength=1.5)
Collation("en", strength=[])
Collation("en", strength=True)
Collation("en", strength=99)
Collation("en", numericOrdering=1)
Collation("en", alternate=1)
Collation("en", maxVariable=1)
Collation("en", normalization=1)
Collation("en", backwards=1)
Collation("en") == Collation("en")
Collation("en") == Collation("de")
Collation("en") == 1
Collation("en") != 1
hash(Collation("en"))
pickle.loads(pickle.dumps(Collation("en")))
copy.deepcopy(Collation("en"))
validate_collation_or_none(1)
validate_collation_or_none(None)
validate_collation_or_none({"locale": "en"})
validate_collation_or_none(Collation("en"))
validate_collation_or_none({})
[CollationStrength.PRIMARY, CollationStrength.SECONDARY, CollationStrength.TERTIARY]
[CollationStrength.QUATERNARY, CollationStrength.IDENTICAL]
[CollationAlternate.NON_IGNORABLE, CollationAlternate.SHIFTED]
[CollationMaxVariable.PUNCT, CollationMaxVariable.SPACE]
[CollationCaseFirst.UPPER, CollationCaseFirst.LOWER, CollationCaseFirst.OFF]
""".strip().splitlines()

SERVER_API = """
ServerApi(1)
ServerApi("2")
ServerApi("1", strict=1)
ServerApi("1", deprecation_errors=1)
ServerApi("1", True, False).strict
ServerApi("1", True, False).deprecation_errors
ServerApi("1", True, False).__dict__
ServerApi("1") == ServerApi("1")
ServerApi("1").version
ServerApi("1").strict
ServerApiVersion.V1
hash(ServerApi("1")) != 0
pickle.loads(pickle.dumps(ServerApi("1"))).__dict__
""".strip().splitlines()

DRIVER_INFO = """
DriverInfo("a")
DriverInfo("a", "b", "c")
DriverInfo(1)
DriverInfo("a", 1)
DriverInfo("a", None, 1)
DriverInfo()
DriverInfo("a|b")
DriverInfo("a", "b|c")
DriverInfo(None)
DriverInfo("")
pickle.loads(pickle.dumps(DriverInfo("a", "b", "c")))
DriverInfo("a") == ("a", None, None)
hash(DriverInfo("a")) == hash(("a", None, None))
DriverInfo("a")._replace(name="b")
DriverInfo("a")._fields
""".strip().splitlines()

CASES = [
    (module, snippet)
    for module, snippets in (
        ("write_concern", WRITE_CONCERN),
        ("read_concern", READ_CONCERN),
        ("collation", COLLATION),
        ("server_api", SERVER_API),
        ("driver_info", DRIVER_INFO),
    )
    for snippet in snippets
]


@pytest.mark.parametrize(("module", "snippet"), CASES)
def test_as_pymongo(module: str, snippet: str) -> None:
    assert_same(snippet, module)


def test_documents_are_new_each_time() -> None:
    concern = WriteConcern(1)
    concern.document["w"] = 5
    assert concern.document == {"w": 1}
    collation = Collation("en")
    collation.document["locale"] = "de"
    assert collation.document == {"locale": "en"}


def test_server_api_says_what_it_is() -> None:
    assert repr(ServerApi("1", strict=True)) == "ServerApi('1', strict=True, deprecation_errors=None)"


def test_server_api_fields_leave_out_what_is_not_set() -> None:
    assert ServerApi("1")._fields() == {"apiVersion": "1"}
    assert ServerApi("1", True, False)._fields() == {
        "apiVersion": "1",
        "apiStrict": True,
        "apiDeprecationErrors": False,
    }


def test_driver_info_is_a_tuple() -> None:
    name, version, platform = DriverInfo("a", "1")
    assert (name, version, platform) == ("a", "1", None)
