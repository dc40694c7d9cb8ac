"""Audit the owners, threshold, guard and modules of our Safes against what was agreed."""

from typing import Final, Union

from opforge import Address, Block, Contract, Fail, Reverted, chain, log, on, op, record, workload

workload("safe-owner-audit", version="1.4.0")

SINGLETON_VERSION: Final = "1.3.0"
GUARD_SLOT: Final = 0x4A204F620C8C5CCDCA3FD54D003BADD85BA500436A431F0CBDA4F558C93C34C8
ZERO: Final = Address("0x0000000000000000000000000000000000000000")
MIN_THRESHOLD_SHARE: Final = 50

PEOPLE: Final = {
    "alice": Address("0x1557F949eb074eE1dE813d3598B394EA654E9066"),
    "bob": Address("0x713A34A3c313Be426D15b5C62Ca9C115A1Fa6a3A"),
    "carol": Address("0xf2047532A0E8f1cA30e2391636330B1F05768679"),
    "dan": Address("0x00155506969316836e9c4649C39eB76E244C7207"),
}
NAMES: Final = {address: name for name, address in PEOPLE.items()}
TREASURY_SAFE: Final = Address("0x8B3369944DD2A3fAb39E32d1aEB1F763946a458a")
FORMER: Final = [Address("0x77646F5A4f3166637627Abe998E7a1470fe72d8B")]


@record
class Agreement:
    label: str
    network: str
    safe: Address
    owners: list[str]
    threshold: int
    modules: list[Address]
    guard: Address = ZERO


@record
class OwnerMissing:
    owner: str


@record
class OwnerUnknown:
    owner: Address
    is_former: bool


@record
class ThresholdDiffers:
    agreed: int
    found: int


@record
class GuardDiffers:
    found: str


@record
class ModuleMissing:
    module: Address


@record
class VersionDiffers:
    found: str


@record
class OwnerEvent:
    owner: Address


Finding = Union[OwnerMissing, OwnerUnknown, ThresholdDiffers, GuardDiffers, ModuleMissing, VersionDiffers]


@record
class Audit:
    label: str
    nonce: int
    findings: list[Finding]
    score: int


class Safe(Contract):
    @chain.view
    def getOwners(self) -> list[Address]: ...

    @chain.view
    def getThreshold(self) -> int: ...

    @chain.view
    def nonce(self) -> int: ...

    @chain.view
    def VERSION(self) -> str: ...

    @chain.view
    def isModuleEnabled(self, module: Address) -> bool: ...

    @chain.view
    def getStorageAt(self, offset: int, length: int) -> bytes: ...


AGREEMENTS: Final = [
    Agreement(
        label="treasury",
        network="mainnet",
        safe=TREASURY_SAFE,
        owners=["alice", "bob", "carol"],
        threshold=2,
        modules=[],
        guard=Address("0xA9D4034Da07D8eF31db1CD4119b6a4552FDFbD19"),
    ),
    Agreement(
        label="operations",
        network="base",
        safe=Address("0xA92c36E66A25ee99fF862faa8e87987Be6c7CD13"),
        owners=sorted(PEOPLE),
        threshold=3,
        modules=[Address("0x0478721F1106c2A631A90181bAc7efc77767a390")],
    ),
]


def name_of(owner: Address) -> str:
    return NAMES.get(owner) or f"{str(owner)[:8]}…{str(owner)[-6:]}"


def compare_owners(agreed: list[str], found: list[Address]) -> list[Finding]:
    expected = {PEOPLE[name] for name in agreed}
    findings: list[Finding] = [OwnerMissing(name) for name in agreed if PEOPLE[name] not in found]
    for owner in found:
        if owner not in expected:
            findings.append(OwnerUnknown(owner, is_former=owner in FORMER))
    return findings


def weigh(finding: Finding) -> int:
    """How bad a finding is, from 1 to 10."""
    match finding:
        case OwnerUnknown(is_former=True):
            return 10
        case OwnerUnknown() | GuardDiffers():
            return 8
        case ThresholdDiffers(agreed=agreed, found=found) if found < agreed:
            return 9
        case ThresholdDiffers() | OwnerMissing():
            return 4
        case _:
            return 1


