"""The Squeeze-and-Excitation block of Hu et al. 2018 (https://arxiv.org/abs/1709.01507) as PyTorch users write it, and its relatives, each
from the code that made it known or, where there is none to import, from its paper. Every one scales x [N,C,H,W]."""

import torch
from torch import nn

SQUEEZES = {
    "avg": lambda x: x.mean((2, 3)),
    "max": lambda x: x.amax((2, 3)),
    "avgmax": lambda x: 0.5 * x.mean((2, 3)) + 0.5 * x.amax((2, 3)),
}
EXCITATIONS = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU, "hardsigmoid": nn.Hardsigmoid}


class SqueezeExcite(nn.Module):
    """One gate a channel, learnt from the channels' means; fc1.weight is [hidden,C], fc2.weight [C,hidden]."""

    def __init__(self, channels, hidden, bias=False, squeeze="avg", excitation="sigmoid"):
        super().__init__()
        self.squeeze = SQUEEZES[squeeze]
        self.fc1 = nn.Linear(channels, hidden, bias=bias)
        self.relu = nn.ReLU()
        self.fc2 = nn.Linear(hidden, channels, bias=bias)
        self.excitation = EXCITATIONS[excitation]()

    def forward(self, x):
        gate = self.excitation(self.fc2(self.relu(self.fc1(self.squeeze(x)))))
        return x * gate[:, :, None, None]


class NoSqueeze(nn.Module):
    """Hu et al. v4, section 7.1: the same two layers without a squeeze, as 1x1 convolutions."""

    def __init__(self, channels, hidden, bias=False):
        super().__init__()
        self.fc1 = nn.Conv2d(channels, hidden, 1, bias=bias)
        self.fc2 = nn.Conv2d(hidden, channels, 1, bias=bias)

    def forward(self, x):
        return x * torch.sigmoid(self.fc2(torch.relu(self.fc1(x))))


class SpatialChannelSqueezeExcite(nn.Module):
    """Roy et al. 2018 (https://arxiv.org/abs/1803.02579, section 3.3): x scaled by the channels, plus x scaled by the pixels."""

    def __init__(self, channels, hidden):
        super().__init__()
        first, second = nn.Conv2d(channels, hidden, 1), nn.Conv2d(hidden, channels, 1)
        self.cSE = nn.Sequential(nn.AdaptiveAvgPool2d(1), first, nn.ReLU(), second, nn.Sigmoid())
        self.sSE = nn.Sequential(nn.Conv2d(channels, 1, 1), nn.Sigmoid())

    def forward(self, x):
        return x * self.cSE(x) + x * self.sSE(x)


def effective_se(channels):
    from timm.layers import EffectiveSEModule

    return EffectiveSEModule(channels)


def eca(channels):
    from timm.layers import EcaModule

    return EcaModule(channels)


def layers_of(block):
    """The hidden layers and the layers that make gates, of SE (ours, torchvision's, timm's two) or of a relative; two empty lists for
    any other module."""
    if hasattr(block, "fc1") and hasattr(block, "fc2"):
        return [block.fc1], [block.fc2]
    if hasattr(block, "conv_reduce") and hasattr(block, "conv_expand"):
        return [block.conv_reduce], [block.conv_expand]
    if isinstance(block, SpatialChannelSqueezeExcite):
        return [block.cSE[1]], [block.cSE[3], block.sSE[0]]
    name = type(block).__name__
    return [], [block.fc] if name == "EffectiveSEModule" else [block.conv] if name == "EcaModule" else []


def excitation_of(block):
    """Class name of what makes the gate, the last of its activations; timm and torch spell the hard sigmoid in two ways."""
    names = [type(child).__name__ for child in block.children()]
    return next((name for name in reversed(names) if name in ("Sigmoid", "Hardsigmoid", "HardSigmoid", "Tanh", "ReLU")), "Sigmoid")


def is_se(block):
    return any(layers_of(block))


def se_blocks(net):
    """Every SE block of `net` with its name, in order of construction."""
    return {name: module for name, module in net.named_modules() if is_se(module)}
