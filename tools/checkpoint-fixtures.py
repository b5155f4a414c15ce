"""Writes test/export/goldens/weights: small checkpoints by PyTorch and NumPy, and values.json with what is in them.

    $HOME/.cache/se-onnx/venv/bin/python tools/checkpoint-fixtures.py     # torch 1.13, numpy 1.24, safetensors 0.7, onnx 1.20

The tar container has no writer any more: it is written here as torch.serialization.legacy_load reads it. The keys of legacy.pth are addresses
in memory, so that file differs from run to run.
"""

import argparse
import collections
import io
import json
import os
import pathlib
import pickle
import struct
import tarfile
import zipfile

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import save_file

here = pathlib.Path(__file__).parent.parent / "test/export/goldens/weights"
here.mkdir(exist_ok=True)
values = {}


def arange(dtype, *shape):
    count = int(np.prod(shape))
    return (torch.arange(count) % 2 if dtype is torch.bool else torch.arange(count) - 3).to(dtype).reshape(shape)


def bits(t):
    """Type, shape and little-endian bytes in row-major order."""
    t = t.detach().contiguous()
    kind = str(t.dtype).removeprefix("torch.")
    raw = t.view(torch.int16) if t.dtype is torch.bfloat16 else t
    data = raw.numpy().tobytes()
    return {"type": f"{kind}[{','.join(map(str, t.shape))}]", "hex": data.hex()}


def expect(name, tensors):
    values[name] = {key: bits(t) for key, t in tensors.items()}
    for key in values[name].keys() & {"long"}:
        values[name][key]["hex"] = "arange"


DTYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8,
          torch.uint8, torch.bool, torch.complex64]


def every_kind():
    base = arange(torch.float32, 4, 6)
    state = collections.OrderedDict((str(d).removeprefix("torch."), arange(d, 2, 3)) for d in DTYPES)
    state["conv.weight"] = arange(torch.float32, 4, 3, 2, 2)
    state["channels_last"] = arange(torch.float32, 2, 3, 4, 5).contiguous(memory_format=torch.channels_last)
    state["base"] = base
    state["row"] = base[1]  # a part of a storage that is shared
    state["column"] = base[:, 2]
    state["transposed"] = base.t()
    state["expanded"] = torch.tensor([1.5, -2.5]).reshape(2, 1).expand(2, 3)
    state["scalar"] = torch.tensor(7.25)
    state["empty"] = torch.zeros(0, 4)
    state["bn.num_batches_tracked"] = torch.tensor(12)
    state["parameter"] = torch.nn.Parameter(arange(torch.float32, 3))
    return state


def save(name, value, expected=None, **options):
    torch.save(value, here / name, **options)
    expect(name, expected if expected is not None else value)


class OldStorages(pickle.Pickler):
    """Storages as PyTorch 0.3 refers to them: _rebuild_tensor, no hooks."""

    def persistent_id(self, value):
        return value.id if isinstance(value, Reference) else None


class Reference:
    def __init__(self, *id):
        self.id = id[0] if len(id) == 1 else id


class Call:
    """Pickled as a call of the name."""

    def __init__(self, function, *args):
        self.function, self.args = function, args

    def __reduce__(self):
        return self.function, self.args


def old_pickle(value, protocol=2):
    out = io.BytesIO()
    OldStorages(out, protocol).dump(value)
    return out.getvalue()


def legacy_03(name):
    """As Cadene's files: _rebuild_tensor without v2, and a view that names a part of its storage."""
    first, second = arange(torch.float32, 2, 3), arange(torch.float32, 4)
    rebuild = torch._utils._rebuild_tensor
    state = collections.OrderedDict([
        ("layer0.conv1.weight", Call(rebuild, Reference("storage", torch.FloatStorage, "11", "cuda:0", 6, None), 0, (2, 3), (3, 1))),
        ("last_linear.bias", Call(rebuild, Reference("storage", torch.FloatStorage, "22", "cpu", 4, ("33", 1, 3)), 1, (2,), (1,))),
    ])
    system = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
    parts = [old_pickle(v) for v in (0x1950A86A20F9469CFC6C, 1001, system, state, ["22", "11"])]
    parts += [struct.pack("<q", 4), second.numpy().tobytes(), struct.pack("<q", 6), first.numpy().tobytes()]
    (here / name).write_bytes(b"".join(parts))
    loaded = torch.load(here / name, map_location="cpu")
    expect(name, {"layer0.conv1.weight": first, "last_linear.bias": second[2:4]})
    assert torch.equal(loaded["last_linear.bias"], second[2:4])


