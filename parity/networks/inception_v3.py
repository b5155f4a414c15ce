"""torchvision's Inception-v3. SE follows every module."""

from torch.nn import functional
from torchvision.models.inception import Inception3

from .plan import Seat
from .reference import Reference

# Channels that each module ends with.
MODULES = {"5b": 256, "5c": 288, "5d": 288, "6a": 768, "6b": 768, "6c": 768, "6d": 768, "6e": 768, "7a": 1280, "7b": 2048, "7c": 2048}


def modules(net):
    return [getattr(net, f"Mixed_{name}") for name in MODULES]


def build(name, plan, classes, in_channels):
    net = Inception3(classes, aux_logits=False, init_weights=False)
    spots = zip(MODULES.items(), modules(net))
    plan.insert(Seat(module, int(part[0]), module, channels) for (part, channels), module in spots)
    faults = {"means without the padding": uncounted_padding, "7x1 before 1x7": swap_sevens, "maxima for the branches' means": maxima}
    return Reference(net.eval(), [net.Conv2d_4a_3x3, net.Mixed_5d, net.Mixed_6e, net.Mixed_7c], faults=faults)


def pool_otherwise(net, pool):
    """`pool` in place of the 3x3 mean before each `branch_pool`, which torchvision calls as a function."""
    for module in modules(net):
        if hasattr(module, "branch_pool"):
            module.register_forward_pre_hook(lambda m, x: setattr(m, "seen", x[0]))
            module.branch_pool.register_forward_pre_hook(lambda m, x, module=module: (pool(module.seen),))


def uncounted_padding(net):
    pool_otherwise(net, lambda x: functional.avg_pool2d(x, 3, 1, 1, count_include_pad=False))


def maxima(net):
    pool_otherwise(net, lambda x: functional.max_pool2d(x, 3, 1, 1))


def swap_sevens(net):
    """The weights of a 1x7 and of a 7x1 laid the other way."""
    for module in modules(net):
        if hasattr(module, "branch7x7_2"):
            for layer in (module.branch7x7_2.conv, module.branch7x7_3.conv):
                layer.weight.data = layer.weight.data.transpose(2, 3)
                layer.padding = layer.padding[::-1]


NETWORKS = {"inception_v3": build}
