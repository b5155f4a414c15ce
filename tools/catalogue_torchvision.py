"""Writes models/pretrained/torchvision/*.ts: what torchvision says of its weights for classification, for networks that have SE or are built here.

Usage: python3 tools/catalogue_torchvision.py FOLDER
FOLDER: the package `torchvision` of https://github.com/pytorch/vision from its release 0.15 on, as a wheel unpacks it. It is parsed and not imported.
Then `npx biome check --write models/pretrained`, and read what changed: the tests know some of it.
"""
import ast
import json
import re
import sys
from collections import defaultdict
from functools import partial
from pathlib import Path
from types import SimpleNamespace

package = Path(sys.argv[1])
OUT = Path(__file__).parent.parent / "models/pretrained/torchvision"
NETWORKS = {
    "resnet": r"resnet\d+|resnext\d+_.*",
    "vgg": r"vgg.*",
    "googlenet": r"googlenet",
    "inception": r"inception_v3",
    "mobilenetv2": r"mobilenet_v2",
    "mobilenetv3": r"mobilenet_v3_.*",
    "efficientnet": r"efficientnet_.*",
    "regnet": r"regnet_y_.*",
    "densenet": r"densenet121",
    "shufflenetv2": r"shufflenet_v2_.*",
}
FILES_AT = "https://download.pytorch.org/models/"
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
MEAN_STD = {(MEAN, STD): "IMAGENET", ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)): "HALVES"}
TRANSFORMS_INPUT = [
    "// torchvision's network takes ImageNet's mean and deviation and goes over to halves itself: x (std / 0.5) + (mean - 0.5) / 0.5.",
    "// The network here takes halves from the first.",
]
SWAG_LICENCE = "https://github.com/facebookresearch/SWAG/blob/main/LICENSE"


class Names(dict):
    """What a module's assignments may refer to: names that matter to nobody are their own text."""

    def __missing__(self, name):
        return name


def source_of(file):
    return (package / "models" / f"{file}.py").read_text()


def weights_of(file):
    """(network, entry, url, preset, meta) of every entry of every enumeration of weights."""
    tree = ast.parse(source_of(file))
    taken_by = {}
    names = Names(
        Weights=lambda **entry: SimpleNamespace(**entry),
        partial=partial,
        float=float,
        ImageClassification=preset,
        InterpolationMode=SimpleNamespace(BILINEAR="bilinear", BICUBIC="bicubic"),
        _IMAGENET_CATEGORIES=categories(),
    )
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            for arg in node.args.kwonlyargs:
                for enumeration in re.findall(r"\w+_Weights", ast.unparse(arg.annotation or arg)):
                    taken_by.setdefault(enumeration, node.name)
        elif name_of(node).startswith("_COMMON"):
            names[name_of(node)] = value_of(node, names)
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name.endswith("_Weights"):
            for entry in node.body:
                if name_of(entry) != "DEFAULT":
                    weights = value_of(entry, names)
                    yield taken_by[node.name], name_of(entry), weights.url, weights.transforms(), weights.meta


def transforms_input(file):
    """Whether the network itself goes over from ImageNet's mean and deviation to halves where it has published weights."""
    return '"transform_input", True' in source_of(file)


def name_of(node):
    """What an assignment assigns to; "" for what is none."""
    return ast.unparse(getattr(node, "target", None) or getattr(node, "targets", [ast.Name("")])[0])


def value_of(node, names):
    return eval(ast.unparse(node.value), {}, names)


def categories():
    tree = ast.parse((package / "models/_meta.py").read_text())
    return next(ast.literal_eval(node.value) for node in tree.body if name_of(node) == "_IMAGENET_CATEGORIES")


def preset(*, crop_size, resize_size=256, mean=MEAN, std=STD, interpolation="bilinear"):
    """The arguments of torchvision/transforms/_presets.py's ImageClassification, and their defaults there."""
    return SimpleNamespace(crop=crop_size, resize=resize_size, mean_std=(mean, std), interpolation=interpolation)


def row_of(network, entry, url, preset, meta):
    """[checkpoint, file, MiB, [crop, resize], [top1, top5]]."""
    assert url.startswith(FILES_AT) and len(meta["categories"]) == 1000, url
    metrics = meta["_metrics"]["ImageNet-1K"]
    name = f"{network}.{entry.removeprefix('IMAGENET1K_').lower()}"
    sizes = [preset.crop, preset.resize]
    return [name, url[len(FILES_AT) :], meta["_file_size"], sizes, [metrics["acc@1"], metrics["acc@5"]]]


def group_of(file, preset, meta):
    assert meta.get("license", SWAG_LICENCE) == SWAG_LICENCE, meta
    licence = '"CC-BY-NC-4.0"' if "license" in meta else "null"
    mean_std = "HALVES" if transforms_input(file) else MEAN_STD[preset.mean_std]
    return f'licence: {licence}, interpolation: "{preset.interpolation}", meanStd: {mean_std}', mean_std


def write(file, networks):
    groups = defaultdict(list)
    for network, entry, url, preset, meta in weights_of(file):
        # The classifier of VGG-16's IMAGENET1K_FEATURES is NaN.
        if re.fullmatch(networks, network) and entry != "IMAGENET1K_FEATURES":
            groups[group_of(file, preset, meta)].append(row_of(network, entry, url, preset, meta))
    lines = [
        f'import {{ {", ".join(sorted({mean_std for _, mean_std in groups}))} }} from "../mean-std.js";',
        'import type { TorchvisionFile } from "./torchvision.js";',
        "",
        "// Written by tools/catalogue_torchvision.py.",
        *(TRANSFORMS_INPUT if transforms_input(file) else []),
        f"export const torchvision{file.capitalize()}: TorchvisionFile = {{",
        f'commit: "{commit}",',
        f'file: "torchvision/models/{file}.py",',
        "groups: [",
    ]
    for (shared, _), rows in groups.items():
        lines.append(f"{{ {shared}, checkpoints: [")
        lines += [json.dumps(row) + "," for row in rows]
        lines.append("]},")
    lines.append("]};")
    (OUT / f"{file}.ts").write_text("\n".join(lines) + "\n")
    print(file, sum(len(rows) for rows in groups.values()))


commit = re.search(r"git_version = '(\w+)'", (package / "version.py").read_text())[1]
OUT.mkdir(exist_ok=True)
for file, networks in NETWORKS.items():
    write(file, networks)
