"""torchvision's VGG. SE follows the ReLU of every convolution (Hu et al. v4, section 3.3), or of the last one before each pool."""

from torch import nn
from torchvision.models import vgg

from .plan import Seat
from .reference import Reference


def seats(net, where):
    stage, width = 1, 3
    for layer, following in zip(net.features, [*net.features][1:]):
        if isinstance(layer, nn.Conv2d):
            width = layer.out_channels
        if isinstance(layer, nn.MaxPool2d):
            stage += 1
        if isinstance(layer, nn.ReLU) and (where != "last" or isinstance(following, nn.MaxPool2d)):
            yield Seat(layer, stage, layer, width)


def build(name, plan, classes, in_channels):
    net = getattr(vgg, name)(num_classes=classes, init_weights=False)
    plan.insert(seats(net, plan.where))
    pools = [layer for layer in net.features if isinstance(layer, nn.MaxPool2d)]
    faults = {"mean pools for maxima": mean_pools, "pool of 3x3": wide_pools, "adaptive pool to 7x7 by the nearest pixel": nearest}
    return Reference(net.eval(), pools, faults=faults)


def change_pools(net, make):
    for i, layer in enumerate(net.features):
        if isinstance(layer, nn.MaxPool2d):
            net.features[i] = make()


def mean_pools(net):
    change_pools(net, lambda: nn.AvgPool2d(2, 2))


def wide_pools(net):
    change_pools(net, lambda: nn.MaxPool2d(3, 2, padding=1))


def nearest(net):
    net.avgpool = nn.Upsample((7, 7))


NETWORKS = {name: build for depth in (11, 13, 16, 19) for name in (f"vgg{depth}", f"vgg{depth}_bn")}
