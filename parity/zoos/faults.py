"""Deliberate faults that an importer could make where shapes tell nothing: each changes a network in place and says whether it had anything
to change."""

from torch import nn

from faults import batch_norm_epsilon, batch_norms

from .structure import se_blocks

OTHER = {"ReLU6": nn.ReLU, "Hardswish": nn.SiLU, "HardSwish": nn.SiLU, "SiLU": nn.Hardswish, "Hardsigmoid": nn.Sigmoid, "HardSigmoid": nn.Sigmoid}


def epsilon(net):
    batch_norm_epsilon(net)
    return bool(batch_norms(net))


def gates_off(net):
    blocks = se_blocks(net)
    for block in blocks:
        block.register_forward_hook(lambda module, inputs, output: inputs[0])
    return bool(blocks)


def replace(net, wanted, make):
    """Puts another module in the place of each that is wanted."""
    found = [(module, name, child) for module in net.modules() for name, child in module.named_children() if wanted(child)]
    for module, name, child in found:
        setattr(module, name, make(child))
    return bool(found)


def layer_of(part):
    """The convolution of a layer with its BatchNorm."""
    return part if isinstance(part, nn.Conv2d) else getattr(part, "conv", None) or part[0]


def strides(net):
    """On the other convolution of each block that halves the map."""
    changed = False
    for block in [*net.modules()][1:]:
        owner, first, second = (block.f, "a", "b") if type(block).__name__ == "ResBottleneckBlock" else (block, "conv1", "conv2")
        if not (hasattr(owner, first) and hasattr(owner, second) and hasattr(owner, "conv3" if first == "conv1" else "c")):
            continue
        one, two = layer_of(getattr(owner, first)), layer_of(getattr(owner, second))
        changed |= one.stride != two.stride
        one.stride, two.stride = two.stride, one.stride
    return changed


def pool_form(net):
    """Padded on all sides, or not and rounded up: the maps have the same size either way."""
    return replace(net, lambda child: isinstance(child, nn.MaxPool2d) and bool(child.padding) != child.ceil_mode,
                   lambda child: nn.MaxPool2d(child.kernel_size, child.stride, 0 if child.padding else 1, ceil_mode=not child.ceil_mode))


def activations(net):
    """The nearest relative of each activation that has one."""
    return replace(net, lambda child: type(child).__name__ in OTHER, lambda child: OTHER[type(child).__name__]())


def mean_pools(net):
    return replace(net, lambda child: isinstance(child, nn.MaxPool2d),
                   lambda child: nn.AvgPool2d(child.kernel_size, child.stride, child.padding, child.ceil_mode))


FAULTS = {
    "BatchNorm epsilon 1e-3 for 1e-5, or 1e-5 for 1e-3": epsilon,
    "gates off": gates_off,
    "stride on the other convolution": strides,
    "pools in the other form": pool_form,
    "activations of the next kind": activations,
    "means for maxima": mean_pools,
}
