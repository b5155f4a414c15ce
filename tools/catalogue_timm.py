"""Writes models/pretrained/timm/*.ts: what timm says of its checkpoints that have SE inside, or that a backbone without SE is built for.

Usage: python3 tools/catalogue_timm.py CLONE
CLONE: a checkout of https://github.com/huggingface/pytorch-image-models. torch must be installed; no weights are read, no network is used.
Then `npx biome check --write models/pretrained`, and read what changed: the tests know some of it.
"""
import csv
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

clone = Path(sys.argv[1])
sys.path.insert(0, str(clone))
import timm  # noqa: E402
from timm.models._registry import _model_pretrained_cfgs, _model_to_module  # noqa: E402

OUT = Path(__file__).parent.parent / "models/pretrained/timm"
FILES = "resnet byobnet senet efficientnet mobilenetv3 regnet tresnet rexnet ghostnet repghost hardcorenas vovnet".split()
PLAIN_FILES = "vgg inception_v3 inception_resnet_v2 densenet".split()
PLAIN = set(
    "resnet18 resnet34 resnet50 resnet101 resnet152 resnet18d resnet34d resnet50d resnet101d resnet152d "
    "resnext50_32x4d resnext101_32x4d resnext101_32x8d resnext101_64x4d mobilenetv2_100 densenet121 "
    "vgg11 vgg13 vgg16 vgg19 vgg11_bn vgg13_bn vgg16_bn vgg19_bn inception_v3 inception_resnet_v2".split()
)
SE = {"SEModule", "SqueezeExcite", "EffectiveSEModule"}
LICENCES = {"apache-2.0": "Apache-2.0", "mit": "MIT", "bsd-3-clause": "BSD-3-Clause", "cc-by-nc-4.0": "CC-BY-NC-4.0"}
RELEASES = "https://github.com/rwightman/pytorch-image-models/releases/download/"
MEAN_STD = {
    ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)): "IMAGENET",
    ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)): "HALVES",
    ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)): "UNCHANGED",
}


def results():
    """Rows of timm's evaluations by checkpoint."""
    rows = defaultdict(list)
    with open(clone / "results/results-imagenet.csv") as file:
        for row in csv.DictReader(file):
            rows[row["model"]].append(row)
    return rows


def has_se(architecture):
    if architecture not in known:
        modules = timm.create_model(architecture, device="meta").modules()
        known[architecture] = any(type(m).__name__ in SE for m in modules)
    return known[architecture]


def tuple_of(name, cfg, evaluations):
    """[checkpoint, [size, crop_pct], the same for tests, [top1, top5, size], what else there is]; null is what timm does not say."""
    assert cfg.input_size[0] == 3 and cfg.input_size[1] == cfg.input_size[2] and not cfg.label_offset, name
    usual = [cfg.input_size[1], number(cfg.crop_pct)]
    test = [(cfg.test_input_size or cfg.input_size)[1], number(cfg.test_crop_pct or cfg.crop_pct)]
    found = next((r for setting in (test, usual) for r in evaluations if evaluated_at(r, setting)), None)
    assert found or not evaluations, (name, usual, test, evaluations)
    accuracy = found and [number(found["top1"]), number(found["top5"]), int(found["img_size"])]
    rest = {}
    if cfg.crop_mode != "center":
        assert cfg.crop_mode == "squash", name
        rest["crop_mode"] = cfg.crop_mode
    if cfg.num_classes != 1000:
        rest["classes"] = cfg.num_classes
    if cfg.hf_hub_id:
        assert cfg.hf_hub_id == f"timm/{name}" and not cfg.hf_hub_filename, name
    else:
        assert cfg.url.startswith(RELEASES), name
        rest["release"] = cfg.url[len(RELEASES) :]
    return [name, usual, None if test == usual else test, accuracy, *([rest] if rest else [])]


def evaluated_at(row, setting):
    """The table has three decimals of crop_pct."""
    return int(row["img_size"]) == setting[0] and abs(float(row["crop_pct"]) - setting[1]) < 1e-3


def number(text):
    value = float(text)
    return int(value) if value.is_integer() else value


def write(file, commit):
    groups = defaultdict(list)
    for name, cfg in _model_pretrained_cfgs.items():
        architecture, _, tag = name.partition(".")
        if not tag or _model_to_module.get(architecture) != file or not (cfg.url or cfg.hf_hub_id):
            continue
        if architecture in PLAIN or (file in FILES and has_se(architecture)):
            licence = LICENCES.get(cfg.license, cfg.license)
            key = (licence, cfg.interpolation, MEAN_STD[tuple(cfg.mean), tuple(cfg.std)])
            groups[key].append(tuple_of(name, cfg, evaluations[name]))
    constants = ", ".join(sorted({key[2] for key in groups}))
    variable = f"timm_{file}".title().replace("_", "")
    lines = [
        f'import {{ {constants} }} from "../mean-std.js";',
        'import type { TimmFile } from "./timm.js";',
        "",
        "// Written by tools/catalogue_timm.py.",
        f"export const {variable[0].lower() + variable[1:]}: TimmFile = {{",
        f'commit: "{commit}",',
        f'file: "timm/models/{file}.py",',
        "groups: [",
    ]
    for (licence, interpolation, mean_std), rows in groups.items():
        lines.append(f'{{ licence: {json.dumps(licence)}, interpolation: "{interpolation}", meanStd: {mean_std}, checkpoints: [')
        lines += [json.dumps(row) + "," for row in rows]
        lines.append("]},")
    lines.append("]};")
    (OUT / f"{file.replace('_', '-')}.ts").write_text("\n".join(lines) + "\n")
    print(file, sum(len(rows) for rows in groups.values()))


known = {}
evaluations = results()
OUT.mkdir(exist_ok=True)
commit = subprocess.run(["git", "-C", clone, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
for file in FILES + PLAIN_FILES:
    write(file, commit)
