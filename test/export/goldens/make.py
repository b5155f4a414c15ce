"""Writes the goldens of this folder with the official onnx and safetensors packages (onnx 1.20.1, safetensors 0.7.0):

    $HOME/.cache/se-onnx/venv/bin/python test/export/goldens/make.py      # the environment of parity/setup.sh

everything.onnx      every message and field of onnx.proto that a graph can hold, spelled as our encoder spells it
typed.onnx           tensors whose values stand in typed fields
ir3.onnx             an IR version 3 file: initializers are listed as inputs
constants.onnx       Constant nodes of every form
*.json               what Python reads in them
weights.safetensors  every element type of the format that ONNX has too
"""

import json
import pathlib
import struct

import numpy as np
import onnx
import safetensors
from onnx import AttributeProto, TensorProto, helper, numpy_helper

here = pathlib.Path(__file__).parent
F = TensorProto.FLOAT


def raw(name, data_type, dims, data, doc=""):
    return TensorProto(name=name, data_type=data_type, dims=dims, raw_data=bytes(data), doc_string=doc)


def count(name):
    """Bytes of a tensor of 3 elements."""
    bits = {"STRING": None, "COMPLEX128": 128, "COMPLEX64": 64, "DOUBLE": 64, "INT64": 64, "UINT64": 64, "FLOAT": 32,
            "INT32": 32, "UINT32": 32, "FLOAT16": 16, "BFLOAT16": 16, "INT16": 16, "UINT16": 16, "UINT4": 4, "INT4": 4,
            "FLOAT4E2M1": 4, "UINT2": 2, "INT2": 2}.get(name, 8)
    return bits and -(-3 * bits // 8)


def all_types():
    for name, number in TensorProto.DataType.items():
        if name == "UNDEFINED":
            continue
        if name == "STRING":
            yield TensorProto(name="w.string", data_type=number, dims=[3], string_data=[b"a", b"", b"\xff\x00\xc3"])
        else:
            yield raw(f"w.{name.lower()}", number, [3], [(7 * i + number) % 251 for i in range(count(name))], f"of {name}")


def save(model, name, expected):
    (here / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))
    (here / f"{name}.json").write_text(json.dumps(expected, indent=1, sort_keys=True) + "\n")


def described(t):
    data = b"".join(struct.pack("<I", len(s)) + s for s in t.string_data) if t.data_type == TensorProto.STRING else None
    if data is None:
        data = t.raw_data if t.HasField("raw_data") else little_endian(t)
    return {"type": TensorProto.DataType.Name(t.data_type).lower(), "shape": list(t.dims), "hex": data.hex()}


def little_endian(t):
    """The bytes of typed values; Python's arrays hold 4- and 2-bit elements one a byte, ONNX packs them, the first one lowest."""
    bits = {"UINT4": 4, "INT4": 4, "FLOAT4E2M1": 4, "UINT2": 2, "INT2": 2}.get(TensorProto.DataType.Name(t.data_type))
    array = numpy_helper.to_array(t)
    if not bits:
        return array.tobytes()
    values = [int(b) & ((1 << bits) - 1) for b in array.view(np.uint8).ravel()]
    per = 8 // bits
    return bytes(sum(v << (bits * i) for i, v in enumerate(values[at : at + per])) for at in range(0, len(values), per))


