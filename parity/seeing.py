"""What PyTorch sees in photographs: python seeing.py '{"backbone": "resnet50", "inputs": [[2, 224]]}' FOLDER PHOTO ...

FOLDER/weights.safetensors   the state dict, with our keys (see reference.py)
FOLDER/N-cam.npy             float32 [h,w], the class activation map of photograph N for the class that is ahead
FOLDER/N-overlay.npy         float32 [H,W,3], the map in colours over the photograph, 0 to 255
FOLDER/N-corners.npy         the same with the map resized wrongly, corners on corners
FOLDER/N-gates-B.npy         float32 [C], the gates of block B, NaN where the channel is 0 throughout

Prints a JSON list, for each photograph: {class, logit}."""

import json
import math
import pathlib
import sys

import numpy
import torch
from PIL import Image, ImageOps
from safetensors.torch import save_file
from torchvision import transforms

from activation import class_activation, overlay
from conditioning import conditioned
from networks.blocks import se_blocks

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def seen_region(width, height, size):
    """What Resize(floor(size / 0.875)) and CenterCrop(size) leave of a picture, in its own pixels."""
    short = math.floor(size / 0.875)
    wide, tall = (short, int(short * height / width)) if width <= height else (int(short * width / height), short)
    left, top = int(round((wide - size) / 2.0)), int(round((tall - size) / 2.0))
    return left * width / wide, top * height / tall, size * width / wide, size * height / tall


def gates_of(net, batch):
    """For each block, in order of execution, by what it scales the largest number of each channel."""
    found, hooks = [], []

    def hook(block, x, y):
        flat = x[0][0].flatten(1)
        place = flat.abs().argmax(1, keepdim=True)
        largest = flat.gather(1, place)[:, 0].double()
        gates = y[0].flatten(1).gather(1, place)[:, 0].double() / largest
        found.append(torch.where(largest.abs() > 1e-3, gates, torch.tensor(math.nan).double()).float().numpy())

    hooks = [block.register_forward_hook(hook) for block in se_blocks(net).values()]
    with torch.no_grad():
        net(batch)
    for handle in hooks:
        handle.remove()
    return found


def main(case, folder, photos):
    reference, _, _ = conditioned(case)
    net, (_, size) = reference.net, case["inputs"][0]
    save_file({reference.rename(key): value.contiguous() for key, value in net.state_dict().items()}, folder / "weights.safetensors")
    prepare = transforms.Compose(
        [transforms.Resize(math.floor(size / 0.875)), transforms.CenterCrop(size), transforms.ToTensor(), transforms.Normalize(MEAN, STD)]
    )
    results = []
    for number, photo in enumerate(photos):
        picture = ImageOps.exif_transpose(Image.open(photo)).convert("RGB")
        batch = prepare(picture)[None]
        chosen, logits, cam = class_activation(net, batch)
        region = seen_region(*picture.size, size)
        numpy.save(folder / f"{number}-cam.npy", cam.numpy())
        for name, corners in (("overlay", False), ("corners", True)):
            numpy.save(folder / f"{number}-{name}.npy", overlay(numpy.array(picture), cam, region, corners).astype(numpy.float32))
        for block, gates in enumerate(gates_of(net, batch)):
            numpy.save(folder / f"{number}-gates-{block}.npy", gates)
        results.append({"class": chosen, "logit": float(logits[chosen])})
    print(json.dumps(results))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:])
