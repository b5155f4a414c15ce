"""torchvision's EfficientNet, with its own SE."""

from functools import partial

from torch import nn
from torchvision.models import efficientnet
from torchvision.models.efficientnet import MBConv
from torchvision.ops.misc import SqueezeExcitation

from .reference import Reference


def blocks(net):
    return [module for module in net.modules() if isinstance(module, MBConv)]


def se_index(block):
    return next((i for i, part in enumerate(block.block) if isinstance(part, SqueezeExcitation)), None)


def build(name, plan, classes, in_channels):
    net = getattr(efficientnet, name)(num_classes=classes)
    for block in blocks(net):
        i = se_index(block)
        if not plan.se:
            block.block[i] = nn.Identity()
        elif plan.r:
            channels, base = block.block[i].fc1.in_channels, block.block[0][0].in_channels
            block.block[i] = SqueezeExcitation(channels, max(1, base // plan.r), activation=partial(nn.SiLU, inplace=True))
    ends = [block.block[-1][1] for block in blocks(net) if block.use_res_connect]
    faults = {"ReLU for SiLU": no_silu}
    if plan.se:
        faults["ReLU inside SE"] = relu_inside
    return Reference(net.eval(), [*net.features], ends, faults=faults)


def relu_inside(net):
    for block in blocks(net):
        block.block[se_index(block)].activation = nn.ReLU()


def no_silu(net):
    for block in blocks(net):
        for part in block.block:
            if len([*part.children()]) == 3 and isinstance(part[2], nn.SiLU):
                part[2] = nn.ReLU()


NETWORKS = {f"efficientnet_b{number}": build for number in range(8)}
