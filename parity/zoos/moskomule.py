"""SE-ResNet in the spelling of the weights that senet.pytorch publishes (https://github.com/moskomule/senet.pytorch): torchvision's ResNet
with the two layers of SE, without biases, as `se.fc.0` [C/r,C] and `se.fc.2` [C,C/r]; and the CIFAR form (He et al. 2015,
https://arxiv.org/abs/1512.03385, section 4.2) with a projection only where the width changes."""

from torch import nn
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet


class SqueezeExcite(nn.Module):
    """Scales x [N,C,H,W] by one gate a channel."""

    def __init__(self, channels, reduction):
        super().__init__()
        hidden = channels // reduction
        layers = [nn.Linear(channels, hidden, bias=False), nn.ReLU(), nn.Linear(hidden, channels, bias=False), nn.Sigmoid()]
        self.fc = nn.Sequential(*layers)

    def forward(self, x):
        return x * self.fc(x.mean((2, 3)))[..., None, None]


def with_se(net, reduction):
    """A gate on what the last BatchNorm of each block gives."""
    for block in [module for module in net.modules() if isinstance(module, (BasicBlock, Bottleneck))]:
        last = block.bn3 if isinstance(block, Bottleneck) else block.bn2
        block.se = SqueezeExcite(last.num_features, reduction)
        last.register_forward_hook(lambda module, inputs, output, block=block: block.se(output))
    return net


def imagenet(kind, depths):
    return lambda num_classes=1000, reduction=16: with_se(ResNet(kind, depths, num_classes=num_classes), reduction)


class CifarResNet(nn.Module):
    """6 n + 2 layers for images of 32x32: three stages of 16, 32 and 64 channels."""

    def __init__(self, n, num_classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = self.stage(n, 16, 16)
        self.layer2 = self.stage(n, 16, 32)
        self.layer3 = self.stage(n, 32, 64)
        self.fc = nn.Linear(64, num_classes)

    @staticmethod
    def stage(n, inputs, width):
        shortcut = nn.Sequential(nn.Conv2d(inputs, width, 1, 2, bias=False), nn.BatchNorm2d(width)) if inputs != width else None
        first = BasicBlock(inputs, width, 1 if shortcut is None else 2, shortcut)
        return nn.Sequential(first, *[BasicBlock(width, width) for _ in range(n - 1)])

    def forward(self, x):
        x = self.bn1(self.conv1(x)).relu()
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(x.mean((2, 3)))


def cifar(n):
    return lambda num_classes=10, reduction=16: with_se(CifarResNet(n, num_classes), reduction)


NETWORKS = {
    "se_resnet18": imagenet(BasicBlock, [2, 2, 2, 2]),
    "se_resnet34": imagenet(BasicBlock, [3, 4, 6, 3]),
    "se_resnet50": imagenet(Bottleneck, [3, 4, 6, 3]),
    "se_resnet20": cifar(3),
    "se_resnet32": cifar(5),
    "se_resnet56": cifar(9),
}
