"""A reference network and what the comparison must know of it."""

from dataclasses import dataclass, field
from typing import Callable

from torch import nn


@dataclass(frozen=True)
class Reference:
    net: nn.Module
    #: Modules after which activations must have a deviation near 1.
    stages: list
    #: What ends each residual branch: made small, or the sum of many would leave that range.
    ends: list = field(default_factory=list)
    #: Convolutions without a bias that no BatchNorm follows at once.
    unnormalised: list = field(default_factory=list)
    #: The library's state-dict key -> ours.
    rename: Callable = lambda key: key
    #: Deliberate faults that only this family can have: name -> function that makes it in a network.
    faults: dict = field(default_factory=dict)


def spell(key, table):
    """`key` with each spelling of the library's replaced by ours."""
    for theirs, ours in table:
        key = key.replace(theirs, ours)
    return key


def without_aux(net):
    """Auxiliary heads serve training only; our networks have none."""
    for name in ("aux1", "aux2", "AuxLogits"):
        if getattr(net, name, None) is not None:
            setattr(net, name, None)
    return net