def everything():
    branch = helper.make_graph(
        [helper.make_node("Add", ["x", "w.float"], ["sum"])], "then", [], [helper.make_tensor_value_info("sum", F, None)],
        initializer=[raw("own", F, [], b"\0\0\x80\x3f")], doc_string="reads the outer x and w.float",
    )
    other = helper.make_graph([helper.make_node("Identity", ["x"], ["same"])], "else", [], [helper.make_tensor_value_info("same", F, None)])
    sparse = helper.make_sparse_tensor(raw("v", F, [2], bytes(8)), raw("i", TensorProto.INT64, [2], bytes([1] + [0] * 7 + [5] + [0] * 7)), [2, 3])
    A = AttributeProto
    given = helper.make_tensor_type_proto(F, ["N", 3])
    given.denotation = "IMAGE"
    given.tensor_type.shape.dim[1].denotation = "DATA_CHANNEL"
    values = {
        "f": dict(type=A.FLOAT, f=0.1), "f0": dict(type=A.FLOAT, f=0.0), "i": dict(type=A.INT, i=2**62 + 1), "i0": dict(type=A.INT, i=0),
        "i-": dict(type=A.INT, i=-(2**63)), "s": dict(type=A.STRING, s="Größe".encode()), "s8": dict(type=A.STRING, s=b"\xff\xfe"),
        "t": dict(type=A.TENSOR, t=raw("inner name", F, [1], bytes(4), "inner doc")), "g": dict(type=A.GRAPH, g=other),
        "floats": dict(type=A.FLOATS, floats=[1.0, -0.0, 3.4e38]), "ints": dict(type=A.INTS, ints=[0, -1, 2**53 + 1, 2**63 - 1]),
        "strings": dict(type=A.STRINGS, strings=[b"", b"a", b"\x80"]), "tensors": dict(type=A.TENSORS, tensors=[raw("a", F, [0], b""), raw("b", 7, [1], bytes(8))]),
        "graphs": dict(type=A.GRAPHS, graphs=[other, other]), "sparse": dict(type=A.SPARSE_TENSOR, sparse_tensor=sparse),
        "sparses": dict(type=A.SPARSE_TENSORS, sparse_tensors=[sparse, sparse]), "tp": dict(type=A.TYPE_PROTO, tp=given),
        "tps": dict(type=A.TYPE_PROTOS, type_protos=[given, helper.make_sequence_type_proto(given)]),
        "none": dict(type=A.INTS),
    }
    every = helper.make_node("Every", ["x", "", "w.int64"], ["every", "", "third"], "every.node", "doc of the node", "custom.domain")
    every.attribute.extend(A(name=name, doc_string=f"doc of {name}", **fields) for name, fields in values.items())
    every.overload = "v2"
    every.metadata_props.add(key="pkg", value="test")
    choice = helper.make_node("If", ["flag"], ["chosen"], "choice", then_branch=branch, else_branch=other)
    call = helper.make_node("Scaled", ["chosen"], ["y"], "call", domain="local", by=2.0)
    maps = helper.make_map_type_proto(TensorProto.STRING, helper.make_sequence_type_proto(given))
    infos = [
        onnx.ValueInfoProto(name="x", type=given, doc_string="an image"),
        helper.make_tensor_value_info("flag", TensorProto.BOOL, []),
        helper.make_tensor_value_info("any rank", TensorProto.DOUBLE, None),
        helper.make_tensor_value_info("unknown length", F, [None, 0, "N"]),
        helper.make_value_info("list", helper.make_sequence_type_proto(given)),
        helper.make_value_info("maybe", helper.make_optional_type_proto(given)),
        helper.make_value_info("table", maps),
        helper.make_value_info("sparse input", helper.make_sparse_tensor_type_proto(F, ["N", 4])),
        onnx.ValueInfoProto(name="untyped"),
        helper.make_tensor_value_info("w.default", F, [1]),
    ]
    infos[0].metadata_props.add(key="axis", value="C")
    opaque = onnx.ValueInfoProto(name="opaque")  # onnx-ml.proto, TypeProto.Opaque: domain 1, name 2
    opaque.type.MergeFromString(b"\x3a\x08" + b"\x0a\x02om\x12\x02on" + b"\x32\x01d")
    infos.append(opaque)
    g = helper.make_graph(
        [every, choice, call], "everything", infos, [helper.make_tensor_value_info("y", F, ["N", 3]), helper.make_tensor_value_info("third", 7, None)],
        initializer=[*all_types(), raw("w.default", F, [1], bytes(4))], doc_string="doc of the graph",
        value_info=[onnx.ValueInfoProto(name="chosen", type=given, doc_string="doc of a value")], sparse_initializer=[sparse_named(sparse)],
    )
    q = g.quantization_annotation.add(tensor_name="w.float")
    q.quant_parameter_tensor_names.add(key="SCALE_TENSOR", value="w.float")
    g.metadata_props.add(key="of the", value="graph")
    scale = helper.make_node("Constant", [], ["k"])
    scale.attribute.add(name="value_float", ref_attr_name="by", type=A.FLOAT, doc_string="by")
    function = helper.make_function("local", "Scaled", ["in"], ["out"], [scale, helper.make_node("Mul", ["in", "k"], ["out"])],
                                    [helper.make_opsetid("", 21)], ["by"], [A(name="or", type=A.FLOAT, f=1)], "doc of the function")
    function.metadata_props.add(key="of the", value="function")
    function.value_info.add(name="k")
    model = helper.make_model(
        g, functions=[function], producer_name="make.py", producer_version="1", doc_string="doc of the model", ir_version=10,
        opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("ai.onnx.ml", 3), helper.make_opsetid("custom.domain", 1), helper.make_opsetid("local", 1)],
    )
    model.domain = "org.example"
    model.model_version = 7
    model.metadata_props.add(key="a", value="1")
    model.metadata_props.add(key="b", value="")
    model.training_info.add(algorithm=other)
    model.configuration.add(name="devices", num_devices=2)
    model.MergeFromString(b"\xc2\x3e\x03abc")  # field 1000, of a later version
    expected = {
        "initializers": {t.name: described(t) for t in g.initializer},
        "attributes": {name: {k: plain(v) for k, v in fields.items() if k not in ("g", "graphs", "tp", "type_protos", "type")} for name, fields in values.items()},
    }
    save(model, "everything", expected)


