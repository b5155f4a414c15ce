"""torchvision's MobileNetV2 and timm's MobileNetV1, which have no SE of their own."""

from torch import nn
from torchvision.models.mobilenetv2 import InvertedResidual, MobileNetV2

from .plan import Seat
from .reference import Reference, spell


def relu_for_relu6(net):
    """What a network whose activations never reach 6 would not notice."""
    for module in [*net.modules()]:
        for name, child in module.named_children():
            if isinstance(child, nn.ReLU6):
                setattr(module, name, nn.ReLU())


def v2_blocks(net):
    return [module for module in net.features if isinstance(module, InvertedResidual)]


# Blocks of each size of map: stage n has 1/2^n of the image's (Sandler et al. 2018, https://arxiv.org/abs/1801.04381, Table 2).
V2_STAGES = [stage for stage, count in enumerate((1, 2, 3, 4 + 3, 3 + 1), start=1) for _ in range(count)]


def v2(name, plan, classes, in_channels):
    net = MobileNetV2(num_classes=classes)
    for stage, block in zip(V2_STAGES, v2_blocks(net)):
        depthwise = block.conv[-3]
        at = depthwise if plan.where == "dw" else block.conv[-1]
        channels = depthwise[0].out_channels if plan.where == "dw" else block.conv[-1].num_features
        plan.insert([Seat(block, stage, at, channels)])
    ends = [block.conv[-1] for block in v2_blocks(net) if block.use_res_connect]
    return Reference(net.eval(), [*net.features], ends, faults={"ReLU for ReLU6": relu_for_relu6, "no ReLU6": no_activation})


def no_activation(net):
    for block in v2_blocks(net):
        block.conv[-3][2] = nn.Identity()


def v1(name, plan, classes, in_channels):
    import timm

    net = timm.create_model("mobilenetv1_100", pretrained=False, num_classes=classes, in_chans=in_channels)
    for stage, blocks in enumerate(net.blocks, start=1):
        for block in blocks:
            at = block.bn1 if plan.where == "dw" else block.bn2
            plan.insert([Seat(at, stage, at, at.num_features)])  # not the block, whose forward would call its `se` between the two
    rename = lambda key: spell(key, [("bn1.se.", "se."), ("bn2.se.", "se.")])
    return Reference(net.eval(), [*net.blocks], rename=rename, faults={"ReLU for ReLU6": v1_relu})


def v1_relu(net):
    for module in net.modules():
        if isinstance(getattr(module, "act", None), nn.ReLU6):
            module.act = nn.ReLU()


NETWORKS = {"mobilenet_v1": v1, "mobilenet_v2": v2}
