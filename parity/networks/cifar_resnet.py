"""ResNet for 32x32 images of ten classes (He et al. 2015, https://arxiv.org/abs/1512.03385, section 4.2) out of torchvision's basic
blocks, with 1x1 projections as in moskomule's SE-ResNet-20."""

from torch import nn
from torchvision.models.resnet import BasicBlock

from .reference import Reference
from .resnet import branch_end, seat

CLASSES = 10


class CifarResNet(nn.Module):
    def __init__(self, n, classes, in_channels):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = stage(16, 16, n)
        self.layer2 = stage(16, 32, n)
        self.layer3 = stage(32, 64, n)
        self.fc = nn.Linear(64, classes)

    def forward(self, x):
        x = self.bn1(self.conv1(x)).relu()
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(x.mean((2, 3)))


def stage(inside, outside, n):
    stride = outside // inside
    down = nn.Sequential(nn.Conv2d(inside, outside, 1, stride, bias=False), nn.BatchNorm2d(outside)) if stride > 1 else None
    return nn.Sequential(BasicBlock(inside, outside, stride, down), *[BasicBlock(outside, outside) for _ in range(n - 1)])


def build(name, plan, classes, in_channels):
    net = CifarResNet((int(name.removeprefix("cifar_resnet")) - 2) // 6, classes, in_channels)
    layers = [net.layer1, net.layer2, net.layer3]
    plan.insert(seat(block, number, plan.where or "standard") for number, layer in enumerate(layers, start=2) for block in layer)
    ends = [branch_end(block) for layer in layers for block in layer]
    return Reference(net.eval(), layers, ends, faults={"stride on the second 3x3": late_stride})


def late_stride(net):
    for layer in (net.layer2, net.layer3):
        layer[0].conv1.stride, layer[0].conv2.stride = layer[0].conv2.stride, layer[0].conv1.stride


NETWORKS = {f"cifar_resnet{depth}": build for depth in (20, 32, 56, 110)}
