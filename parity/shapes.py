"""What the official onnx package infers, and exporters' files to infer on.

    python shapes.py infer FOLDER FILE...   for each file: FOLDER/<i>.onnx, the model without the types between inputs and outputs,
                                            and FOLDER/<i>.json, what onnx.shape_inference says of each value
    python shapes.py export FOLDER          torch.onnx's files of networks with and without SE, the batch open or fixed
"""

import contextlib
import io
import json
import sys
import warnings
from pathlib import Path

import onnx
from onnx import shape_inference


def length(dim):
    """A number, a name that the file gives, or None: names such as unk__0 are made up for lengths that are not known."""
    if dim.HasField("dim_value"):
        return dim.dim_value
    return dim.dim_param if dim.dim_param and not dim.dim_param.startswith("unk__") else None


def type_of(value):
    """[element type, lengths] of a tensor; None for what is no tensor."""
    if not value.type.HasField("tensor_type"):
        return None
    tensor = value.type.tensor_type
    shape = None
    if tensor.HasField("shape"):
        shape = [length(d) for d in tensor.shape.dim]
    return [tensor.elem_type, shape]


def bare(model):
    """The model with nothing said of the values that its nodes make."""
    del model.graph.value_info[:]
    inputs = {v.name for v in model.graph.input}
    for output in model.graph.output:
        if output.name not in inputs and output.type.HasField("tensor_type"):
            output.type.tensor_type.ClearField("shape")
    return model


def infer(folder, files):
    for i, file in enumerate(files):
        model = bare(onnx.load(file))
        onnx.save(model, folder / f"{i}.onnx")
        types = None
        try:
            inferred = shape_inference.infer_shapes(model, data_prop=True)
            types = {v.name: type_of(v) for v in [*inferred.graph.value_info, *inferred.graph.output]}
        except Exception as error:  # a file that the official package refuses says nothing
            print(f"{file}: {str(error).splitlines()[0]}", file=sys.stderr)
        (folder / f"{i}.json").write_text(json.dumps(types))


def networks():
    import timm
    from torchvision import models

    for name in ["resnet18", "mobilenet_v3_small", "efficientnet_b0", "shufflenet_v2_x0_5", "densenet121", "regnet_y_400mf"]:
        yield name, getattr(models, name)(), 224
    yield "googlenet", models.googlenet(init_weights=False, aux_logits=False), 224
    for name in ["seresnet18", "mobilenetv3_large_100", "efficientnet_lite0", "skresnet18", "ghostnet_050", "mixnet_s", "ecaresnet26t"]:
        yield f"timm-{name}", timm.create_model(name), 224


def export(folder):
    import torch

    warnings.simplefilter("ignore")
    for name, network, size in networks():
        for opset, open_axes in [(11, {0: "batch"}), (17, {0: "batch", 2: "height", 3: "width"}), (13, {})]:
            axes = {"input": open_axes, "logits": {0: "batch"}} if open_axes else None
            file = folder / f"{name}-opset{opset}-{len(open_axes)}-open.onnx"
            with contextlib.redirect_stdout(io.StringIO()):
                torch.onnx.export(
                    network.eval(),
                    torch.zeros(2, 3, size, size),
                    file,
                    input_names=["input"],
                    output_names=["logits"],
                    dynamic_axes=axes,
                    opset_version=opset,
                    export_params=True,
                )


if __name__ == "__main__":
    mode, folder, *files = sys.argv[1:]
    if mode == "infer":
        infer(Path(folder), files)
    else:
        export(Path(folder))
