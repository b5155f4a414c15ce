"""Writes state dicts as checkpoints come: with a wrapper and a prefix, as another type, in each container."""

import argparse
import collections
import io
import pickle
import struct
import tarfile

import torch
from safetensors.torch import save_file

DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "F64": torch.float64}
STORAGES = {torch.float32: torch.FloatStorage, torch.float64: torch.DoubleStorage, torch.int64: torch.LongStorage}
TENSORS = {torch.float32: torch.FloatTensor, torch.float64: torch.DoubleTensor, torch.int64: torch.LongTensor}


def converted(tensor, dtype):
    """As `dtype`; a double gets digits that a float32 has no room for."""
    if not tensor.is_floating_point():
        return tensor.clone()
    return tensor.double() * (1 + 1e-9) if dtype is torch.float64 else tensor.to(dtype)


def wrapped(state, wrapper):
    """A training script's file around a state dict."""
    if wrapper is None:
        return state
    args = argparse.Namespace(model="net", lr=0.1, betas=(0.9, 0.999), output=None)
    whole = {"epoch": 299, "arch": "net", "args": args, "version": 2, "best": torch.tensor(76.5), wrapper: state}
    if wrapper == "state_dict_ema":  # beside the weights that it is the average of, which are others
        whole["state_dict"] = collections.OrderedDict((key, torch.zeros_like(value)) for key, value in state.items())
    return whole


def save(state, file, container, wrapper=None):
    if container == "safetensors":
        save_file(state, file, metadata={"format": "pt"})
    elif container == "tar":
        save_tar(state, file)
    else:
        torch.save(wrapped(state, wrapper), file, _use_new_zipfile_serialization=container == "zip")


class Named:
    def __init__(self, name):
        self.name = name


class TarPickler(pickle.Pickler):
    """Refers to tensors by their number in the archive."""

    def persistent_id(self, value):
        return value.name if isinstance(value, Named) else None


def pickled(value):
    out = io.BytesIO()
    TarPickler(out, 2).dump(value)
    return out.getvalue()


def save_tar(state, file):
    """The container of PyTorch up to 0.1.12, which nothing writes any more, as torch.serialization still reads it."""
    storages, tensors, names = [pickled(len(state))], [pickled(len(state))], collections.OrderedDict()
    for number, (key, tensor) in enumerate(state.items(), start=1):
        storages += [pickled((number, "cpu", STORAGES[tensor.dtype])), struct.pack("<q", tensor.numel()), tensor.contiguous().numpy().tobytes()]
        rank = tensor.dim()
        numbers = [*tensor.shape, *tensor.contiguous().stride(), 0]
        tensors += [pickled((number, number, TENSORS[tensor.dtype])), struct.pack(f"<iI{2 * rank + 1}q", rank, 0, *numbers)]
        names[key] = Named(str(number))
    storages.append(pickled([]))  # views of storages
    parts = {"sys_info": pickled({"protocol_version": 1000, "little_endian": True}), "pickle": pickled(names),
             "tensors": b"".join(tensors), "storages": b"".join(storages)}
    with tarfile.open(file, "w", format=tarfile.PAX_FORMAT) as tar:
        for name, data in parts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    loaded = torch.load(file)
    assert all(torch.equal(loaded[key], tensor) for key, tensor in state.items())
