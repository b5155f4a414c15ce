"""ResNet in all its forms: torchvision's own (v1.5) and ResNeXt, the same network in v1's stride and pool places, timm's ResNet-D,
SE-ResNet, ResNet-RS and SENet-154, timm's legacy classes (Cadene's port of the Caffe models)."""

import dataclasses

import torch
from torch import nn
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

from .plan import Plan, Seat
from .reference import Reference, spell

DEPTHS = {
    "resnet18": (BasicBlock, [2, 2, 2, 2]),
    "resnet34": (BasicBlock, [3, 4, 6, 3]),
    "resnet50": (Bottleneck, [3, 4, 6, 3]),
    "resnet101": (Bottleneck, [3, 4, 23, 3]),
    "resnet152": (Bottleneck, [3, 8, 36, 3]),
}
# Groups and width of ResNeXt (Xie et al. 2017).
NEXT = {
    "resnext50_32x4d": ("resnet50", {"groups": 32, "width_per_group": 4}),
    "resnext101_32x4d": ("resnet101", {"groups": 32, "width_per_group": 4}),
    "resnext101_32x8d": ("resnet101", {"groups": 32, "width_per_group": 8}),
    "resnext101_64x4d": ("resnet101", {"groups": 64, "width_per_group": 4}),
}


def stages(net):
    return [net.layer1, net.layer2, net.layer3, net.layer4]


def blocks(net):
    return [block for stage in stages(net) for block in stage]


def branch_end(block):
    """The last BatchNorm of a block's residual branch."""
    return block.bn3 if hasattr(block, "bn3") else block.bn2


def seats(net, where="standard"):
    for number, stage in enumerate(stages(net), start=2):
        for block in stage:
            yield seat(block, number, where)


def seat(block, stage, where):
    """Hu et al. v4, Fig. 5 and section 6.5; "relu" is what timm's legacy basic block has."""
    out = branch_end(block).num_features
    if where == "pre":
        return Seat(block, stage, block.conv1, block.conv1.in_channels, before=True)
    if where == "post":
        return Seat(block, stage, block, out)
    if where == "identity":
        block.downsample = block.downsample or nn.Identity()  # something to hook where the shortcut is x itself
        return Seat(block, stage, block.downsample, out)
    if where == "3x3":
        return Seat(block, stage, block.conv3, block.conv3.in_channels, before=True)
    return Seat(block, stage, branch_end(block), out, first=torch.relu if where == "relu" else None)


def torchvision_net(name, classes=1000, in_channels=3):
    depth, widths = NEXT.get(name, (name, {}))
    net = ResNet(*DEPTHS[depth], num_classes=classes, **widths)
    if in_channels != 3:
        net.conv1 = nn.Conv2d(in_channels, 64, kernel_size=7, stride=2, padding=3, bias=False)
    return net


def se_resnet(name, r=16, bias=False):
    """torchvision's network with the SE block of Hu et al. in every residual block."""
    net = torchvision_net(name)
    Plan(r=r, bias=bias).insert(seats(net))
    return net.eval()


def build(name, plan, classes, in_channels):
    old = name.endswith("_v1")
    net = torchvision_net(name.removesuffix("_v1"), classes, in_channels)
    if old:  # as published and in Caffe, whose ResNeXt has the stride where torchvision has it
        stem_pool_ceil(net)
        if isinstance(net.layer1[0], Bottleneck) and not name.startswith("resnext"):
            swap_strides(net)
    plan.insert(seats(net, plan.where or "standard"))
    # A gate on the sum, or on the shortcut, shrinks what comes in at every block: there the branches need not be small.
    return finish(net, small_branches=plan.where not in ("post", "identity"))


def finish(net, rename=lambda key: key, small_branches=True):
    faults = stem_faults(net)
    if anti_aliased(net.layer2[0]):
        faults["stride on the 3x3 for the mean behind it"] = no_anti_aliasing
    elif hasattr(blocks(net)[0], "conv3"):
        faults["stride on the other convolution"] = swap_strides
    if isinstance(net.layer2[0].downsample[0], nn.AvgPool2d):
        faults["no mean before the shortcut's 1x1"] = no_shortcut_mean
    elif net.layer2[0].downsample[0].kernel_size == (3, 3):
        faults["1x1 for the shortcuts' 3x3"] = small_shortcut
    ends = [branch_end(block) for block in blocks(net)] if small_branches else []
    return Reference(net.eval(), stages(net), ends, rename=rename, faults=faults)


