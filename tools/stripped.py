"""Leaves the weights out of .onnx files: python tools/stripped.py OUTFOLDER FILE...

Tensors of 1,024 bytes and more become external data of a file that is not there, so that the graph, with the shapes and numbers that decide how
it may be rewritten, is small enough to keep. What exporters say of where in Python a node came from goes too.

The files in test/graph/goldens/dynamo-networks: parity/exports.py FOLDER dynamo open ..., torch 2.7, onnxscript 0.7, timm 1.0.22."""

import pathlib
import sys

import onnx
from onnx.external_data_helper import set_external_data

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for file in sys.argv[2:]:
    model = onnx.load(file)
    end = 0
    for tensor in model.graph.initializer:
        length = len(tensor.raw_data)
        if length >= 1024:
            set_external_data(tensor, "left-out.data", offset=end, length=length)
            tensor.ClearField("raw_data")
            end += length
    for part in [model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.initializer, *model.graph.input, *model.graph.output]:
        part.ClearField("doc_string")
        del part.metadata_props[:]
    del model.graph.value_info[:]
    (folder / pathlib.Path(file).name).write_bytes(model.SerializeToString())
