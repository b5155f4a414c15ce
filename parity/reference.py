"""Makes the reference files of one parity case:

    python reference.py '{"backbone": "resnet50", "r": 16, "inputs": [[2, 72]]}' FOLDER

FOLDER/weights.safetensors     the state dict, with our keys, every number of it from a recipe (recipe.py)
FOLDER/x-2x72.npy              float32 [2,channels,72,72], one per entry of `inputs`
FOLDER/logits-2x72.npy         float32 [2,classes], what PyTorch makes of it
FOLDER/fault-N.npy             with "faults": logits of the first input, by a network with the N-th deliberate fault

Prints one JSON object: what the weights do to a batch (conditioning.report), and the names of the faults.
Exits 1 when the weights are so badly conditioned that a comparison would prove little."""

import json
import pathlib
import sys

import numpy
import torch
from safetensors.torch import save_file

from conditioning import conditioned
from faults import faults_for
from networks import build
from recipe import images

DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


def store(reference, dtype, file):
    """Writes the state dict with its floats as `dtype`, and gives the network the numbers as they were rounded."""
    state = {key: value.to(dtype) if value.is_floating_point() else value for key, value in reference.net.state_dict().items()}
    save_file({reference.rename(key): value.contiguous() for key, value in state.items()}, file)
    reference.net.load_state_dict(state)


def logits_of(net, batch):
    with torch.no_grad():
        return net(batch)


def main(case, folder):
    channels = case.get("inChannels", 3)
    reference, _, facts = conditioned(case)
    store(reference, DTYPES[case.get("dtype", "F32")], folder / "weights.safetensors")
    batches = [images(count, channels, size, seed) for seed, (count, size) in enumerate(case["inputs"], start=1)]
    for (count, size), batch in zip(case["inputs"], batches):
        numpy.save(folder / f"x-{count}x{size}.npy", batch.numpy())
        numpy.save(folder / f"logits-{count}x{size}.npy", logits_of(reference.net, batch).numpy())

    if case.get("faults"):
        faults = faults_for(reference, batches[0])
        for number, fault in enumerate(faults.values()):
            wrong = build(case).net
            wrong.load_state_dict(reference.net.state_dict())
            fault(wrong)
            numpy.save(folder / f"fault-{number}.npy", logits_of(wrong, batches[0]).numpy())
        facts["faults"] = list(faults)
    print(json.dumps(facts))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), pathlib.Path(sys.argv[2]))
