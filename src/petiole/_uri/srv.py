"""Which hosts an SRV record may name (specification: Initial DNS Seedlist Discovery).

Pure: what is asked of the DNS and which answers are believed. Who asks it draws the lots for `max_hosts` too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from petiole._uri.defaults import SRV_SERVICE_NAME
from petiole.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from petiole.typings import _Address

# Names that nobody can register, so a suffix of one label is no risk (RFC 6761, RFC 6762, ICANN's private use).
_PRIVATE_LABELS = ("corp", "example", "home", "internal", "invalid", "local", "localhost", "mail", "test")


class SrvRules(NamedTuple):
    """How an SRV host is resolved, and which of its answers are taken.

    `max_hosts` 0 takes all. `allowed_suffix` or `validator` replace the rule that hosts share the parent domain.
    """

    fqdn: str
    service_name: str = SRV_SERVICE_NAME
    max_hosts: int = 0
    allowed_suffix: str | None = None
    validator: Callable[[str], bool] | None = None

    @property
    def query_name(self) -> str:
        """The name whose SRV record is asked for; the TXT record is that of `fqdn`."""
        return f"_{self.service_name}._tcp.{self.fqdn}"

    def check(self, host: str) -> None:
        """Whether to believe `host`, in lower case and without a final dot.

        :raises ConfigurationError: if not. At first discovery that is the answer; when polling, the host is left out.
        """
        if self.validator is not None:
            self._ask(self.validator, host)
            return
        parts = self.fqdn.split(".")
        if self.allowed_suffix:
            parent = self.allowed_suffix.lower().strip(".")
        elif len(parts) >= 3:
            parent = ".".join(parts[1:])
        elif host == self.fqdn:
            raise ConfigurationError("Invalid SRV host: return address is identical to SRV hostname")
        else:
            parent = self.fqdn
        if not host.endswith(f".{parent}"):
            raise ConfigurationError(f"Invalid SRV host: {host}")

    @staticmethod
    def _ask(validator: Callable[[str], bool], host: str) -> None:
        try:
            accepted = validator(host)
        except Exception as error:
            raise ConfigurationError(
                f"srv_host_validator raised an exception for SRV host {host}: {error}"
            ) from error
        if not isinstance(accepted, bool):
            raise ConfigurationError(
                f"srv_host_validator must return a bool for SRV host {host}, not {type(accepted)}"
            )
        if not accepted:
            raise ConfigurationError(f"Invalid SRV host: {host} was rejected by srv_host_validator")

    def checked(self, hosts: Sequence[_Address]) -> list[_Address]:
        """`hosts`, all believed, with their names in lower case and without a final dot.

        :raises ConfigurationError: if one of them is not to be believed.
        """
        nodes, refused = self.believed(hosts)
        if refused:
            raise refused[0]
        return nodes

    def believed(self, hosts: Sequence[_Address]) -> tuple[list[_Address], list[ConfigurationError]]:
        """Those of `hosts` to believe, each once, in the form of `checked`; and what is wrong with the others."""
        nodes: list[_Address] = []
        refused: list[ConfigurationError] = []
        for host, port in hosts:
            name = host.lower().removesuffix(".")
            try:
                self.check(name)
            except ConfigurationError as error:
                refused.append(error)
            else:
                nodes.append((name, port))
        return list(dict.fromkeys(nodes)), refused

    def sample(self, hosts: Sequence[_Address], draw: Callable[[int], int]) -> list[_Address]:
        """At most `max_hosts` of `hosts`; `draw(n)` gives a random integer from 0 to n - 1."""
        left = list(hosts)
        if not 0 < self.max_hosts < len(left):
            return left
        return [left.pop(draw(len(left))) for _ in range(self.max_hosts)]


def srv_rules(fqdn: str, options: Mapping[str, Any], **overrides: Any) -> SrvRules:
    """The rules for `fqdn` that the options give; an override that is not None wins.

    :raises ConfigurationError: if the options contradict each other, or would accept a whole top-level domain.
    """
    rules = SrvRules(
        fqdn,
        overrides.get("service_name") or options.get("srvServiceName") or SRV_SERVICE_NAME,
        int(overrides.get("max_hosts") or options.get("srvMaxHosts") or 0),
        overrides.get("allowed_suffix") or options.get("srvAllowedHostsSuffix") or None,
        overrides.get("validator") or options.get("srv_host_validator"),
    )
    if rules.allowed_suffix:
        if rules.validator is not None:
            raise ConfigurationError("Cannot specify both srv_host_validator and srvAllowedHostsSuffix")
        labels = [label for label in rules.allowed_suffix.lower().split(".") if label]
        if len(labels) < 2 and "".join(labels) not in _PRIVATE_LABELS:
            raise ConfigurationError(
                "srvAllowedHostsSuffix must contain at least two '.' separated labels, "
                f"got: {rules.allowed_suffix}"
            )
    return rules
