"""torchvision's MobileNetV3, with its own SE."""

from functools import partial

from torch import nn
from torchvision.models import mobilenetv3
from torchvision.models._utils import _make_divisible
from torchvision.models.mobilenetv3 import InvertedResidual
from torchvision.ops.misc import SqueezeExcitation

from .reference import Reference


def blocks(net):
    return [module for module in net.modules() if isinstance(module, InvertedResidual)]


def se_of(block):
    return next(((i, part) for i, part in enumerate(block.block) if isinstance(part, SqueezeExcitation)), (None, None))


def build(name, plan, classes, in_channels):
    net = getattr(mobilenetv3, name)(num_classes=classes)
    for block in blocks(net):
        i, se = se_of(block)
        if se and not plan.se:
            block.block[i] = nn.Identity()
        elif se and plan.r:
            channels = se.fc1.in_channels
            hidden = _make_divisible(channels // plan.r, 8)
            block.block[i] = SqueezeExcitation(channels, hidden, scale_activation=nn.Hardsigmoid)
    ends = [block.block[-1][1] for block in blocks(net) if block.use_res_connect]
    faults = {"SiLU for hard swish": soft_swish}
    if plan.se:
        faults["hard sigmoid with ONNX's slope of 0.2"] = steep
    return Reference(net.eval(), [*net.features], ends, faults=faults)


class SteepSigmoid(nn.Module):
    def forward(self, x):
        return (0.2 * x + 0.5).clamp(0, 1)


def steep(net):
    for block in blocks(net):
        if se_of(block)[1]:
            se_of(block)[1].scale_activation = SteepSigmoid()


def soft_swish(net):
    for module in [*net.modules()]:
        for name, child in module.named_children():
            if isinstance(child, nn.Hardswish):
                setattr(module, name, nn.SiLU())


NETWORKS = {"mobilenet_v3_small": build, "mobilenet_v3_large": build}
