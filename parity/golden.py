"""Writes one case's golden: python golden.py '{"backbone": "resnet50", "classes": 40, "inputs": [[2, 72]]}' NAME.json

The recipe of conditioned weights, and what PyTorch makes of them and of two images: what test/models/parity.test.ts needs to compare
se-onnx with PyTorch where there is no PyTorch."""

import hashlib
import json
import pathlib
import sys

import torch

from conditioning import conditioned
from recipe import images

PLAN = ("r", "bias", "stages", "where", "squeeze", "excitation", "block")


def main(case, file):
    reference, recipe, _ = conditioned(case)
    count, size = case["inputs"][0]
    batch = images(count, 3, size, 1)
    with torch.no_grad():
        logits = reference.net(batch)
    tensors = {reference.rename(key): value for key, value in reference.net.state_dict().items()}
    weights = hashlib.sha256()
    for key in sorted(recipe["tensors"]):
        weights.update(tensors[key].numpy().tobytes())
    head = {
        "backbone": case["backbone"],
        "plan": {name: case[name] for name in PLAN if name in case},
        "classes": case["classes"],
        "input": {"count": count, "size": size, "seed": 1},
        "sha256": {"weights": weights.hexdigest(), "images": hashlib.sha256(batch.numpy().tobytes()).hexdigest()},
        "logits": [float(f"{number:.7g}") for number in logits.flatten().tolist()],
        "seed": recipe["seed"],
    }
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in head.items()]
    entries = ",\n".join(f"{json.dumps(key)}: {json.dumps(entry)}" for key, entry in recipe["tensors"].items())
    file.write_text("{\n" + ",\n".join(lines) + ',\n"tensors": {\n' + entries + "\n}}\n")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), pathlib.Path(sys.argv[2]))
