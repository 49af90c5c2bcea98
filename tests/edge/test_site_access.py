"""The access log of sites: no place is seen or told without an entry, and not in bulk."""

from __future__ import annotations

from pathlib import Path

import pytest

from keepclear.core.errors import Refused
from keepclear.core.trust.encoding import parsed
from keepclear.edge.api.siteaccess import ACCESSES_A_DAY, Access, SiteAccess
from keepclear.edge.clock import RealClock
from keepclear.edge.config import Config
from keepclear.edge.node import Node
from keepclear.edge.opening import open_node


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return open_node(Config(party="a", data=str(tmp_path)), clock=RealClock(), mode="live")


def looking(number: int, *, by: str = "M. Haddad", to: str = "") -> Access:
    return Access(designation=f"SITE-{number}", by=by, reason="convoy", to=to)


def test_a_person_accesses_no_more_sites_a_day_than_a_few_for_each_party(node: Node) -> None:
    access = SiteAccess(node.host)
    for number in range(ACCESSES_A_DAY):
        access.enter(looking(number))
    with pytest.raises(Refused) as refused:
        access.enter(looking(ACCESSES_A_DAY))
    assert refused.value.code == "site.many"
    size = node.host.store.head().size
    # What is told to a party is counted apart, and so is another person.
    access.enter(looking(0, to="b"))
    access.enter(looking(0, by="S. Novak"))
    kinds = [each.entry.kind for each in node.host.store.entries(start=size, limit=10)]
    assert kinds == ["site.told", "site.looked"]
    node.host.store.close()


@pytest.mark.parametrize(("by", "reason"), [("", "convoy"), ("M. Haddad", " ")])
def test_nobody_without_a_name_and_a_reason_accesses_a_site(by: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        Access(designation="SITE-1", by=by, reason=reason)
    assert refused.value.code == "part.reason"


def test_an_access_is_an_entry_of_the_record_with_who_and_why(node: Node) -> None:
    SiteAccess(node.host).enter(
        Access(designation="S", by="L. Marek", reason="asked", to="b", precision="exact")
    )
    (newest,) = node.host.store.entries(start=node.host.store.head().size - 1, limit=1)
    assert parsed(newest.entry.body) == {
        "site": "S",
        "by": "L. Marek",
        "reason": "asked",
        "to": "b",
        "precision": "exact",
    }
    node.host.store.close()
