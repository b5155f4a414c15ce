"""The reference networks, one file per family: each has NETWORKS, name -> function (name, plan, classes, in_channels) -> Reference, and
CLASSES where these are not 1000.
A backbone's name is the one that `se-onnx build --backbone` takes, and its state-dict keys, renamed, are ours."""

import contextlib
import importlib
import pkgutil

from torch import nn

from .plan import Plan

HELPERS = {"blocks", "plan", "reference"}


def families():
    for module in pkgutil.iter_modules(__path__):
        if module.name not in HELPERS:
            yield importlib.import_module(f"{__name__}.{module.name}")


def build(case):
    """The reference of one case of cases.mjs, in eval mode."""
    name = case["backbone"]
    family = next((family for family in families() if name in family.NETWORKS), None)
    if family is None:
        raise SystemExit(f"no reference network is called '{name}': write it in parity/networks")
    classes = case.get("classes", getattr(family, "CLASSES", 1000))
    with uninitialised():
        return family.NETWORKS[name](name, Plan.of(case), classes, case.get("inChannels", 3))


@contextlib.contextmanager
def uninitialised():
    """Parameters keep what lay in their memory: a recipe writes every one of them, and drawing 100 million numbers takes seconds."""
    names = [name for name in vars(nn.init) if name.endswith("_") and not name.startswith("_")]
    drawn = {name: getattr(nn.init, name) for name in names}
    for name in names:
        setattr(nn.init, name, lambda tensor, *args, **kwargs: tensor)
    try:
        yield
    finally:
        for name, function in drawn.items():
            setattr(nn.init, name, function)
