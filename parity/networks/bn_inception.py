"""BN-Inception, which neither torchvision nor timm has: the network of the SE paper's Caffe file (hujie-frank/SENet, SE-BN-Inception),
written from its layer table, with the names of Cadene's port. SE follows every module."""

import torch
from torch import nn

from .plan import Seat
from .reference import Reference

# 1x1 | 3x3 reduce, 3x3 | double reduce, double a, double b | pool, projection. Without a 1x1 the module halves its maps.
TABLE = {
    "3a": (64, 64, 64, 64, 96, 96, "avg", 32),
    "3b": (64, 64, 96, 64, 96, 96, "avg", 64),
    "3c": (0, 128, 160, 64, 96, 96, "halve", 0),
    "4a": (224, 64, 96, 96, 128, 128, "avg", 128),
    "4b": (192, 96, 128, 96, 128, 128, "avg", 128),
    "4c": (160, 128, 160, 128, 160, 160, "avg", 128),
    "4d": (96, 128, 192, 160, 192, 192, "avg", 128),
    "4e": (0, 128, 192, 192, 256, 256, "halve", 0),
    "5a": (352, 192, 320, 160, 224, 224, "avg", 128),
    "5b": (352, 192, 320, 192, 224, 224, "max", 128),
}


class BNInception(nn.Module):
    def __init__(self, classes, in_channels):
        super().__init__()
        self.unit("conv1_7x7_s2", in_channels, 64, 7, 2)
        self.unit("conv2_3x3_reduce", 64, 64, 1)
        self.unit("conv2_3x3", 64, 192, 3)
        self.pool = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.pools = {"avg": nn.AvgPool2d(3, 1, 1), "max": nn.MaxPool2d(3, 1, 1), "halve": nn.MaxPool2d(3, 2, ceil_mode=True)}
        self.widths = {}
        width = 192
        for name, (one, reduce3, three, reduce2, a, b, pool, projection) in TABLE.items():
            m, stride = f"inception_{name}", 2 if pool == "halve" else 1
            if one:
                self.unit(f"{m}_1x1", width, one, 1)
                self.unit(f"{m}_pool_proj", width, projection, 1)
            self.unit(f"{m}_3x3_reduce", width, reduce3, 1)
            self.unit(f"{m}_3x3", reduce3, three, 3, stride)
            self.unit(f"{m}_double_3x3_reduce", width, reduce2, 1)
            self.unit(f"{m}_double_3x3_1", reduce2, a, 3)
            self.unit(f"{m}_double_3x3_2", a, b, 3, stride)
            width = one + three + b + (projection or width)
            self.widths[name] = width
            self.add_module(m, nn.Identity())  # what SE hangs on
        self.last_linear = nn.Linear(width, classes)

    def unit(self, name, inside, outside, kernel, stride=1):
        self.add_module(name, nn.Conv2d(inside, outside, kernel, stride, kernel // 2, bias=False))
        self.add_module(f"{name}_bn", nn.BatchNorm2d(outside))

    def do(self, x, *names):
        for name in names:
            x = torch.relu(getattr(self, f"{name}_bn")(getattr(self, name)(x)))
        return x

    def module(self, x, name):
        one, *_, pool, projection = TABLE[name]
        m = f"inception_{name}"
        branches = [self.do(x, f"{m}_1x1")] if one else []
        branches.append(self.do(x, f"{m}_3x3_reduce", f"{m}_3x3"))
        branches.append(self.do(x, f"{m}_double_3x3_reduce", f"{m}_double_3x3_1", f"{m}_double_3x3_2"))
        pooled = self.pools[pool](x)
        branches.append(self.do(pooled, f"{m}_pool_proj") if projection else pooled)
        return getattr(self, m)(torch.cat(branches, 1))

    def forward(self, x):
        x = self.pool(self.do(x, "conv1_7x7_s2"))
        x = self.pool(self.do(x, "conv2_3x3_reduce", "conv2_3x3"))
        for name in TABLE:
            x = self.module(x, name)
        return self.last_linear(x.mean((2, 3)))


def build(name, plan, classes, in_channels):
    net = BNInception(classes, in_channels)
    spots = [(int(part[0]), getattr(net, f"inception_{part}"), width) for part, width in net.widths.items()]
    plan.insert(Seat(module, stage, module, width) for stage, module, width in spots)
    faults = {
        "means without the padding": uncounted_padding,
        "mean in the last module": last_mean,
        "stem pools padded, not rounded up": padded_pools,
    }
    return Reference(net.eval(), [net.conv2_3x3_bn, net.inception_3c, net.inception_4e, net.inception_5b], faults=faults)


def uncounted_padding(net):
    net.pools["avg"] = nn.AvgPool2d(3, 1, 1, count_include_pad=False)


def last_mean(net):
    net.pools["max"] = net.pools["avg"]


def padded_pools(net):
    net.pool = nn.MaxPool2d(3, 2, padding=1)


NETWORKS = {"bn_inception": build}
