"""timm's networks (random weights) as torch.onnx.export writes them by default, for one image of SIZE x SIZE:

    python export_timm.py FOLDER SIZE NAME...   writes FOLDER/NAME.onnx
"""

import contextlib
import io
import sys
import warnings

import timm
import torch

warnings.simplefilter("ignore")
folder, size, *names = sys.argv[1:]
for name in names:
    torch.manual_seed(0)
    network = timm.create_model(name, exportable=True).eval()
    with contextlib.redirect_stdout(io.StringIO()):  # 1.13 prints a diagnostics banner
        torch.onnx.export(
            network,
            torch.zeros(1, 3, int(size), int(size)),
            f"{folder}/{name}.onnx",
            input_names=["input"],
            output_names=["logits"],
            opset_version=17,
        )
