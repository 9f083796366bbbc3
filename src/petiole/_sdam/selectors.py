"""Sets of servers under consideration, and the steps that narrow them.

Owns: `Selection`, which carries beside the servers what the steps must know of the whole deployment, and the
steps that read preferences are made of.
Follows: Server Selection, "Filter suitable servers" by mode and by tag sets.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from petiole._sdam.server import ServerDescription
from petiole._sdam.server_type import SERVER_TYPE, TOPOLOGY_TYPE

if TYPE_CHECKING:
    from petiole._sdam.preference import ReadPreferenceLike
    from petiole._sdam.topology import TopologyDescription

T = TypeVar("T")
TagSet = Mapping[str, Any]
TagSets = Sequence[TagSet]


class Selection:
    """Input or output of a server selector function."""

    __slots__ = ("common_wire_version", "primary", "server_descriptions", "topology_description")

    def __init__(
        self,
        topology_description: "TopologyDescription",
        server_descriptions: list[ServerDescription],
        common_wire_version: int | None,
        primary: ServerDescription | None,
    ) -> None:
        self.topology_description = topology_description
        self.server_descriptions = server_descriptions
        self.primary = primary
        self.common_wire_version = common_wire_version

    @classmethod
    def from_topology_description(cls, topology_description: "TopologyDescription") -> "Selection":
        """All known servers of the deployment."""
        return cls.among(topology_description, topology_description.known_servers)

    @classmethod
    def among(cls, topology: "TopologyDescription", servers: Sequence[ServerDescription]) -> "Selection":
        """Some servers of the deployment. The primary is the deployment's, even if it is not among them:
        staleness is measured against it all the same."""
        primary = next((s for s in topology.known_servers if s.server_type == SERVER_TYPE.RSPrimary), None)
        return cls(topology, list(servers), topology.common_wire_version, primary)

    def with_server_descriptions(self, server_descriptions: list[ServerDescription]) -> "Selection":
        """The same deployment with other servers selected."""
        return type(self)(
            self.topology_description, server_descriptions, self.common_wire_version, self.primary
        )

    def secondary_with_max_last_write_date(self) -> ServerDescription | None:
        """The selected secondary that has applied the newest write."""
        secondaries = secondary_server_selector(self).server_descriptions
        return max(secondaries, key=lambda server: server.last_write_date or 0.0, default=None)

    def by_preference(self, read_preference: "ReadPreferenceLike") -> "Selection":
        """The servers that match a read preference: what calling a read preference does."""
        from petiole._sdam.preference import by_preference

        return by_preference(read_preference, self)

    @property
    def primary_selection(self) -> "Selection":
        """The primary alone, or nothing."""
        return self.with_server_descriptions([self.primary] if self.primary else [])

    @property
    def heartbeat_frequency(self) -> float:
        """Seconds between checks of a server."""
        return self.topology_description.heartbeat_frequency

    @property
    def topology_type(self) -> int:
        """The type of the deployment, one of `TOPOLOGY_TYPE`."""
        return self.topology_description.topology_type

    def __bool__(self) -> bool:
        return bool(self.server_descriptions)

    def __getitem__(self, item: int) -> ServerDescription:
        return self.server_descriptions[item]


def _of_type(selection: Selection, server_type: int) -> Selection:
    matching = [s for s in selection.server_descriptions if s.server_type == server_type]
    return selection.with_server_descriptions(matching)


def any_server_selector(selection: T) -> T:
    """Every server."""
    return selection


def readable_server_selector(selection: Selection) -> Selection:
    """The servers that bear data."""
    return selection.with_server_descriptions([s for s in selection.server_descriptions if s.is_readable])


def writable_server_selector(selection: Selection) -> Selection:
    """The servers that take writes."""
    return selection.with_server_descriptions([s for s in selection.server_descriptions if s.is_writable])


def secondary_server_selector(selection: Selection) -> Selection:
    """The secondaries."""
    return _of_type(selection, SERVER_TYPE.RSSecondary)


def arbiter_server_selector(selection: Selection) -> Selection:
    """The arbiters."""
    return _of_type(selection, SERVER_TYPE.RSArbiter)


def writable_preferred_server_selector(selection: Selection) -> Selection:
    """The servers that take writes, or secondaries if there are none."""
    return writable_server_selector(selection) or secondary_server_selector(selection)


def apply_single_tag_set(tag_set: TagSet, selection: Selection) -> Selection:
    """The servers whose tags include the tag set; the empty tag set matches every server."""

    def matches(server: ServerDescription) -> bool:
        return all(key in server.tags and server.tags[key] == value for key, value in tag_set.items())

    return selection.with_server_descriptions([s for s in selection.server_descriptions if matches(s)])


def apply_tag_sets(tag_sets: TagSets, selection: Selection) -> Selection:
    """The servers that match the first tag set that any server matches."""
    for tag_set in tag_sets:
        matching = apply_single_tag_set(tag_set, selection)
        if matching:
            return matching
    return selection.with_server_descriptions([])


def secondary_with_tags_server_selector(tag_sets: TagSets, selection: Selection) -> Selection:
    """The secondaries that match the tag sets."""
    return apply_tag_sets(tag_sets, secondary_server_selector(selection))


def member_with_tags_server_selector(tag_sets: TagSets, selection: Selection) -> Selection:
    """The data-bearing servers that match the tag sets."""
    return apply_tag_sets(tag_sets, readable_server_selector(selection))


REPLICA_SET_TYPES = (TOPOLOGY_TYPE.ReplicaSetNoPrimary, TOPOLOGY_TYPE.ReplicaSetWithPrimary)
