"""timm's EfficientNet and MobileNetV3, with its own SE: those with TensorFlow's padding and epsilon, and those whose epsilon is not
torchvision's. Our keys are torchvision's, which count every convolution."""

from functools import partial

from torch import nn
from torch.nn import functional

from .reference import Reference


def blocks(net):
    """Those with a depthwise convolution; MobileNetV3 has one more, a 1x1 alone."""
    return [block for stage in net.blocks for block in stage if hasattr(block, "conv_dw")]


def build(name, plan, classes, in_channels):
    import timm

    net = timm.create_model(name.removeprefix("timm_"), num_classes=classes, in_chans=in_channels)
    rename = partial(spelled, spellings(net))
    for block in blocks(net):
        if has_se(block) and not plan.se:
            block.se = nn.Identity()
    ends = [last_norm(block) for block in blocks(net) if block.has_skip]
    faults = {"ReLU for the activation": relu}
    if same_convolutions(net):
        faults["the same padding on each side"] = symmetric
    return Reference(net.eval(), [*net.blocks], ends, rename=rename, faults=faults)


def has_se(block):
    return hasattr(block.se, "conv_reduce")


def last_norm(block):
    return block.bn3 if hasattr(block, "conv_pwl") else block.bn2


def spelled(table, key):
    """`key` with its beginning as ours."""
    theirs, ours = next((theirs, ours) for theirs, ours in table if key.startswith(theirs))
    return ours + key.removeprefix(theirs)


def spellings(net):
    """[(the start of a key of timm's, of ours)], for the network as published."""
    flat = net.conv_head.bias is not None  # MobileNetV3 counts its blocks, EfficientNet its stages and the blocks of each
    table = [("conv_stem.", "features.0.0."), ("bn1.", "features.0.1.")]
    for i, stage in enumerate(net.blocks):
        for j, block in enumerate(stage):
            number = sum(map(len, net.blocks[:i])) + j
            ours = f"features.{number + 1}." if flat else f"features.{i + 1}.{j}."
            table += [(f"blocks.{i}.{j}.{theirs}", ours + place) for theirs, place in places(block)]
    if flat:
        return [*table, ("conv_head.", "classifier.0."), ("classifier.", "classifier.3.")]
    head = f"features.{len(net.blocks) + 1}."
    return [*table, ("conv_head.", f"{head}0."), ("bn2.", f"{head}1."), ("classifier.", "classifier.1.")]


def places(block):
    """[(the start of a key in a block of timm's, of ours)]."""
    if not hasattr(block, "conv_dw"):
        return [("conv.", "0."), ("bn1.", "1.")]
    se = [(("se.conv_reduce.", "fc1."), ("se.conv_expand.", "fc2."))] if has_se(block) else []
    if hasattr(block, "conv_pwl"):
        units = [unit("conv_pw", "bn1"), unit("conv_dw", "bn2"), *se, unit("conv_pwl", "bn3")]
    else:
        units = [unit("conv_dw", "bn1"), *se, unit("conv_pw", "bn2")]
    return [(theirs, f"block.{number}.{ours}") for number, pairs in enumerate(units) for theirs, ours in pairs]


def unit(convolution, norm):
    return (f"{convolution}.", "0."), (f"{norm}.", "1.")


def same_convolutions(net):
    """Those that timm pads at each run, by the size of what comes in."""
    from timm.layers import Conv2dSame

    return [module for module in net.modules() if isinstance(module, Conv2dSame)]


def symmetric(net):
    """PyTorch's padding: half the kernel on each side."""
    for module in same_convolutions(net):
        module.forward = partial(padded, module)


def padded(module, x):
    half = module.kernel_size[0] // 2
    return functional.conv2d(x, module.weight, module.bias, module.stride, half, module.dilation, module.groups)


def relu(net):
    for module in [*net.modules()]:
        for name, child in module.named_children():
            if isinstance(child, (nn.SiLU, nn.Hardswish)):
                setattr(module, name, nn.ReLU())


NETWORKS = {
    **{f"tf_efficientnet_b{number}": build for number in range(8)},
    **{f"{prefix}mobilenetv3_{size}_100": build for prefix in ("", "tf_") for size in ("large", "small")},
    "timm_efficientnet_b5": build,
}
