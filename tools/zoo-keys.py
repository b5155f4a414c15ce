"""Writes the keys and shapes that networks of timm and torchvision have: python tools/zoo-keys.py test/models/goldens/zoo-keys.json.gz

test/models/zoos.test.ts tells the networks by them. One object: {"timm/seresnet50": {"conv1.weight": [64, 3, 7, 7], ...}, ...}."""

import gzip
import json
import sys

import timm
import torchvision
from torch import nn

TIMM = """
    seresnet18 seresnet50 seresnext50_32x4d seresnet152d seresnext26t_32x4d seresnextaa101d_32x8d resnetrs50 senet154 resnet18d
    legacy_seresnet18 legacy_seresnet50 legacy_seresnext26_32x4d legacy_senet154
    efficientnet_b0 efficientnet_b2 efficientnet_b5 tf_efficientnet_b0 tf_efficientnet_b6
    mobilenetv3_large_100 mobilenetv3_small_100 tf_mobilenetv3_small_100 mobilenetv2_100 regnety_004 regnety_016
    vgg11 vgg16_bn inception_v3 inception_resnet_v2 densenet121 resnet50
    ecaresnet50d regnety_040 mnasnet_100
""".split()
TORCHVISION = """
    resnet18 resnext50_32x4d vgg11 vgg16_bn googlenet inception_v3 mobilenet_v2 mobilenet_v3_large mobilenet_v3_small
    efficientnet_b0 efficientnet_b5 regnet_y_400mf regnet_y_800mf densenet121
    shufflenet_v2_x1_0
""".split()


def keys(net):
    return {key: list(tensor.shape) for key, tensor in net.state_dict().items()}


def torchvision_network(name):
    auxiliary = {"aux_logits": True, "init_weights": False} if name in ("googlenet", "inception_v3") else {}
    return getattr(torchvision.models, name)(**auxiliary)


for name in [name for name in vars(nn.init) if name.endswith("_") and not name.startswith("_")]:
    setattr(nn.init, name, lambda tensor, *args, **kwargs: tensor)  # no value is looked at
networks = {f"timm/{name}": keys(timm.create_model(name)) for name in TIMM}
networks |= {f"torchvision/{name}": keys(torchvision_network(name)) for name in TORCHVISION}
with gzip.GzipFile(sys.argv[1], "wb", mtime=0) as file:
    file.write(json.dumps(networks, separators=(",", ":")).encode())
