"""Where a case puts SE blocks into a reference network, and which."""

from dataclasses import dataclass
from typing import Callable, Optional

from torch import nn

from .blocks import NoSqueeze, SpatialChannelSqueezeExcite, SqueezeExcite, eca, effective_se


@dataclass(frozen=True)
class Seat:
    """A spot where SE may stand: `owner` gets it as its child `se`, and it scales the output of `at` (with `before`, its first input);
    at None the owner's own forward calls it. `first` is applied to what it scales; r divides `base`, the channels unless given."""

    owner: nn.Module
    stage: int
    at: Optional[nn.Module]
    channels: int
    before: bool = False
    first: Optional[Callable] = None
    base: Optional[int] = None


@dataclass(frozen=True)
class Plan:
    """What `se-onnx build` takes as --no-se, --r, --se-bias, --se-stages, --se-where, --rd-divisor, --squeeze, --excitation and
    --se-block; None is the family's own choice."""

    se: bool = True
    r: Optional[int] = None
    bias: Optional[bool] = None
    stages: Optional[tuple] = None
    where: Optional[str] = None
    rd_divisor: Optional[int] = None
    squeeze: str = "avg"
    excitation: str = "sigmoid"
    block: str = "se"

    @staticmethod
    def of(case):
        names = {"se": "se", "r": "r", "bias": "bias", "stages": "stages", "where": "where", "rdDivisor": "rd_divisor",
                 "squeeze": "squeeze", "excitation": "excitation", "block": "block"}
        return Plan(**{python: case[script] for script, python in names.items() if script in case})

    def hidden(self, base):
        """Hidden units for r dividing `base`: rounded down, or as timm's make_divisible without a limit."""
        units = base / (self.r or 16)
        if self.rd_divisor:
            return max(self.rd_divisor, int(units + self.rd_divisor / 2) // self.rd_divisor * self.rd_divisor)
        return int(units)

    def make(self, channels, base=None):
        hidden = self.hidden(base or channels)
        if self.block == "effective-se":
            return effective_se(channels)
        if self.block == "eca":
            return eca(channels)
        if self.block == "scse":
            return SpatialChannelSqueezeExcite(channels, hidden)
        if self.block == "no-squeeze":
            return NoSqueeze(channels, hidden, bool(self.bias))
        return SqueezeExcite(channels, hidden, bool(self.bias), self.squeeze, self.excitation)

    def insert(self, seats):
        """Puts a block into every seat that the plan wants one in. The network's own forward stays as its authors wrote it."""
        for seat in seats:
            if self.se and (self.stages is None or seat.stage in self.stages):
                seat.owner.se = self.make(seat.channels, seat.base)
                if seat.at is not None:
                    (hook_before if seat.before else hook_after)(seat)


def hook_after(seat):
    scale = seat.owner.se if seat.first is None else lambda y: seat.owner.se(seat.first(y))
    seat.at.register_forward_hook(lambda module, inputs, output: scale(output))


def hook_before(seat):
    seat.at.register_forward_pre_hook(lambda module, inputs: (seat.owner.se(inputs[0]), *inputs[1:]))
