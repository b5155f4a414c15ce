"""ShuffleNetV1 with 3 groups, which neither torchvision nor timm has: written from Zhang et al. 2017 (https://arxiv.org/abs/1707.01083),
Table 1 and Fig. 2, with the names of imgclsmob's network. SE stands on the branch of every unit."""

from collections import OrderedDict

import torch
from torch import nn
from torch.nn import functional

from .plan import Seat
from .reference import Reference

GROUPS = 3


class Unit(nn.Module):
    def __init__(self, inside, outside, first_groups):
        super().__init__()
        middle, self.halves = outside // 4, inside != outside
        branch = outside - inside if self.halves else outside
        stride = 2 if self.halves else 1
        self.compress_conv1 = nn.Conv2d(inside, middle, 1, groups=first_groups, bias=False)
        self.compress_bn1 = nn.BatchNorm2d(middle)
        self.shuffle = nn.ChannelShuffle(GROUPS)
        self.dw_conv2 = nn.Conv2d(middle, middle, 3, stride, 1, groups=middle, bias=False)
        self.dw_bn2 = nn.BatchNorm2d(middle)
        self.expand_conv3 = nn.Conv2d(middle, branch, 1, groups=GROUPS, bias=False)
        self.expand_bn3 = nn.BatchNorm2d(branch)
        self.counted = True

    def forward(self, x):
        y = self.shuffle(torch.relu(self.compress_bn1(self.compress_conv1(x))))
        y = self.expand_bn3(self.expand_conv3(self.dw_bn2(self.dw_conv2(y))))
        if not self.halves:
            return torch.relu(x + y)
        pooled = functional.avg_pool2d(x, 3, 2, 1, count_include_pad=self.counted)
        return torch.relu(torch.cat([y, pooled], 1))


def stage(inside, outside, repeats, first_groups):
    units = [Unit(inside, outside, first_groups), *[Unit(outside, outside, GROUPS) for _ in range(repeats - 1)]]
    return nn.Sequential(OrderedDict((f"unit{number}", unit) for number, unit in enumerate(units, start=1)))


class ShuffleNet(nn.Module):
    def __init__(self, classes, in_channels):
        super().__init__()
        first = OrderedDict(conv=nn.Conv2d(in_channels, 24, 3, 2, 1, bias=False), bn=nn.BatchNorm2d(24), relu=nn.ReLU(),
                            pool=nn.MaxPool2d(3, 2, 1))
        self.features = nn.Sequential(OrderedDict(init_block=nn.Sequential(first), stage1=stage(24, 240, 4, 1),
                                                  stage2=stage(240, 480, 8, GROUPS), stage3=stage(480, 960, 4, GROUPS)))
        self.output = nn.Linear(960, classes)

    def forward(self, x):
        return self.output(self.features(x).mean((2, 3)))


def units(net):
    """With the paper's number of the stage of each."""
    for number, module in enumerate([net.features.stage1, net.features.stage2, net.features.stage3], start=2):
        for unit in module:
            yield number, unit


def seats(net, where):
    for number, unit in units(net):
        if where == "unit":
            yield Seat(unit, number, unit, 4 * unit.compress_bn1.num_features)
        elif not (where == "branch_s1" and unit.halves):
            yield Seat(unit, number, unit.expand_bn3, unit.expand_bn3.num_features)


def build(name, plan, classes, in_channels):
    net = ShuffleNet(classes, in_channels)
    plan.insert(seats(net, plan.where))
    # A gate on what a unit gives shrinks what comes in at each: there the branches need not be small.
    ends = [] if plan.where == "unit" else [unit.expand_bn3 for _, unit in units(net) if not unit.halves]
    faults = {
        "no shuffle": lambda wrong: shuffle(wrong, nn.Identity()),
        "shuffle the other way": lambda wrong: shuffle(wrong, Unshuffle()),
        "means without the padding": uncounted_padding,
    }
    return Reference(net.eval(), [*net.features], ends, faults=faults)


class Unshuffle(nn.Module):
    """The inverse permutation, as one port has it."""

    def forward(self, x):
        return functional.channel_shuffle(x, x.shape[1] // GROUPS)


def shuffle(net, module):
    for _, unit in units(net):
        unit.shuffle = module


def uncounted_padding(net):
    for _, unit in units(net):
        unit.counted = False


NETWORKS = {"shufflenet_v1_g3": build}
