"""The networks of the zoos, made by their own packages."""

import pathlib
import sys

from torch import nn

from networks import uninitialised

from . import moskomule

#: Where parity/setup.sh puts Cadene's package: apart, since it is of 2018 and must replace nothing.
PRETRAINEDMODELS = pathlib.Path.home() / ".cache" / "se-onnx" / "pretrainedmodels"


def timm_net(name, **options):
    import timm

    return timm.create_model(name, pretrained=False, **options)


def torchvision_net(name, **options):
    import torchvision

    if name in ("googlenet", "inception_v3"):
        options["init_weights"] = False
    return getattr(torchvision.models, name)(weights=None, **options)


def cadene_net(name, **options):
    if not PRETRAINEDMODELS.exists():
        raise SystemExit(f"{PRETRAINEDMODELS} is not there: get Cadene's package with: sh parity/setup.sh")
    sys.path.append(str(PRETRAINEDMODELS))
    from pretrainedmodels.models import senet

    net = getattr(senet, name)(pretrained=None, **options)
    net.avg_pool = nn.AdaptiveAvgPool2d(1)  # theirs is of 7x7, which is the same for images of 224 and takes no others
    return net


def moskomule_net(name, **options):
    return moskomule.NETWORKS[name](**options)


PACKAGES = {"timm": timm_net, "torchvision": torchvision_net, "cadene": cadene_net, "moskomule": moskomule_net}


def make(case):
    """The network of a case in eval mode, its parameters not drawn yet."""
    with uninitialised():
        return PACKAGES[case["package"]](case["model"], **case.get("options", {})).eval()
