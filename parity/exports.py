"""Networks with SE as torch.onnx writes them, weights random, with the BatchNorms of a network that has learnt something: their statistics are
those of what reaches them, and none is switched off, as timm starts the last one of a residual branch.

    python exports.py FOLDER EXPORTER BATCH NETWORK...

EXPORTER is torchscript or dynamo (torch >= 2.5, with onnxscript); BATCH a number, or open; NETWORK a name of timm, torchvision/ and one of
that, or se_resnet50: torchvision's ResNet-50 with SE as most people write it. For each network a file FOLDER/NETWORK.onnx, whose SE blocks are counted by their modules: prints one JSON object {network: blocks}.
"""

import contextlib
import inspect
import io
import json
import sys
import warnings
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

#: Modules that are an SE block, by the names of their classes in timm and torchvision.
BLOCKS = {"SEModule", "SqueezeExcite", "SqueezeExcitation", "SELayer"}


class SELayer(nn.Module):
    """Two Linear without biases, r = 16, the gate expanded to the map."""

    def __init__(self, channels):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(channels, channels // 16, bias=False), nn.Linear(channels // 16, channels, bias=False)

    def forward(self, x):
        n, c, _, _ = x.size()
        squeezed = functional.adaptive_avg_pool2d(x, 1).view(n, c)
        gate = torch.sigmoid(self.fc2(torch.relu(self.fc1(squeezed)))).view(n, c, 1, 1)
        return x * gate.expand_as(x)


def se_resnet50():
    from torchvision.models import resnet50

    net = resnet50()
    for stage in [net.layer1, net.layer2, net.layer3, net.layer4]:
        for block in stage:
            block.bn3 = nn.Sequential(block.bn3, SELayer(block.bn3.num_features))
    return net


def network(name):
    torch.manual_seed(0)
    if name == "se_resnet50":
        return se_resnet50()
    if name.startswith("torchvision/"):
        from torchvision import models

        return models.get_model(name.removeprefix("torchvision/"), weights=None)
    import timm

    return timm.create_model(name)


def fit(net):
    for norm in net.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.uniform_(norm.weight, 0.5, 1)
            nn.init.uniform_(norm.bias, -0.3, 0.3)
            norm.reset_running_stats()
            norm.momentum = None  # a mean of all that it sees
    with torch.no_grad():
        net.train()(torch.randn(4, 3, 96, 96))
    return net.eval()


def export(net, file, exporter, batch):
    open_batch = batch == "open"
    image = torch.randn(2 if open_batch else int(batch), 3, 224, 224)
    names = {"input_names": ["input"], "output_names": ["logits"]}
    if exporter == "dynamo":
        shapes = {"dynamic_shapes": ({0: torch.export.Dim("N")},)} if open_batch else {}
        torch.onnx.export(net, (image,), file, dynamo=True, external_data=False, **names, **shapes)
        return
    axes = {"dynamic_axes": {"input": {0: "N"}, "logits": {0: "N"}}} if open_batch else {}
    old = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    torch.onnx.export(net, (image,), file, opset_version=13, **names, **axes, **old)


def main(folder, exporter, batch, *names):
    warnings.simplefilter("ignore")
    blocks = {}
    for name in names:
        net = fit(network(name))
        blocks[name] = sum(type(m).__name__ in BLOCKS for m in net.modules())
        file = Path(folder) / f"{name.replace('/', '-')}.onnx"
        with contextlib.redirect_stdout(io.StringIO()):  # both exporters talk there
            export(net, str(file), exporter, batch)
    print(json.dumps(blocks))


if __name__ == "__main__":
    main(*sys.argv[1:])