def tar_01(name):
    weight, bias = arange(torch.float32, 2, 3), arange(torch.float64, 4)
    storages = old_pickle(2)
    for key, type, t in ((101, torch.FloatStorage, weight), (102, torch.DoubleStorage, bias)):
        storages += old_pickle((key, "cpu", type)) + struct.pack("<q", t.numel()) + t.numpy().tobytes()
    storages += old_pickle([(103, 102, 1, 3)])
    tensors = old_pickle(3)
    for key, storage, type, shape, stride, offset in ((1, 101, torch.FloatTensor, (2, 3), (3, 1), 0),
                                                      (2, 101, torch.FloatTensor, (3, 2), (1, 3), 0),
                                                      (3, 103, torch.DoubleTensor, (2,), (1,), 1)):
        rank = len(shape)
        tensors += old_pickle((key, storage, type)) + struct.pack(f"<iI{2 * rank}qq", rank, 0, *shape, *stride, offset)
    state = collections.OrderedDict([("w", Reference("1")), ("w.t", Reference("2")), ("b", Reference("3"))])
    with tarfile.open(here / name, "w", format=tarfile.PAX_FORMAT) as tar:
        for path, data in (("sys_info", old_pickle({"protocol_version": 1000, "little_endian": True})), ("pickle", old_pickle(state)),
                           ("tensors", tensors), ("storages", storages)):
            info = tarfile.TarInfo(path)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    loaded = torch.load(here / name)
    assert torch.equal(loaded["w.t"], weight.t()) and torch.equal(loaded["b"], bias[2:4])
    expect(name, {"w": weight, "w.t": weight.t(), "b": bias[2:4]})


def rezip(name, of, method=zipfile.ZIP_STORED, change=lambda path, data: data):
    """The archive `of`, with its records changed or packed; a record that becomes None is left out."""
    with zipfile.ZipFile(here / of) as source, zipfile.ZipFile(here / name, "w", method) as target:
        for path in source.namelist():
            data = change(path, source.read(path))
            if data is not None:
                target.writestr(zipfile.ZipInfo(path), data, method)


def big_endian(path, data):
    return np.frombuffer(data, "<f4").astype(">f4").tobytes() if "/data/" in path else data


def evil(name, function, *args):
    """As the zip container, with a pickle that calls something else."""
    with zipfile.ZipFile(here / name, "w") as target:
        target.writestr(zipfile.ZipInfo("archive/data.pkl"), pickle.dumps({"weight": Call(function, *args)}, 2))


everything = every_kind()
save("zip.pth", everything)
save("legacy.pth", everything, _use_new_zipfile_serialization=False)
legacy_03("legacy-0.3.pth")
tar_01("tar.pth")

small = {"fc.weight": arange(torch.float32, 2, 3), "fc.bias": arange(torch.float32, 2)}
module = {f"module.{k}": v for k, v in small.items()}
args = argparse.Namespace(model="seresnet50", lr=0.1, betas=(0.9, 0.999), output=None)
optimizer = torch.optim.SGD([torch.nn.Parameter(small["fc.weight"])], lr=0.1, momentum=0.9)
save("wrapped.pth", {
    "epoch": 3, "arch": "seresnet50", "state_dict": {k: torch.zeros_like(v) for k, v in module.items()}, "state_dict_ema": module,
    "optimizer": optimizer.state_dict(), "args": args, "best_acc1": torch.tensor(76.5), "metric": np.float64(76.5), "top": np.float32(1.5),
    "count": np.int64(4), "milestones": collections.Counter([30, 60]), "seen": {1, 2}, "raw": b"\x00\xff", "big": 1 << 80, "flag": True,
    "device": torch.device("cpu"), "dtype": torch.float16, "size": torch.Size([1, 2]), "nothing": None,
}, small)
save("nested.pth", {"classy_state_dict": {"base_model": {"model": {"trunk": small, "heads": {}}}}}, small)
save("protocol4.pth", {"model": small}, small, pickle_protocol=4)
save("float.pth", small)
rezip("big-endian.pth", "float.pth", change=big_endian)
with zipfile.ZipFile(here / "big-endian.pth", "a") as target:
    target.writestr(zipfile.ZipInfo("float/byteorder"), "big")
