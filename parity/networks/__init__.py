"""The reference networks, one file per family: each has NETWORKS, name -> function (name, plan, classes, in_channels) -> Reference.
A backbone's name is the one that `se-onnx build --backbone` takes, and its state-dict keys, renamed, are ours."""

import importlib
import pkgutil

from .plan import Plan

HELPERS = {"blocks", "plan", "reference"}


def families():
    for module in pkgutil.iter_modules(__path__):
        if module.name not in HELPERS:
            yield module.name, importlib.import_module(f"{__name__}.{module.name}").NETWORKS


def build(case):
    """The reference of one case of cases.mjs, in eval mode."""
    name = case["backbone"]
    make = next((networks[name] for _, networks in families() if name in networks), None)
    if make is None:
        raise SystemExit(f"no reference network is called '{name}': write it in parity/networks")
    return make(name, Plan.of(case), case.get("classes", 1000), case.get("inChannels", 3))