def sparse_named(sparse):
    named = onnx.SparseTensorProto()
    named.CopyFrom(sparse)
    named.values.name = "w.sparse"
    return named


def plain(v):
    if isinstance(v, bytes):
        return v.hex()
    if isinstance(v, (list, tuple)):
        return [plain(x) for x in v]
    if isinstance(v, TensorProto):
        return described(v)
    if isinstance(v, onnx.SparseTensorProto):
        return {"shape": list(v.dims), "values": described(v.values), "indices": described(v.indices)}
    return str(v) if isinstance(v, int) else float(np.float32(v))


def typed():
    """Values as helper.make_tensor puts them without raw=True."""
    signed = {"INT8": [-128, 0, 127], "INT16": [-32768, 0, 32767], "INT32": [-(2**31), 0, 2**31 - 1], "INT64": [-(2**63), -1, 2**63 - 1],
              "INT4": [-8, 0, 7], "INT2": [-2, 0, 1]}
    tensors = []
    for name, number in TensorProto.DataType.items():
        if name in ("UNDEFINED", "STRING"):
            continue
        bits = 8 * count(name) // 3
        values = signed.get(name, [0, 1, 2**bits - 1] if name.startswith("UINT") else [0, 1, -2])
        if name == "BOOL":
            values = [True, False, True]
        if name.startswith("UINT") and name[4:] in "24":
            values = [0, 1, 2 ** int(name[4:]) - 1]
        tensors.append(helper.make_tensor(f"w.{name.lower()}", number, [3], np.array(values, dtype=helper.tensor_dtype_to_np_dtype(number))))
    tensors.append(helper.make_tensor("empty", F, [0, 3], []))
    assert not any(t.HasField("raw_data") for t in tensors)
    g = helper.make_graph([], "typed", [], [], initializer=tensors)
    save(helper.make_model(g, opset_imports=[helper.make_opsetid("", 21)], ir_version=10), "typed", {t.name: described(t) for t in tensors})


