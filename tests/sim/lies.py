"""Every way to lie that a simulated line may have in it."""

from __future__ import annotations

from sim.disturbers import ExtremeTimes, HiddenEpoch, JunkLines
from sim.liars import (
    BackDated,
    BackDatedLongAgo,
    BackDatedView,
    Bomb,
    BrokenProof,
    FallingView,
    FalseRoot,
    FalseSignature,
    FalseSize,
    ForgedEcho,
    Fork,
    KeyAgain,
    Lie,
    MachineAcknowledges,
    OtherBundle,
    OtherLeaves,
    OtherLine,
    RevokedKey,
    Rollback,
    TamperedPart,
    UnknownKey,
    Withheld,
)
from sim.liarsahead import StopReplaced, StopTakenBack

LIES: tuple[type[Lie], ...] = (
    FalseRoot,
    FalseSize,
    FalseSignature,
    FallingView,
    BackDated,
    BackDatedView,
    BackDatedLongAgo,
    UnknownKey,
    MachineAcknowledges,
    RevokedKey,
    KeyAgain,
    OtherLine,
    OtherBundle,
    Bomb,
    Fork,
    Rollback,
    StopTakenBack,
    StopReplaced,
    Withheld,
    ForgedEcho,
    OtherLeaves,
    BrokenProof,
    TamperedPart,
    JunkLines,
    ExtremeTimes,
    HiddenEpoch,
)
