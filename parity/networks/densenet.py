"""torchvision's DenseNet-121. SE stands after each transition's convolution and after the last normalisation, or after each layer's 3x3."""

from torch import nn
from torchvision.models.densenet import DenseNet

from .plan import Seat
from .reference import Reference, spell


def blocks(net):
    return [getattr(net.features, f"denseblock{number}") for number in (1, 2, 3, 4)]


def transitions(net):
    return [getattr(net.features, f"transition{number}") for number in (1, 2, 3)]


def seats(net, where):
    if where == "layer":
        for stage, block in enumerate(blocks(net), start=1):
            for layer in block.values():
                yield Seat(layer, stage, layer.conv2, layer.conv2.out_channels)
    else:
        for stage, transition in enumerate(transitions(net), start=1):
            # Not the transition, which is a Sequential: it would run a child `se` after its pool as well.
            yield Seat(transition.conv, stage, transition.conv, transition.conv.out_channels)
        yield Seat(net.features.norm5, 4, net.features.norm5, net.features.norm5.num_features)


def build(name, plan, classes, in_channels):
    net = DenseNet(num_classes=classes)
    plan.insert(seats(net, plan.where))
    faults = {"stem pool in the other form": stem_pool_ceil, "maxima in the transitions": maxima, "newest features first": newest_first}
    joined = [*[layer.conv2 for block in blocks(net) for layer in block.values()], *[t.conv for t in transitions(net)]]
    return Reference(net.eval(), [*blocks(net), net.features.norm5], rename=rename, faults=faults, unnormalised=joined)


def rename(key):
    return spell(key, [(".conv.se.", ".se.")])


def stem_pool_ceil(net):
    net.features.pool0 = nn.MaxPool2d(3, stride=2, padding=0, ceil_mode=True)


def maxima(net):
    for transition in transitions(net):
        transition.pool = nn.MaxPool2d(2, 2)


def newest_first(net):
    """Each layer reads the features in the other order."""
    for block in blocks(net):
        for layer in block.values():
            layer.register_forward_pre_hook(lambda m, x: (x[0][::-1],))


NETWORKS = {"densenet121": build}
