"""Writes SE blocks as torch.onnx.export writes them, one small file for each way in which people write the block in PyTorch, with 32 channels
and 8 hidden units, batch fixed or not:

    python tools/exported-se.py test/graph/goldens/exported-se           by the exporter that every version has (the files: torch 1.13)
    python tools/exported-se.py test/graph/goldens/exported-se dynamo    by the one of torch >= 2.5, which needs onnxscript (the files: 2.7),
                                                                         as dynamo-NAME.onnx
"""

import pathlib
import sys
import warnings

import onnx
import torch
from torch import nn
from torch.nn import functional

CHANNELS, HIDDEN = 32, 8


class Block(nn.Module):
    """A convolution, and SE on its output in the way that `gate` computes it."""

    def __init__(self, gate, bias=False, conv=False, act=nn.ReLU, scale=nn.Sigmoid, norm=nn.Identity):
        super().__init__()
        layer = (lambda i, o: nn.Conv2d(i, o, 1, bias=bias)) if conv else (lambda i, o: nn.Linear(i, o, bias=bias))
        self.conv = nn.Conv2d(3, CHANNELS, 3)
        self.fc1, self.fc2 = layer(CHANNELS, HIDDEN), layer(HIDDEN, CHANNELS)
        self.norm, self.act, self.scale, self.gate = norm(), act(), scale(), gate

    def layers(self, squeezed):
        return self.scale(self.fc2(self.act(self.norm(self.fc1(squeezed)))))

    def forward(self, image):
        x = self.conv(image)
        return self.gate(self, x)


def view_expand(se, x):
    n, c, _, _ = x.size()
    gate = se.layers(functional.adaptive_avg_pool2d(x, 1).view(n, c)).view(n, c, 1, 1)
    return x * gate.expand_as(x)


def mean_index(se, x):
    return se.layers(x.mean((2, 3)))[:, :, None, None] * x


def flat_mean(se, x):
    return x * se.layers(x.flatten(2).mean(-1)).unsqueeze(-1).unsqueeze(-1)


def convolved(se, x):
    return x * se.layers(functional.adaptive_avg_pool2d(x, 1))


def pooled(se, x):
    return x * se.layers(functional.avg_pool2d(x, x.size()[2:]).flatten(1)).unsqueeze(-1).unsqueeze(-1)


class Ramp(nn.Module):
    """hardsigmoid as people wrote it before PyTorch had it."""

    def forward(self, x):
        return functional.relu6(x + 3) / 6


FILES = {
    "view-expand": (Block(view_expand), 13, True),
    "view-expand-static": (Block(view_expand), 13, False),
    "view-expand-bias-opset11": (Block(view_expand, bias=True), 11, True),
    "mean-index": (Block(mean_index), 13, True),
    "flat-mean": (Block(flat_mean, bias=True), 13, True),
    "conv-silu": (Block(convolved, bias=True, conv=True, act=nn.SiLU), 13, True),
    "conv-norm": (Block(convolved, bias=True, conv=True, norm=lambda: nn.BatchNorm2d(HIDDEN)), 13, True),
    "conv-hardswish-ramp": (Block(convolved, bias=True, conv=True, act=nn.Hardswish, scale=Ramp), 11, True),
    "linear-ramp": (Block(mean_index, bias=True, scale=Ramp), 13, True),
    "avg-pool": (Block(pooled, bias=True), 13, False),
}


def traced(net, image, file, opset, dynamic):
    unfolded = file.stem == "conv-norm"
    torch.onnx.export(
        net, image, file, opset_version=opset, input_names=["input"], output_names=["output"],
        dynamic_axes={"input": {0: "N"}} if dynamic else None,
        training=torch.onnx.TrainingMode.PRESERVE if unfolded else torch.onnx.TrainingMode.EVAL,
        do_constant_folding=not unfolded,
    )


def dynamo(net, image, file, _, dynamic):
    shapes = ({0: torch.export.Dim("N", max=1024)},) if dynamic else None
    program = torch.onnx.export(
        net, (image,), dynamo=True, input_names=["input"], output_names=["output"], dynamic_shapes=shapes,
        optimize=file.stem != "conv-norm",
    )
    model = program.model_proto
    for node in model.graph.node:  # where in Python each came from, several times longer than the graph
        del node.metadata_props[:]
    onnx.save(model, file.with_name(f"dynamo-{file.name}"))


warnings.filterwarnings("ignore")
torch.manual_seed(0)
folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
export = dynamo if sys.argv[2:] == ["dynamo"] else traced
for name, (net, opset, dynamic) in FILES.items():
    for parameter in net.parameters():
        parameter.requires_grad = False
    image = torch.randn(2 if export is dynamo and dynamic else 1, 3, 12, 12)
    export(net.eval(), image, folder / f"{name}.onnx", opset, dynamic)