expect("big-endian.pth", small)
rezip("deflated.pth", "float.pth", zipfile.ZIP_DEFLATED)
expect("deflated.pth", small)

evil("evil-system.pth", os.system, "echo run > evil-ran")
evil("evil-getattr.pth", getattr, collections.OrderedDict, "__init__")
with zipfile.ZipFile(here / "evil-setstate.pth", "w") as target:  # a state that would be a function: BUILD on an allowed value
    body = b"ccollections\nOrderedDict\n)R}(X\x0c\x00\x00\x00__setstate__c__builtin__\neval\nub."
    target.writestr(zipfile.ZipInfo("archive/data.pkl"), b"\x80\x02" + body)
with zipfile.ZipFile(here / "evil-dotted.pth", "w") as target:  # STACK_GLOBAL finds attributes of attributes
    body = b"\x8c\x05torch\x8c\x17serialization.os.system\x93\x8c\x02id\x85R."
    target.writestr(zipfile.ZipInfo("archive/data.pkl"), b"\x80\x04" + body)

arrays = {"a.weight": np.arange(6, dtype=np.float32).reshape(2, 3), "half": np.arange(4, dtype=np.float16),
          "big": np.arange(6, dtype=">f4").reshape(3, 2), "fortran": np.asfortranarray(np.arange(24, dtype=np.float64).reshape(2, 3, 4)),
          "n": np.int64(5), "empty": np.zeros((0, 3), np.float32), "flag": np.array([True, False]), "long": np.arange(20000, dtype=np.float32),
          "complex": np.array([1 + 2j], dtype=">c8")}
np.savez(here / "stored.npz", **{k: v for k, v in arrays.items() if k != "long"})
np.savez_compressed(here / "packed.npz", **arrays)
np.savez(here / "objects.npz", a=np.array([{}], dtype=object))
native = {k: torch.from_numpy(np.ascontiguousarray(v, v.dtype.newbyteorder("<")).reshape(v.shape)) for k, v in arrays.items()}
expect("packed.npz", native)
expect("stored.npz", {k: v for k, v in native.items() if k != "long"})

for i, part in enumerate(({"a": arange(torch.float32, 2, 2)}, {"b": arange(torch.float16, 3), "c": arange(torch.int64, 1)}), 1):
    save_file(part, here / f"model-{i:05}-of-00002.safetensors")
    values.setdefault("model.safetensors.index.json", {}).update({k: bits(t) for k, t in part.items()})
places = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors", "c": "model-00002-of-00002.safetensors"}
(here / "model.safetensors.index.json").write_text(json.dumps({"metadata": {"total_size": 30}, "weight_map": places}, indent=1))

constant = helper.make_node("Constant", [], ["k"], value=numpy_helper.from_array(np.arange(3, dtype=np.int64)))
graph = helper.make_graph([constant, helper.make_node("Add", ["x", "w"], ["s"]), helper.make_node("Add", ["s", "w"], ["y"])], "g",
                          [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3])],
                          [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 3])],
                          [numpy_helper.from_array(arrays["a.weight"], "w")])
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), here / "other.onnx")
expect("other.onnx", {"w": native["a.weight"], "k": torch.arange(3)})

(here / "values.json").write_text(json.dumps(values, indent=1, sort_keys=True) + "\n")
