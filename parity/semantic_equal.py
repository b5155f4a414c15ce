"""Compares ONNX models pair by pair for semantic equality, with the official onnx package.

    python semantic_equal.py PAIRS.json      # a list of [ORIGINAL, WRITTEN] paths

Prints a JSON list of lists of differences, each "place: what was there != what is there now"; an empty list where the
two models are equal.

Two spellings count as the same only where src/export/decode.ts says that the decoder makes them one:
- a field that is absent and one that is there with its default value (empty text, 0, nothing repeated)
- a Constant node and an initializer of the same name, unless it makes an output, or is in a body before IR version 4
- a tensor's values in raw_data, in a typed field or in another file
- the domain "ai.onnx" and ""
- before IR version 4, inputs of the main graph that only announce an initializer
- the order of initializers, value_info, attributes, opset imports and metadata
"""

import json
import os
import sys

import numpy
import onnx
from onnx import numpy_helper

# Repeated messages whose order means nothing, by the field that tells them apart.
KEYS = {"initializer": "name", "value_info": "name", "attribute": "name", "opset_import": "domain", "metadata_props": "key"}
VALUES = ("raw_data", "float_data", "int32_data", "string_data", "int64_data", "double_data", "uint64_data")


def own(domain):
    return "" if domain == "ai.onnx" else domain


class Reader:
    """Turns the messages of one model into plain dictionaries, lists and scalars that compare equal where they mean the same."""

    def __init__(self, path):
        model = onnx.load(path, load_external_data=False)
        self.folder = os.path.dirname(path)
        self.old = model.ir_version < 4
        self.inner = False
        self.model = self.message(model)

    def message(self, m):
        if isinstance(m, onnx.TensorProto):
            return self.tensor(m)
        if isinstance(m, onnx.GraphProto):
            return self.graph(m)
        return self.fields(m)

    def fields(self, m, without=()):
        return {field.name: self.field(field, value) for field, value in m.ListFields() if field.name not in without}

    def field(self, field, value):
        one = self.message if field.message_type else own if field.name == "domain" else lambda v: v
        if hasattr(value, "append") or hasattr(value, "add"):  # a repeated field
            key = KEYS.get(field.name) if field.message_type else None
            return {item.get(key, ""): item for item in map(one, value)} if key else [one(item) for item in value]
        return one(value)

    def tensor(self, t):
        plain = self.fields(t, (*VALUES, "external_data", "data_location"))
        strings = t.data_type == onnx.TensorProto.STRING
        plain["values"] = list(t.string_data) if strings else numpy_helper.to_array(t, self.folder).tobytes()
        return plain

    def graph(self, g):
        outputs = {o.name for o in g.output}
        announced = {t.name for t in g.initializer} if self.old and not self.inner else set()
        same = onnx.GraphProto()
        same.CopyFrom(g)
        del same.node[:], same.input[:]
        same.input.extend(i for i in g.input if i.name not in announced)
        for node in g.node:
            made = None if self.old and self.inner else constant(node)
            if made is None or made.name in outputs:
                same.node.append(node)
            else:
                same.initializer.append(made)
        before, self.inner = self.inner, True
        plain = self.fields(same)
        self.inner = before
        return plain


def constant(node):
    """The tensor of a Constant node as an initializer would hold it; None for other nodes and for a sparse one."""
    if node.op_type != "Constant" or own(node.domain) or len(node.attribute) != 1 or node.attribute[0].ref_attr_name:
        return None
    a = node.attribute[0]
    made = onnx.TensorProto()
    if a.name == "value":
        made.CopyFrom(a.t)
    elif a.name in ("value_float", "value_floats"):
        made = numpy_helper.from_array(numpy.array(a.f if a.name == "value_float" else a.floats, numpy.float32))
    elif a.name in ("value_int", "value_ints"):
        made = numpy_helper.from_array(numpy.array(a.i if a.name == "value_int" else a.ints, numpy.int64))
    elif a.name in ("value_string", "value_strings"):
        made.data_type = onnx.TensorProto.STRING
        made.string_data.extend([a.s] if a.name == "value_string" else a.strings)
        made.dims.extend([] if a.name == "value_string" else [len(a.strings)])
    else:
        return None
    made.name = node.output[0]
    return made


def differences(a, b, place):
    if type(a) is dict and type(b) is dict:
        for key in sorted(a.keys() | b.keys()):
            yield from differences(a.get(key), b.get(key), f"{place}.{key}")
    elif type(a) is list and type(b) is list and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b)):
            yield from differences(x, y, f"{place}[{i}]")
    elif repr(a) != repr(b) and (a or b):  # nothing, "", 0 and an empty list say the same; repr, since NaN is not equal to itself
        yield f"{place}: {str(a)[:200]} != {str(b)[:200]}"


with open(sys.argv[1]) as file:
    pairs = json.load(file)
json.dump([list(differences(Reader(a).model, Reader(b).model, "model")) for a, b in pairs], sys.stdout)
