"""What conditioning and faults must know of a network of any zoo, read off its modules."""

from torch import nn

from networks.blocks import layers_of

from .moskomule import SqueezeExcite

#: Auxiliary heads serve training only: files have their weights, inference never reads them.
AUXILIARY = ("aux1.", "aux2.", "AuxLogits.")
#: Not SE, though their layers have the names of SE's: the head of timm's VGG, and the auxiliary ones of torchvision's GoogLeNet.
OTHERS = ("ConvMlp", "InceptionAux")


def se_layers(module):
    """The hidden and the last layer of an SE block of any zoo; None for any other module."""
    if type(module).__name__ in OTHERS:
        return None
    hidden, gates = layers_of(module)
    if hidden and gates:
        return hidden[0], gates[0]
    return (module.fc[0], module.fc[2]) if isinstance(module, SqueezeExcite) else None


def se_blocks(net):
    return [module for module in net.modules() if se_layers(module)]


def last_norm(module):
    return [part for part in module.modules() if isinstance(part, nn.BatchNorm2d)][-1]


def residual_end(block):
    """The last BatchNorm of a residual branch, where `block` has one."""
    if getattr(block, "use_res_connect", False) or getattr(block, "has_skip", False):
        return last_norm(block)
    if type(block).__name__ == "ResBottleneckBlock":
        return last_norm(block.f)
    if hasattr(block, "conv3_1x1"):
        return last_norm(block.conv3_1x1)
    if hasattr(block, "downsample") and hasattr(block, "conv2"):
        return last_norm(getattr(block, "bn3", None) or getattr(block, "bn2", None) or block.conv3)
    return None


def residual_ends(net):
    return [end for end in map(residual_end, net.modules()) if end is not None]


def unnormalised(net):
    """Convolutions without a bias that no BatchNorm follows at once: DenseNet's, which has it in front."""
    for module in net.modules():
        kind = type(module).__name__.lstrip("_")
        if kind == "DenseLayer":
            yield module.conv2
        if kind in ("Transition", "DenseTransition"):
            yield module.conv
