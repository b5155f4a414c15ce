"""The reference networks: torchvision's own ResNet (v1.5) with the Squeeze-and-Excitation block of Hu et al. 2018
(https://arxiv.org/abs/1709.01507) written as PyTorch users write it, and timm's SE-ResNets as a second source."""

from torch import nn
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet


class SqueezeExcite(nn.Module):
    """Scales each channel of x [N,C,H,W] by a gate in (0,1); fc1.weight is [hidden,C], fc2.weight [C,hidden]."""

    def __init__(self, channels, hidden, bias):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Linear(channels, hidden, bias=bias)
        self.relu = nn.ReLU()
        self.fc2 = nn.Linear(hidden, channels, bias=bias)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x):
        squeezed = self.pool(x).flatten(1)
        gate = self.sigmoid(self.fc2(self.relu(self.fc1(squeezed))))
        return x * gate[:, :, None, None]


class SEBasicBlock(BasicBlock):
    """torchvision's BasicBlock with a place for SE after the last BatchNorm of the residual branch."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.se = nn.Identity()

    def forward(self, x):
        branch = self.relu(self.bn1(self.conv1(x)))
        branch = self.se(self.bn2(self.conv2(branch)))
        shortcut = x if self.downsample is None else self.downsample(x)
        return self.relu(branch + shortcut)


class SEBottleneck(Bottleneck):
    """torchvision's Bottleneck with a place for SE after the last BatchNorm of the residual branch."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.se = nn.Identity()

    def forward(self, x):
        branch = self.relu(self.bn1(self.conv1(x)))
        branch = self.relu(self.bn2(self.conv2(branch)))
        branch = self.se(self.bn3(self.conv3(branch)))
        shortcut = x if self.downsample is None else self.downsample(x)
        return self.relu(branch + shortcut)


# Blocks per stage, and the groups and width of ResNeXt (Xie et al. 2017).
BACKBONES = {
    "resnet18": (SEBasicBlock, [2, 2, 2, 2], {}),
    "resnet34": (SEBasicBlock, [3, 4, 6, 3], {}),
    "resnet50": (SEBottleneck, [3, 4, 6, 3], {}),
    "resnet101": (SEBottleneck, [3, 4, 23, 3], {}),
    "resnet152": (SEBottleneck, [3, 8, 36, 3], {}),
    "resnext50_32x4d": (SEBottleneck, [3, 4, 6, 3], {"groups": 32, "width_per_group": 4}),
    "resnext101_32x4d": (SEBottleneck, [3, 4, 23, 3], {"groups": 32, "width_per_group": 4}),
    "resnext101_32x8d": (SEBottleneck, [3, 4, 23, 3], {"groups": 32, "width_per_group": 8}),
    "resnext101_64x4d": (SEBottleneck, [3, 4, 23, 3], {"groups": 64, "width_per_group": 4}),
}


def stages(net):
    """The four residual stages; the paper calls them 2 to 5."""
    return [net.layer1, net.layer2, net.layer3, net.layer4]


def branch_end(block):
    """The last BatchNorm of a block's residual branch."""
    return block.bn3 if hasattr(block, "bn3") else block.bn2


def torchvision_net(backbone, se=True, r=16, bias=False, se_stages=(2, 3, 4, 5), classes=1000, in_channels=3):
    block, depths, widths = BACKBONES[backbone]
    net = ResNet(block, depths, num_classes=classes, **widths)
    if in_channels != 3:
        net.conv1 = nn.Conv2d(in_channels, 64, kernel_size=7, stride=2, padding=3, bias=False)
    for number, stage in enumerate(stages(net), start=2):
        for residual in stage:
            if se and number in se_stages:
                channels = branch_end(residual).num_features
                residual.se = SqueezeExcite(channels, channels // r, bias)
    return net.eval()


def timm_net(name):
    """timm's own class and defaults: 1x1 convolutions with biases, hidden width rounded to a multiple of 8."""
    import timm

    return timm.create_model(name, pretrained=False).eval()


def build(case):
    """The network of one case of cases.mjs, in eval mode."""
    if "timm" in case:
        return timm_net(case["timm"])
    options = {
        python: case[script]
        for script, python in (("se", "se"), ("r", "r"), ("bias", "bias"), ("stages", "se_stages"),
                               ("classes", "classes"), ("inChannels", "in_channels"))
        if script in case
    }
    return torchvision_net(case["backbone"], **options)
