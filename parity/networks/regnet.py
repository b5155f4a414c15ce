"""torchvision's RegNetY, with its own SE."""

from torch import nn
from torchvision.models import regnet
from torchvision.models.regnet import ResBottleneckBlock
from torchvision.ops.misc import SqueezeExcitation

from .reference import Reference


def blocks(net):
    return [module for module in net.modules() if isinstance(module, ResBottleneckBlock)]


def build(name, plan, classes, in_channels):
    net = getattr(regnet, name)(num_classes=classes)
    for block in blocks(net):
        if not plan.se:
            block.f.se = nn.Identity()
        elif plan.r:
            hidden = int(round(block.f.a[0].in_channels / plan.r))
            block.f.se = SqueezeExcitation(block.f.b[0].out_channels, hidden)
    ends = [block.f.c[1] for block in blocks(net)]
    return Reference(net.eval(), [*net.trunk_output], ends, faults={"stride on the first 1x1": early_stride})


def early_stride(net):
    for block in blocks(net):
        block.f.a[0].stride, block.f.b[0].stride = block.f.b[0].stride, block.f.a[0].stride


SIZES = ("400mf", "800mf", "1_6gf", "3_2gf", "8gf", "16gf", "32gf")
NETWORKS = {f"regnet_y_{size}": build for size in SIZES}
