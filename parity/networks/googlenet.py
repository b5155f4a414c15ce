"""torchvision's GoogLeNet, and the same with the paper's 5x5 convolutions, which torchvision has as 3x3. SE follows every module."""

from torch import nn
from torchvision.models.googlenet import BasicConv2d, GoogLeNet, Inception, InceptionAux

from .plan import Seat
from .reference import Reference

MODULES = ["3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"]


class TrueInception(Inception):
    """Szegedy et al. 2014 (https://arxiv.org/abs/1409.4842): the third branch has a 5x5."""

    def __init__(self, in_channels, ch1x1, ch3x3red, ch3x3, ch5x5red, ch5x5, pool_proj, conv_block=BasicConv2d):
        super().__init__(in_channels, ch1x1, ch3x3red, ch3x3, ch5x5red, ch5x5, pool_proj, conv_block)
        self.branch3[1] = conv_block(ch5x5red, ch5x5, kernel_size=5, padding=2)


def modules(net):
    return [getattr(net, f"inception{name}") for name in MODULES]


def width(module):
    branches = [module.branch1, module.branch2[1], module.branch3[1], module.branch4[1]]
    return sum(branch.conv.out_channels for branch in branches)


def build(name, plan, classes, in_channels):
    inception = TrueInception if name == "googlenet_5x5" else Inception
    net = GoogLeNet(classes, aux_logits=False, init_weights=False, blocks=[BasicConv2d, inception, InceptionAux])
    plan.insert(Seat(module, int(part[0]), module, width(module)) for part, module in zip(MODULES, modules(net)))
    faults = {"stem pools padded, not rounded up": padded_pools, "last pool 3x3": wide_last_pool, "mean pools in the branches": mean_pools}
    return Reference(net.eval(), [net.conv3, net.inception3b, net.inception4e, net.inception5b], faults=faults)


def padded_pools(net):
    net.maxpool1 = net.maxpool2 = net.maxpool3 = nn.MaxPool2d(3, stride=2, padding=1)


def wide_last_pool(net):
    net.maxpool4 = nn.MaxPool2d(3, stride=2, ceil_mode=True)


def mean_pools(net):
    for module in modules(net):
        module.branch4[0] = nn.AvgPool2d(3, stride=1, padding=1)


NETWORKS = {"googlenet": build, "googlenet_5x5": build}
