"""The Safe audit: Safes as agreed, and with every difference that it looks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from house.both_ways import Answers, BothWays
from house.pins import ROOT
from opforge import Address, Fail, Reverted, RpcError
from opforge.testing import ChainBlock, ChainCall, Scripted, answers

APP = BothWays(ROOT / "corpus/realistic/safe_owner_audit/app.py")
app = APP.module
TREASURY, OPERATIONS = app.AGREEMENTS
STRANGER = Address("0x" + "ab" * 20)
FORMER = app.FORMER[0]


def word(guard: Address) -> bytes:
    return bytes(12) + bytes.fromhex(str(guard)[2:])


def safe(
    agreement: Any,
    *,
    owners: object = None,
    threshold: int | None = None,
    slot: bytes | None = None,
    enabled: bool = True,
    version: str = "1.3.0",
) -> list[Scripted]:
    """A Safe that is as agreed, but for what is said."""
    found: Any = [app.PEOPLE[name] for name in agreement.owners] if owners is None else owners
    where = {"address": agreement.safe, "network": agreement.network}
    return [
        answers.block(50, network=agreement.network),
        answers.call(app.Safe.getOwners, found, **where),
        answers.call(app.Safe.getThreshold, threshold or agreement.threshold, **where),
        answers.call(app.Safe.nonce, 17, **where),
        answers.call(app.Safe.VERSION, version, **where),
        answers.call(app.Safe.isModuleEnabled, enabled, **where),
        answers.call(app.Safe.getStorageAt, {(app.GUARD_SLOT, 1): slot or word(agreement.guard)}, **where),
    ]


def answer(*parts: Sequence[Scripted]) -> Answers:
    return lambda: [each for part in parts for each in part]


def test_a_safe_as_agreed_has_no_findings() -> None:
    ended = APP.run("audit", label="treasury", answers=answer(safe(TREASURY)))
    assert ended.result == app.Audit("treasury", nonce=17, findings=[], score=0)
    assert ended.effects[0] == ChainBlock("finalized", "mainnet")
    assert ended.warnings == []


def test_every_difference_is_found_and_the_worst_comes_first() -> None:
    people = app.PEOPLE
    ended = APP.run(
        "audit",
        label="operations",
        answers=answer(
            safe(
                OPERATIONS,
                owners=[people["alice"], STRANGER, people["carol"], FORMER, people["dan"]],
                threshold=2,
                slot=word(STRANGER),
                enabled=False,
                version="1.4.1",
            )
        ),
    )
    assert ended.result.findings == [
        app.OwnerUnknown(FORMER, is_former=True),
        app.ThresholdDiffers(3, 2),
        app.OwnerUnknown(STRANGER, is_former=False),
        app.GuardDiffers(str(STRANGER).lower()),
        app.OwnerMissing("bob"),
        app.ModuleMissing(OPERATIONS.modules[0]),
        app.VersionDiffers("1.4.1"),
    ]
    assert ended.result.score == 10
    assert ended.warnings == [
        "operations: 2 of 5 is less than half",
        f"operations: {str(FORMER)[:8]}…{str(FORMER)[-6:]} is an owner and left us",
        "operations: 2 signatures are enough where 3 were agreed",
        f"operations: {str(STRANGER)[:8]}…{str(STRANGER)[-6:]} is an owner and is not known",
        f"operations: found {str(STRANGER).lower()}",
        "operations: bob is no owner",
        f"operations: the module {OPERATIONS.modules[0]} is off",
        "operations: found 1.4.1",
    ]


def test_a_known_name_is_used_for_an_owner_that_was_not_agreed() -> None:
    people = app.PEOPLE
    owners = [people["alice"], people["bob"], people["carol"], people["dan"]]
    ended = APP.run("audit", label="treasury", answers=answer(safe(TREASURY, owners=owners)))
    assert ended.warnings == ["treasury: dan is an owner and is not known"]
    assert ended.result.score == 8


@pytest.mark.parametrize(("threshold", "score"), [(1, 9), (3, 4)])
def test_a_lower_threshold_is_worse_than_a_higher_one(threshold: int, score: int) -> None:
    ended = APP.run("audit", label="treasury", answers=answer(safe(TREASURY, threshold=threshold)))
    assert ended.result.score == score


@pytest.mark.parametrize("version", ["1.3.7", "1.3"])
def test_a_patch_of_the_version_does_not_matter(version: str) -> None:
    assert (
        APP.run("audit", label="treasury", answers=answer(safe(TREASURY, version=version))).result.score == 0
    )


def test_all_safes_are_audited_and_the_worst_comes_first() -> None:
    ended = APP.run("audit_all", answers=answer(safe(TREASURY), safe(OPERATIONS, enabled=False)))
    assert [(audit.label, audit.score) for audit in ended.result] == [("operations", 1), ("treasury", 0)]
    assert ended.lines == ["nothing to say about treasury"]
    modules = [e for e in ended.effects if isinstance(e, ChainCall) and e.function == "isModuleEnabled"]
    assert [effect.network for effect in modules] == ["base"]


def test_an_address_without_a_safe_ends_the_run() -> None:
    with pytest.raises(Fail, match=rf"^treasury: there is no Safe at {TREASURY.safe}$"):
        APP.run("audit", label="treasury", answers=answer(safe(TREASURY, owners=Reverted(""))))


def test_a_guard_slot_that_holds_no_address_ends_the_run() -> None:
    slot = b"\x01" + bytes(31)
    with pytest.raises(AssertionError, match=rf"^the guard slot holds {slot.hex()}$"):
        APP.run("audit", label="treasury", answers=answer(safe(TREASURY, slot=slot)))


def test_an_unknown_label_ends_the_run() -> None:
    with pytest.raises(Fail, match=r"^'vault' is none of treasury, operations$"):
        APP.run("audit", label="vault")


def test_one_safe_that_cannot_be_read_ends_the_audit_of_all() -> None:
    with pytest.raises(RpcError):
        APP.run("audit_all", answers=answer(safe(TREASURY), safe(OPERATIONS, owners=RpcError)))


@pytest.mark.parametrize(("owner", "is_agreed"), [("bob", True), ("dan", False)])
def test_a_new_owner_is_compared_with_the_agreement(owner: str, is_agreed: bool) -> None:
    ended = APP.run(
        "owner_added",
        event=app.OwnerEvent(app.PEOPLE[owner]),
        block=app.Block(21_000_000, bytes(32), 5, "mainnet"),
        safe=TREASURY.safe,
    )
    assert ended.result is is_agreed
    assert ended.warnings == [
        f"{owner} became an owner of {TREASURY.safe} in block 21,000,000" for _ in range(not is_agreed)
    ]
