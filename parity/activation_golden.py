"""Writes test/infer/goldens/activation.json: python activation_golden.py '[{"backbone": "resnet18", "inputs": [[2, 72]]}, ...]' FILE

maps      by backbone: class and map of the first image by PyTorch, for the weights and images of test/models/goldens/parity
overlays  a small map over a small picture, as PyTorch resizes it"""

import json
import pathlib
import sys

import numpy
import torch

from activation import class_activation, overlay
from conditioning import conditioned
from recipe import images


def short(numbers):
    return [float(f"{number:.7g}") for number in numbers]


def map_of(case):
    reference, _, _ = conditioned(case)
    count, size = case["inputs"][0]
    chosen, logits, cam = class_activation(reference.net, images(count, 3, size, 1))
    return {"class": chosen, "logit": short([float(logits[chosen])])[0], "shape": list(cam.shape), "map": short(cam.flatten().tolist())}


def overlay_of(width, height, shape, region):
    random = numpy.random.default_rng(width)
    pixels = random.integers(0, 256, (height, width, 3), dtype=numpy.uint8)
    cam = torch.from_numpy(random.normal(size=shape).astype(numpy.float32))
    drawn = overlay(pixels, cam, region)
    return {
        "width": width,
        "height": height,
        "pixels": pixels.flatten().tolist(),
        "shape": list(shape),
        "map": short(cam.flatten().tolist()),
        "region": dict(zip(("left", "top", "width", "height"), region)),
        "drawn": [round(float(number), 3) for number in drawn.flatten()],
    }


def main(cases, file):
    maps = {case["backbone"]: map_of(case) for case in cases}
    overlays = [
        overlay_of(13, 9, (3, 3), (2.25, -0.5, 9.5, 9.5)),
        overlay_of(6, 11, (7, 2), (0.0, 2.0, 6.0, 7.0)),
        overlay_of(5, 4, (1, 4), (0.0, 0.0, 5.0, 4.0)),
    ]
    parts = [f'"maps": {{\n' + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in maps.items()) + "\n}"]
    parts.append('"overlays": [\n' + ",\n".join(json.dumps(o) for o in overlays) + "\n]")
    file.write_text("{\n" + ",\n".join(parts) + "\n}\n")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), pathlib.Path(sys.argv[2]))
