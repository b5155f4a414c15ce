"""Pictures as the packages of published checkpoints prepare them: python preprocessing.py PRESETS.json FOLDER PHOTO ...

PRESETS.json is a list of {preset, checkpoints: [[publisher, checkpoint, whether at its test size], ...]}.
FOLDER/P-T-N.npy   float32 [3,height,width]: photograph N by the T-th transform that the checkpoints of preset P have; one each for presets
                   that say the same

Prints a JSON list, for each preset, of its transforms: {package, transform: as the package prints it, checkpoints: their names}.
`package` is "figures" where no package at hand knows the checkpoint: then timm's transform is made of the preset's own figures."""

import json
import pathlib
import re
import sys
from types import SimpleNamespace

import numpy
import timm
import torchvision
from PIL import Image
from timm.data import create_transform, resolve_data_config
from timm.models._registry import _model_pretrained_cfgs as timm_configs
from torchvision.models import GoogLeNet

from zoos.packages import PRETRAINEDMODELS


def by_timm(config, at_test_size):
    return create_transform(**resolve_data_config({}, pretrained_cfg=config, use_test_size=at_test_size), is_training=False)


def timm_transform(checkpoint, at_test_size):
    config = timm_configs.get(checkpoint)
    return config and by_timm(config.to_dict(), at_test_size)


def torchvision_transform(checkpoint, _):
    """By the entry of the package's enumeration of weights: resnet50.v2 is ResNet50_Weights.IMAGENET1K_V2."""
    network, entry = checkpoint.split(".", 1)
    enumerations = {name.lower(): value for name, value in vars(torchvision.models).items() if name.endswith("_Weights")}
    entries = enumerations.get(f"{network}_weights".lower(), enumerations.get(f"{network.replace('_', '')}_weights"))
    names = {name.lower().replace("imagenet1k_", ""): value for name, value in entries.__members__.items()} if entries else {}
    if entry not in names:
        return None
    return Halved(names[entry].transforms()) if network in ("googlenet", "inception_v3") else names[entry].transforms()


class Halved:
    """What torchvision's two Inceptions get to see: with published weights their first step (`transform_input`) normalises the tensor anew,
    to mean and deviation 0.5, as TensorFlow trained them."""

    def __init__(self, transform):
        self.transform = transform

    def __call__(self, picture):
        return GoogLeNet._transform_input(SimpleNamespace(transform_input=True), self.transform(picture)[None])[0]

    def __repr__(self):
        return f"{self.transform} transform_input"


def cadene_transform(checkpoint, _):
    """Its package reads no settings of a checkpoint but those of the network that it loads, so they are given as it keeps them."""
    sys.path.append(str(PRETRAINEDMODELS))
    import munch
    from pretrainedmodels.models.senet import pretrained_settings
    from pretrainedmodels.utils import TransformImage

    return TransformImage(munch.munchify(pretrained_settings[checkpoint]["imagenet"])).tf


TRANSFORMS = {"timm": timm_transform, "torchvision": torchvision_transform, "cadene": cadene_transform}


def transforms_of(preset, checkpoints):
    """The different transforms that the checkpoints of a preset have, by what the packages print of them."""
    found = {}
    for publisher, checkpoint, at_test_size in checkpoints:
        transform = publisher in TRANSFORMS and TRANSFORMS[publisher](checkpoint, at_test_size)
        package = publisher if transform else "figures"
        transform = transform or by_timm(preset, False)
        key = (package, re.sub(r" at 0x\w+|\s+", " ", str(transform)))
        found.setdefault(key, [transform, set()])[1].add(checkpoint)
    return found


def main(presets, folder, photos):
    pictures = [Image.open(photo).convert("RGB") for photo in photos]
    report = []
    for p, entry in enumerate(presets):
        found = transforms_of(entry["preset"], entry["checkpoints"])
        for t, (transform, _) in enumerate(found.values()):
            for n, picture in enumerate(pictures):
                numpy.save(folder / f"{p}-{t}-{n}.npy", transform(picture).numpy())
        report.append([{"package": package, "transform": text, "checkpoints": sorted(names)} for (package, text), (_, names) in found.items()])
    print(json.dumps(report))


if __name__ == "__main__":
    main(json.loads(pathlib.Path(sys.argv[1]).read_text()), pathlib.Path(sys.argv[2]), sys.argv[3:])
