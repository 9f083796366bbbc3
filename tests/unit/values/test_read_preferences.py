"""Read preferences behave as PyMongo's, and hold what the specification says."""

import pickle

import pymongo.read_preferences
import pytest
from tests.unit.values.parity import assert_same, assert_same_class

from petiole.errors import ConfigurationError
from petiole.read_preferences import MovingAverage, Nearest, Primary, ReadPreference, Secondary

SNIPPETS = """
Primary()
Nearest()
Nearest([{"a": "b"}], 90)
Secondary(max_staleness=90)
Secondary(max_staleness=None)
Secondary(max_staleness=0)
Secondary(max_staleness=-2)
Secondary(max_staleness="9")
Secondary(max_staleness=9.5)
Secondary(max_staleness=True)
Secondary(max_staleness=-1)
Secondary([])
Secondary([{}])
Secondary({})
Secondary([1])
Secondary("a")
Secondary(({"a": 1},))
Secondary(None, 90, {})
Secondary(None, 90, {"enabled": True})
Secondary(None, -1, 5)
Nearest([{"a": "b"}], 90, {"enabled": True}).document
Nearest(hedge={}).document
Primary().document
Nearest().document
PrimaryPreferred().document
Secondary([{}]).document
Secondary([{"a": 1}, {}]).document
SecondaryPreferred().document
SecondaryPreferred([{"a": "1"}], 120).document
Nearest([{"a": "b"}]).mode
Primary().mode
Nearest().mongos_mode
Primary().mongos_mode
Nearest().name
Primary().name
Nearest().tag_sets
Primary().tag_sets
Primary().max_staleness
Primary().min_wire_version
Nearest().min_wire_version
Nearest(max_staleness=90).min_wire_version
Nearest(hedge={"enabled": True}).hedge
Nearest().hedge
make_read_preference(0, None)
make_read_preference(0, [{}])
make_read_preference(0, [])
make_read_preference(0, [{"a": 1}])
make_read_preference(0, None, 90)
make_read_preference(1, [{}], 90)
make_read_preference(1, None)
make_read_preference(4, [{"a": 1}])
make_read_preference(9, None)
read_pref_mode_from_name("primary")
read_pref_mode_from_name("secondaryPreferred")
read_pref_mode_from_name("x")
Primary() == Primary()
Primary() == ReadPreference.PRIMARY
Nearest() == Nearest([{}])
Nearest() == Secondary()
Nearest() == 1
Primary() == 1
Nearest() != Nearest()
Primary() != Primary()
Nearest(hedge={"enabled": True}) == Nearest()
hash(Nearest())
hash(Primary())
pickle.loads(pickle.dumps(Nearest([{"a": "b"}], 90)))
pickle.loads(pickle.dumps(Primary()))
copy.deepcopy(Nearest([{"a": "b"}], 90))
Nearest().__getstate__()
Primary().__getstate__()
Nearest().__dict__
ReadPreference.NEAREST
[ReadPreference.PRIMARY, ReadPreference.PRIMARY_PREFERRED, ReadPreference.SECONDARY]
ReadPreference.SECONDARY_PREFERRED
MovingAverage().get()
MovingAverage().add_sample(-1)
MovingAverage().__dict__
Primary(1)
""".strip().splitlines()


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_as_pymongo(snippet: str) -> None:
    assert_same(snippet, "read_preferences")


def test_the_state_of_a_pickle_is_pymongos() -> None:
    theirs = pymongo.read_preferences.Nearest([{"a": "b"}], 90)
    ours = Nearest.__new__(Nearest)
    ours.__setstate__(theirs.__getstate__())
    assert repr(ours) == repr(theirs)
    assert ours.document == theirs.document
    assert pickle.loads(pickle.dumps(ours)) == ours


def test_the_document_is_new_each_time() -> None:
    preference = Secondary([{"a": "b"}])
    preference.document["mode"] = "nearest"
    assert preference.document["mode"] == "secondary"


def test_moving_average_weighs_new_samples_with_a_fifth() -> None:
    average = MovingAverage()
    average.add_sample(1)
    average.add_sample(2)
    assert average.get() == pytest.approx(1.2)
    average.reset()
    assert average.get() is None


def test_a_subclass_keeps_its_name() -> None:
    class Near(Nearest):
        pass

    assert repr(Near()).startswith("Near(tag_sets=None")


def test_primary_with_staleness_names_the_option() -> None:
    from petiole.read_preferences import make_read_preference

    with pytest.raises(ConfigurationError, match="maxStalenessSeconds"):
        make_read_preference(0, None, 120)
    assert make_read_preference(0, None) == ReadPreference.PRIMARY == Primary()


@pytest.mark.parametrize("snippet", ["Nearest(5)", "Nearest(max_staleness=[])"])
def test_same_class_of_error(snippet: str) -> None:
    assert_same_class(snippet, "read_preferences")


def test_calling_a_preference_asks_the_selection() -> None:
    class Selection:
        def by_preference(self, preference: object) -> object:
            return "selected", preference

    assert Nearest()(Selection()) == ("selected", Nearest())
