"""Makes the reference files of one parity case:

    python reference.py '{"backbone": "resnet50", "r": 16, "inputs": [[3, 224]]}' FOLDER

FOLDER/weights.safetensors     the state dict, PyTorch's keys
FOLDER/x-3x224.npy             float32 [3,channels,224,224], one per entry of `inputs`
FOLDER/logits-3x224.npy        float32 [3,classes], what PyTorch makes of it
FOLDER/fault-N.npy             with "faults": logits of the first input, by a network with the N-th deliberate fault

Prints one JSON object: what the weights do to a batch (conditioning.report), and the names of the faults.
Exits 1 when the weights are so badly conditioned that a comparison would prove little."""

import json
import pathlib
import sys
import zlib

import numpy
import torch
from safetensors.torch import save_file

from conditioning import condition, images, problems, report
from faults import faults_for
from networks import build

DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


def store(net, dtype, file):
    """Writes the state dict with its floats as `dtype`, and gives the network the numbers as they were rounded."""
    state = {key: value.to(dtype) if value.is_floating_point() else value for key, value in net.state_dict().items()}
    save_file({key: value.contiguous() for key, value in state.items()}, file)
    net.load_state_dict(state)


def logits_of(net, batch):
    with torch.no_grad():
        return net(batch).numpy()


def main(case, folder):
    seed = zlib.crc32(json.dumps(case, sort_keys=True).encode())
    channels = case.get("inChannels", 3)
    net = build(case)
    condition(net, channels, seed)
    store(net, DTYPES[case.get("dtype", "F32")], folder / "weights.safetensors")

    facts = report(net, images(3, channels, 224, seed + 1))
    for count, size in case["inputs"]:
        batch = images(count, channels, size, seed + size + count)
        numpy.save(folder / f"x-{count}x{size}.npy", batch.numpy())
        numpy.save(folder / f"logits-{count}x{size}.npy", logits_of(net, batch))

    if case.get("faults"):
        batch = torch.from_numpy(numpy.load(folder / "x-{}x{}.npy".format(*case["inputs"][0])))
        faults = faults_for(net)
        for number, fault in enumerate(faults.values()):
            wrong = build(case)
            wrong.load_state_dict(net.state_dict())
            fault(wrong)
            numpy.save(folder / f"fault-{number}.npy", logits_of(wrong, batch))
        facts["faults"] = list(faults)

    print(json.dumps(facts))
    badly = problems(facts)
    if badly:
        sys.exit("badly conditioned weights: " + "; ".join(badly))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), pathlib.Path(sys.argv[2]))
