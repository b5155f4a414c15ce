"""Makes the files of one case of zoos-cases.mjs:

    python zoos/save.py '{"package": "timm", "model": "seresnet50", "sizes": [224, 200], ...}' FOLDER

FOLDER/<the case's file>       the checkpoint, as its zoo publishes such
FOLDER/x-224.npy               float32 [2,channels,224,224], one for each of `sizes`
FOLDER/<output>-224.npy        what the network makes of it, for each of `outputs`; its weights are those that were saved, rounded as they were
FOLDER/fault-N.npy             with "faults": logits at the first size, by a network with the N-th fault

Prints one JSON object: what the weights do (weights.report), the file's bytes and keys, how many of these are of auxiliary heads, and the
names of the faults.
Exits 1 when the weights are so badly conditioned that a comparison would prove little."""

import collections
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))  # Python starts with the folder of the script itself

import numpy
import timm
import torch

from zoos.containers import DTYPES, converted, save
from zoos.faults import FAULTS
from zoos.packages import make
from zoos.structure import AUXILIARY
from zoos.weights import condition, pictures


def spelled(key, case):
    """As the file has the key: with a wrapper module's prefix, and DenseNet's as published, from before names could have no dots."""
    if case.get("oldKeys"):
        key = re.sub(r"(denselayer\d+\.(?:norm|conv))(\d)", r"\1.\2", key)
    return case.get("prefix", "") + key


def store(net, case, file):
    """Writes the checkpoint, and gives the network the numbers as the file has them."""
    dtype = DTYPES[case.get("dtype", "F32")]
    state = collections.OrderedDict((key, converted(value, dtype)) for key, value in net.state_dict().items())
    net.load_state_dict(state)
    if case["container"] == "hub":  # timm's own writer: model.safetensors and config.json
        timm.models.save_for_hf(net, str(file), safe_serialization=True)
        return len(state)
    kept = {key: value for key, value in state.items() if key not in case.get("without", [])}
    for key in case.get("misshapen", []):
        kept[key] = kept[key][1:].clone()
    save(collections.OrderedDict((spelled(key, case), value) for key, value in kept.items()), file, case["container"], case.get("wrapper"))
    return len(kept)


def loaded_by_timm(case, file):
    """timm's own way with a file that has other input channels or more classes."""
    overlay = {"file": str(file), "label_offset": case.get("labelOffset", 0)}
    return timm.create_model(case["model"], pretrained=True, pretrained_cfg_overlay=overlay, in_chans=case.get("inChans", 3)).eval()


def outputs_of(net, batch, names):
    """Name -> array: "logits", "embedding" (what the last linear layer reads), or what the module of that name makes."""
    found = {}
    last = [module for module in net.modules() if isinstance(module, torch.nn.Linear)][-1]
    hooks = [last.register_forward_pre_hook(lambda m, x: found.update(embedding=x[0]))]
    for name in set(names) - {"logits", "embedding"}:
        hooks.append(net.get_submodule(name).register_forward_hook(lambda m, x, y, name=name: found.update({name: y})))
    with torch.no_grad():
        found["logits"] = net(batch)
    for hook in hooks:
        hook.remove()
    return {name: found[name].numpy() for name in names}


def main(case, folder):
    net, file, sizes = make(case), folder / case["file"], case["sizes"]
    facts = condition(net, 3, sizes[0])
    facts |= {"keys": store(net, case, file), "bytes": sum(f.stat().st_size for f in (file.iterdir() if file.is_dir() else [file]))}
    facts["auxiliary"] = sum(key.startswith(AUXILIARY) for key in net.state_dict())
    if "inChans" in case or "labelOffset" in case:
        net = loaded_by_timm(case, file)
    batches = [pictures(case.get("inChans", 3), size, seed) for seed, size in enumerate(sizes, start=1)]
    for size, batch in zip(sizes, batches):
        numpy.save(folder / f"x-{size}.npy", batch.numpy())
        for name, value in outputs_of(net, batch, case.get("outputs", ["logits"])).items():
            numpy.save(folder / f"{name}-{size}.npy", value)

    facts["faults"] = []
    for name, fault in FAULTS.items() if case.get("faults") else ():
        wrong = make(case)
        wrong.load_state_dict(net.state_dict())
        if fault(wrong):
            numpy.save(folder / f"fault-{len(facts['faults'])}.npy", outputs_of(wrong, batches[0], ["logits"])["logits"])
            facts["faults"].append(name)
    print(json.dumps(facts))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), pathlib.Path(sys.argv[2]))
