"""Compares ONNX models pair by pair for semantic equality, with the official onnx package.

Standard input: a JSON list of [ORIGINAL, WRITTEN] paths. Standard output: a JSON list of lists of differences, each
"place: what was there != what is there now"; an empty list where the two models are equal.

Two spellings count as the same only where the decoder's documentation says that it normalises them:
- a field that is absent and one that is there with its default value (empty text, 0)
- a Constant node and an initializer of the same name (from IR version 4 on, in subgraphs too), unless it makes an output
- a tensor's values in raw_data, in a typed field or in another file
- the domain "ai.onnx" and ""
- before IR version 4, the inputs of the main graph that only announce an initializer
- the order of initializers, of attributes, of value_info and of metadata_props
"""

import json
import os
import sys

import numpy
import onnx
from onnx import numpy_helper

KEYED = {  # repeated messages whose order means nothing, by the field that tells them apart
    "onnx.GraphProto.initializer": "name",
    "onnx.GraphProto.value_info": "name",
    "onnx.NodeProto.attribute": "name",
    "onnx.ModelProto.opset_import": "domain",
    "onnx.FunctionProto.opset_import": "domain",
}


def ours(domain):
    return "" if domain == "ai.onnx" else domain


def tensor(t, folder):
    rest = onnx.TensorProto()
    rest.CopyFrom(t)
    for field in ("raw_data", "float_data", "int32_data", "string_data", "int64_data", "double_data", "uint64_data"):
        rest.ClearField(field)
    for field in ("external_data", "data_location"):
        rest.ClearField(field)
    plain = message(rest, folder)
    if t.data_type == onnx.TensorProto.STRING:
        plain["values"] = list(t.string_data)
    else:
        plain["values"] = numpy_helper.to_array(t, base_dir=folder).tobytes().hex()
    return plain


def constant(node):
    """The tensor that a Constant node holds as an initializer would; None for other nodes and for sparse ones."""
    if node.op_type != "Constant" or ours(node.domain) or len(node.attribute) != 1 or node.attribute[0].ref_attr_name:
        return None
    a = node.attribute[0]
    made = onnx.TensorProto()
    if a.name == "value":
        made.CopyFrom(a.t)
    elif a.name == "value_float":
        made = numpy_helper.from_array(numpy.array(a.f, numpy.float32))
    elif a.name == "value_floats":
        made = numpy_helper.from_array(numpy.array(a.floats, numpy.float32))
    elif a.name == "value_int":
        made = numpy_helper.from_array(numpy.array(a.i, numpy.int64))
    elif a.name == "value_ints":
        made = numpy_helper.from_array(numpy.array(a.ints, numpy.int64))
    elif a.name in ("value_string", "value_strings"):
        strings = [a.s] if a.name == "value_string" else a.strings
        made.data_type = onnx.TensorProto.STRING
        made.dims.extend([] if a.name == "value_string" else [len(strings)])
        made.string_data.extend(strings)
    else:
        return None
    made.name = node.output[0]
    return made


def graph(g, folder, ir_version, inner):
    same = onnx.GraphProto()
    same.CopyFrom(g)
    outputs = {o.name for o in g.output}
    if not inner and ir_version < 4:
        announced = {t.name for t in g.initializer}
        kept = [i for i in g.input if i.name not in announced]
        del same.input[:]
        same.input.extend(kept)
    del same.node[:]
    for node in g.node:
        made = constant(node) if ir_version >= 4 or not inner else None
        if made is None or made.name in outputs:
            same.node.append(node)
        else:
            same.initializer.append(made)
    plain = fields(same, folder, ir_version)
    known = {t.name for t in same.initializer} | {i.name for i in same.input} | outputs
    plain["value_info"] = {name: v for name, v in plain.get("value_info", {}).items() if name not in known}
    return plain


def message(m, folder, ir_version=None):
    if isinstance(m, onnx.TensorProto) and m.data_type and (m.HasField("raw_data") or not m.ListFields() or True):
        pass
    return fields(m, folder, ir_version)


def value(field, v, folder, ir_version):
    if isinstance(v, onnx.GraphProto):
        return graph(v, folder, ir_version, True)
    if isinstance(v, onnx.TensorProto):
        return tensor(v, folder)
    if field.message_type:
        return fields(v, folder, ir_version)
    return ours(v) if field.name == "domain" else v.hex() if isinstance(v, bytes) else v


def fields(m, folder, ir_version):
    plain = {}
    for field, v in m.ListFields():
        if isinstance(m, onnx.ModelProto) and field.name == "graph":
            plain["graph"] = graph(v, folder, ir_version, False)
        elif field.is_repeated if hasattr(field, "is_repeated") else field.label == field.LABEL_REPEATED:
            items = [value(field, item, folder, ir_version) for item in v]
            key = KEYED.get(field.full_name) or ("key" if field.message_type and field.message_type.name == "StringStringEntryProto" else None)
            plain[field.name] = {item.get(key, ""): item for item in items} if key else items
        elif field.message_type or v != field.default_value:
            plain[field.name] = value(field, v, folder, ir_version)
    return plain


def differences(a, b, place):
    if type(a) is dict and type(b) is dict:
        for key in sorted(a.keys() | b.keys()):
            yield from differences(a.get(key), b.get(key), f"{place}.{key}")
    elif type(a) is list and type(b) is list and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b)):
            yield from differences(x, y, f"{place}[{i}]")
    elif a != b and (a or b):  # None, "" and an empty list or dictionary say the same: nothing
        yield f"{place}: {str(a)[:200]} != {str(b)[:200]}"


def plain(path):
    model = onnx.load(path, load_external_data=False)
    return fields(model, os.path.dirname(path), model.ir_version)


json.dump([list(differences(plain(a), plain(b), "model")) for a, b in json.load(sys.stdin)], sys.stdout)