def ir3():
    g = helper.make_graph(
        [helper.make_node("Add", ["w", "x"], ["s"]), helper.make_node("Mul", ["s", "v"], ["y"])], "old",
        [onnx.ValueInfoProto(name="w", type=helper.make_tensor_type_proto(F, [1]), doc_string="announced"),
         helper.make_tensor_value_info("x", F, ["N"]), helper.make_tensor_value_info("v", F, [1])],
        [helper.make_tensor_value_info("y", F, ["N"])], initializer=[raw("w", F, [1], b"\0\0\x80\x3f", "of w"), raw("v", F, [1], b"\0\0\0\x40")],
    )
    model = helper.make_model(g, opset_imports=[helper.make_opsetid("", 8)], ir_version=3)
    onnx.checker.check_model(model)
    save(model, "ir3", {"inputs": ["x"], "initializers": {t.name: described(t) for t in g.initializer}})


def constants():
    node = lambda name, **attribute: helper.make_node("Constant", [], [name], f"{name}.node", **attribute)
    nodes = [
        node("tensor", value=raw("ignored", TensorProto.INT32, [2], bytes(8))), node("float", value_float=0.5), node("floats", value_floats=[1.0, 2.0]),
        node("int", value_int=2**60 + 1), node("ints", value_ints=[1, -1, 2**62 + 1]), node("string", value_string=b"\xff"), node("strings", value_strings=["a", "b"]),
        node("sparse", sparse_value=helper.make_sparse_tensor(raw("", F, [1], bytes(4)), raw("", 7, [1], bytes(8)), [3])), node("out", value_float=2.0),
        helper.make_node("Use", ["tensor", "float", "floats", "int", "ints", "string", "strings", "sparse"], ["y"], domain="custom"),
    ]
    nodes[1].domain = "ai.onnx"
    g = helper.make_graph(nodes, "constants", [], [helper.make_tensor_value_info("y", F, None), helper.make_tensor_value_info("out", F, [])])
    model = helper.make_model(g, opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("custom", 1)], ir_version=10)
    lifted = {
        "tensor": described(nodes[0].attribute[0].t),
        "float": {"type": "float", "shape": [], "hex": struct.pack("<f", 0.5).hex()},
        "floats": {"type": "float", "shape": [2], "hex": struct.pack("<2f", 1, 2).hex()},
        "int": {"type": "int64", "shape": [], "hex": struct.pack("<q", 2**60 + 1).hex()},
        "ints": {"type": "int64", "shape": [3], "hex": struct.pack("<3q", 1, -1, 2**62 + 1).hex()},
        "string": {"type": "string", "shape": [], "hex": (struct.pack("<I", 1) + b"\xff").hex()},
        "strings": {"type": "string", "shape": [2], "hex": (struct.pack("<I", 1) + b"a" + struct.pack("<I", 1) + b"b").hex()},
    }
    save(model, "constants", {"initializers": lifted})


def weights():
    names = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "float8_e4m3fn": 1, "float8_e5m2": 1, "float8_e8m0fnu": 1, "int64": 8, "int32": 4,
             "int16": 2, "int8": 1, "uint64": 8, "uint32": 4, "uint16": 2, "uint8": 1, "bool": 1}
    tensors = {name: {"dtype": name, "shape": [2, 3], "data": bytes((i * 37 + size) % (2 if name == "bool" else 256) for i in range(6 * size))} for name, size in names.items()}
    tensors["scalar"] = {"dtype": "float32", "shape": [], "data": struct.pack("<f", 1.5)}
    tensors["empty"] = {"dtype": "float32", "shape": [0, 4], "data": b""}
    tensors["long"] = {"dtype": "float32", "shape": [4, 4100], "data": np.arange(16_400, dtype="<f4").tobytes()}
    (here / "weights.safetensors").write_bytes(safetensors.serialize(tensors, {"format": "pt"}))
    expected = {key: {"shape": t["shape"], "hex": t["data"].hex() if len(t["data"]) < 1000 else "arange"} for key, t in tensors.items()}
    (here / "weights.json").write_text(json.dumps(expected, indent=1, sort_keys=True) + "\n")


everything()
typed()
ir3()
constants()
weights()
