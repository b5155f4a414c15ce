"""timm's Inception-ResNet-v2. SE scales each residual branch before its constant, and with "mixed" the other modules too."""

from torch import nn

from .plan import Seat
from .reference import Reference


def residual_blocks(net):
    """With the paper's stage of each, the size of its maps."""
    for stage, blocks in ((5, net.repeat), (6, net.repeat_1), (7, [*net.repeat_2, net.block8])):
        for block in blocks:
            yield stage, block


def seats(net, where):
    for stage, block in residual_blocks(net):
        yield Seat(block, stage, block.conv2d, block.conv2d.out_channels)
    if where == "mixed":
        for stage, module, channels in ((5, net.mixed_5b, 320), (6, net.mixed_6a, 1088), (7, net.mixed_7a, 2080)):
            yield Seat(module, stage, module, channels)


def build(name, plan, classes, in_channels):
    import timm

    net = timm.create_model("inception_resnet_v2", pretrained=False, num_classes=classes, in_chans=in_channels)
    plan.insert(seats(net, plan.where))
    faults = {"residuals not scaled down": unscaled, "last block ends in ReLU": last_relu, "mean pool with the padding": counted_padding}
    return Reference(net.eval(), [net.conv2d_4a, net.repeat, net.repeat_1, net.repeat_2, net.conv2d_7b], faults=faults)


def unscaled(net):
    for _, block in residual_blocks(net):
        block.scale = 1.0


def last_relu(net):
    net.block8.relu = nn.ReLU()


def counted_padding(net):
    net.mixed_5b.branch3[0] = nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=True)


NETWORKS = {"inception_resnet_v2": build}
