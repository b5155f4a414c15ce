"""SE-ResNet-50 (r = 16, no SE bias, random weights) written by torch.onnx.export: python export_torch.py OUT.onnx

The whole process is what bench/build.mjs measures against `se-onnx build --backbone resnet50 --r 16`: both fold
BatchNorm into the convolutions and leave the batch open. Prints nothing."""

import contextlib
import inspect
import io
import sys
import warnings

import torch

from networks.resnet import se_resnet

# Later versions prefer a second exporter, which needs further packages; this is the one that every version has.
exporter = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}

warnings.simplefilter("ignore")  # newer versions deprecate that exporter
with contextlib.redirect_stdout(io.StringIO()):  # 1.13 prints a diagnostics banner
    torch.onnx.export(
        se_resnet("resnet50"),
        torch.zeros(1, 3, 224, 224),
        sys.argv[1],
        input_names=["input"],
        output_names=["logits"],
        dynamic_axes={"input": {0: "N"}, "logits": {0: "N"}},
        opset_version=13,
        **exporter,
    )
