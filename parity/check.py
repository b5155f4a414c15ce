"""Runs the official ONNX checker, with shape inference, on each file given: python check.py MODEL.onnx ...

Prints one JSON object: file -> {problem, opset, external, nodes {operator: count}}. `problem` is null when
the file is valid; `external` is the number of tensors kept in another file."""

import collections
import json
import sys

import onnx


def check(path):
    try:
        onnx.checker.check_model(path, full_check=True)
        problem = None
    except Exception as error:  # checker, shape inference and protobuf each have their own
        problem = f"{type(error).__name__}: {error}"
    model = onnx.load(path, load_external_data=False)
    opset = next(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))
    external = sum(tensor.data_location == onnx.TensorProto.EXTERNAL for tensor in model.graph.initializer)
    nodes = collections.Counter(node.op_type for node in model.graph.node)
    return {"problem": problem, "opset": opset, "external": external, "nodes": nodes}


print(json.dumps({path: check(path) for path in sys.argv[1:]}))