def describe(finding: Finding) -> str:
    if isinstance(finding, OwnerMissing):
        return f"{finding.owner} is no owner"
    if isinstance(finding, OwnerUnknown):
        kind = "left us" if finding.is_former else "is not known"
        return f"{name_of(finding.owner)} is an owner and {kind}"
    if isinstance(finding, ThresholdDiffers):
        return f"{finding.found} signatures are enough where {finding.agreed} were agreed"
    if isinstance(finding, (GuardDiffers, VersionDiffers)):
        return f"found {finding.found}"
    return f"the module {finding.module} is off"


def read_guard(safe: Safe, at: Block) -> str:
    """The guard's address in lower case: the last 20 bytes of its storage slot."""
    word = safe.getStorageAt(GUARD_SLOT, 1, at=at)
    assert len(word) == 32 and word[:12] == bytes(12), f"the guard slot holds {word.hex()}"
    return "0x" + word[12:].hex()


def audit_safe(agreement: Agreement) -> Audit:
    """Compare one Safe with its agreement."""
    at = chain.block(agreement.network, tag="finalized")
    safe = Safe(agreement.safe)
    try:
        owners = safe.getOwners(at=at)
    except Reverted:
        raise Fail(f"{agreement.label}: there is no Safe at {agreement.safe}")
    threshold = safe.getThreshold(at=at)

    findings = compare_owners(agreement.owners, owners)
    if threshold != agreement.threshold:
        findings.append(ThresholdDiffers(agreement.threshold, threshold))
    if 100 * threshold < MIN_THRESHOLD_SHARE * len(owners):
        log.warning(f"{agreement.label}: {threshold} of {len(owners)} is less than half")
    if (guard := read_guard(safe, at)) != str(agreement.guard).lower():
        findings.append(GuardDiffers(guard))
    enabled = [safe.isModuleEnabled(module, at=at) for module in agreement.modules]
    findings += [ModuleMissing(module) for module, on in zip(agreement.modules, enabled) if not on]
    version = safe.VERSION(at=at)
    major_minor = version.split(".")[:2]
    if major_minor != SINGLETON_VERSION.split(".")[:2]:
        findings.append(VersionDiffers(version))

    findings.sort(key=weigh, reverse=True)
    for finding in findings:
        log.warning(f"{agreement.label}: {describe(finding)}")
    score = max(map(weigh, findings), default=0)
    return Audit(agreement.label, safe.nonce(at=at), findings, score)


@op(retry=2, timeout="1m")
def audit(label: str) -> Audit:
    """Audit the Safe with this label."""
    for agreement in AGREEMENTS:
        if agreement.label == label:
            return audit_safe(agreement)
    raise Fail(f"'{label}' is none of {', '.join(each.label for each in AGREEMENTS)}")


@on.log("AddedOwner(address owner)", address=TREASURY_SAFE, network="mainnet", confirmations=5)
@op(retry=2)
def owner_added(event: OwnerEvent, block: Block, safe: Address) -> bool:
    """Whether an owner that was just added to the treasury was agreed."""
    expected = event.owner in [PEOPLE[name] for name in AGREEMENTS[0].owners]
    if not expected:
        log.warning(f"{name_of(event.owner)} became an owner of {safe} in block {block.number:,}")
    return expected


@on.cron("15 6 * * *", timezone="Europe/Berlin", missed="last")
@op(timeout="10m", tags=["security", "daily"])
def audit_all() -> list[Audit]:
    """Audit every Safe, the worst first."""
    audits = [audit(agreement.label) for agreement in AGREEMENTS]
    audits.sort(key=lambda each: each.score, reverse=True)
    clean = [each.label for each in audits if not each.findings]
    if clean:
        log.info(f"nothing to say about {' and '.join(clean)}")
    return audits