def stem_faults(net):
    if hasattr(net, "layer0"):
        return {"stem pool0 in the other form": swap_pool_form}
    if isinstance(net.maxpool, nn.MaxPool2d):
        return {"stem pool in the other form": swap_pool_form}
    return {"maxima for what halves the stem": maxima}


def build_timm(name, plan, classes, in_channels):
    """timm's own class. Those that have SE keep timm's, unless the plan has none; ResNet-D gets the seed's."""
    import timm

    net = timm.create_model(name, pretrained=False, num_classes=classes, in_chans=in_channels)
    legacy = hasattr(net, "layer0")
    child = "se_module" if legacy else "se"
    own = getattr(blocks(net)[0], child, None) is not None
    if own and not plan.se:
        for block in blocks(net):
            setattr(block, child, nn.Identity())
    if not own:
        plan.insert(dataclasses.replace(seat, at=None) for seat in seats(net))
    return finish(net, legacy_key if legacy else lambda key: key)


def legacy_key(key):
    stem = [("layer0.conv1.", "conv1."), ("layer0.bn1.", "bn1.")]
    return spell(key, [("se_module.", "se."), ("last_linear.", "fc."), *stem])


def deep_legacy_key(key):
    """SENet-154's stem has three convolutions: timm's own class calls them conv1.0, 3 and 6."""
    stem = [("layer0.conv1.", "conv1.0."), ("layer0.bn1.", "conv1.1."), ("layer0.conv2.", "conv1.3."), ("layer0.bn2.", "conv1.4."),
            ("layer0.conv3.", "conv1.6."), ("layer0.bn3.", "bn1.")]
    return spell(key, [("se_module.", "se."), ("last_linear.", "fc."), *stem])


def build_legacy_senet(name, plan, classes, in_channels):
    reference = build_timm(name, plan, classes, in_channels)
    return finish(reference.net, deep_legacy_key)


def stem_pool_ceil(net):
    """Caffe's stem pool: no padding, rounded up. The size is the same, the windows start elsewhere."""
    net.maxpool = nn.MaxPool2d(3, stride=2, padding=0, ceil_mode=True)


def swap_pool_form(net):
    name = "pool0" if hasattr(net, "layer0") else "maxpool"
    ceil = getattr(net, name).ceil_mode
    setattr(net, name, nn.MaxPool2d(3, stride=2, padding=1 if ceil else 0, ceil_mode=not ceil))


def maxima(net):
    """ResNet's stem pool for the mean of the anti-aliased networks, or for the convolution of ResNet-RS."""
    net.maxpool = nn.MaxPool2d(3, stride=2, padding=1)


def anti_aliased(block):
    return isinstance(getattr(block, "aa", None), nn.AvgPool2d)


def no_anti_aliasing(net):
    for block in blocks(net):
        if anti_aliased(block):
            block.conv2.stride, block.aa = (2, 2), nn.Identity()


def swap_strides(net):
    """ResNet v1 has the stride on the first 1x1, v1.5 on the 3x3."""
    for block in blocks(net):
        block.conv1.stride, block.conv2.stride = block.conv2.stride, block.conv1.stride


def no_shortcut_mean(net):
    """A plain stride where ResNet-D has a mean of 2x2."""
    for block in blocks(net):
        if block.downsample is not None and isinstance(block.downsample[0], nn.AvgPool2d):
            block.downsample[0] = nn.MaxPool2d(1, stride=2)


def small_shortcut(net):
    for block in blocks(net):
        if block.downsample is not None and block.downsample[0].kernel_size == (3, 3):
            weight = block.downsample[0].weight.data
            kept = weight[:, :, 1, 1].clone()
            weight.zero_()
            weight[:, :, 1, 1] = kept


NETWORKS = {
    **{name: build for name in (*DEPTHS, *NEXT)},
    **{f"{name}_v1": build for name in (*DEPTHS, "resnext50_32x4d", "resnext101_32x4d")},
    **{f"{name}d": build_timm for name in DEPTHS},
    **{f"se{name}": build_timm for name in (*DEPTHS, *NEXT)},
    **{name: build_timm for name in ("seresnet152d", "seresnext26d_32x4d", "seresnext26t_32x4d", "seresnext101d_32x8d")},
    **{name: build_timm for name in ("seresnextaa101d_32x8d", "seresnextaa201d_32x8d")},
    **{f"resnetrs{depth}": build_timm for depth in (50, 101, 152, 200, 270, 350, 420)},
    "senet154": build_timm,
    **{f"legacy_se{name}": build_timm for name in (*DEPTHS, "resnext26_32x4d", "resnext50_32x4d", "resnext101_32x4d")},
    "legacy_senet154": build_legacy_senet,
}
