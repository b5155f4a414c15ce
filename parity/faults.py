"""Deliberate faults of the reference network, each a mistake that an implementation has made or could make. A
comparison that does not notice them proves nothing, so every one must push the error far over the limit."""

from torch import nn

from networks import SqueezeExcite, stages


def blocks(net):
    return [block for stage in stages(net) for block in stage]


def batch_norm_epsilon(net):
    """TensorFlow's 1e-3 in place of PyTorch's 1e-5."""
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eps = 1e-3


def stem_pool_ceil(net):
    """Caffe's stem pool: no padding, rounded up. The size is the same, the windows start elsewhere."""
    net.maxpool = nn.MaxPool2d(3, stride=2, padding=0, ceil_mode=True)


def stride_first(net):
    """ResNet v1: the stride on the first 1x1 in place of the 3x3."""
    for block in blocks(net):
        block.conv1.stride, block.conv2.stride = block.conv2.stride, block.conv1.stride


def relu_before_se(net):
    """timm's legacy_seresnet18: a ReLU between the last BatchNorm and SE."""
    for block in blocks(net):
        block.se = nn.Sequential(nn.ReLU(), block.se)


def gate_off(net):
    for block in blocks(net):
        block.se = nn.Identity()


def max_squeeze(net):
    for module in net.modules():
        if isinstance(module, SqueezeExcite):
            module.pool = nn.AdaptiveMaxPool2d(1)


def no_hidden_relu(net):
    for module in net.modules():
        if isinstance(module, SqueezeExcite):
            module.relu = nn.Identity()


def no_se_bias(net):
    for module in net.modules():
        if isinstance(module, SqueezeExcite):
            nn.init.zeros_(module.fc1.bias)
            nn.init.zeros_(module.fc2.bias)


def hard_gate(net):
    for module in net.modules():
        if isinstance(module, SqueezeExcite):
            module.sigmoid = nn.Hardsigmoid()


def one_gate_off(net):
    """SE missing in the very last block only."""
    stages(net)[-1][-1].se = nn.Identity()


FAULTS = {
    "BatchNorm epsilon 1e-3": batch_norm_epsilon,
    "stem pool without padding, ceil": stem_pool_ceil,
    "stride on the first 1x1 (v1)": stride_first,
    "ReLU before SE": relu_before_se,
    "all gates off": gate_off,
    "last gate off": one_gate_off,
    "max squeeze": max_squeeze,
    "no ReLU inside SE": no_hidden_relu,
    "biases of SE left out": no_se_bias,
    "hard sigmoid gate": hard_gate,
}


def faults_for(net):
    """Name -> function for the faults that mean something in `net`: a basic block has no 1x1 to stride."""
    bottleneck = hasattr(stages(net)[0][0], "conv3")
    return {name: fault for name, fault in FAULTS.items() if bottleneck or fault is not stride_first}
