"""Conditioned weights (conditioning.py) for a network of any zoo: what differs is where SE and the ends of residual branches are."""

import itertools

import torch
from torch.nn.functional import hardsigmoid

from conditioning import Conditioner
from networks.blocks import excitation_of
from networks.reference import Reference
from recipe import images, rounded

from .structure import AUXILIARY, residual_ends, se_blocks, se_layers, unnormalised

GATES = {"Sigmoid": torch.sigmoid, "Hardsigmoid": hardsigmoid, "HardSigmoid": hardsigmoid}
SEEDS = 3


class ZooConditioner(Conditioner):
    def __init__(self, net, seed):
        super().__init__(Reference(net, [], residual_ends(net), [*unnormalised(net)]), seed)
        blocks = se_blocks(net)
        self.hidden = {se_layers(block)[0]: block for block in blocks}
        self.gates = {se_layers(block)[1]: block for block in blocks}

    def fill_unread(self):
        """Gives what the forward pass never read some numbers: files have them too."""
        for key, tensor in self.net.state_dict(keep_vars=True).items():
            if key.endswith("num_batches_tracked"):
                tensor.fill_(12345)
            elif key not in self.entries:
                if not key.startswith(AUXILIARY):
                    raise SystemExit(f"the forward pass never read {key}")
                self.set(tensor, [0.5, 0.25])


def pictures(channels, size, seed):
    """float32 tensor [2,channels,size,size]: images of low and of high contrast, since networks without SE make nearly the same of two large
    ones that differ in nothing but their noise."""
    return images(2, channels, size, seed) * torch.tensor([0.5, 1.5])[:, None, None, None]


def condition(net, channels, size):
    """Sets every parameter and buffer, by the first seed whose weights show faults; gives what they do to two pictures. Half the pixels each
    way, in whole steps of 32, are enough to fit most networks to, and take a quarter of the time; the others are fitted to all."""
    sizes = [size] if size < 100 else [size // 64 * 32, size]
    for seed, fitted in itertools.product(range(SEEDS), sizes):
        conditioner = ZooConditioner(net, seed)
        conditioner.run(images(4, channels, fitted, seed))
        conditioner.fill_unread()
        facts = report(net, pictures(channels, size, 1))
        if not problems(facts):
            return facts
    raise SystemExit(f"badly conditioned weights, whatever the seed: {'; '.join(problems(facts))}")


def report(net, batch):
    gates = []
    hooks = []
    for block in se_blocks(net):
        make = GATES[excitation_of(block)]
        hooks.append(se_layers(block)[1].register_forward_hook(lambda m, x, y, make=make: gates.append(make(y).flatten())))
    with torch.no_grad():
        logits = net(batch)
    for hook in hooks:
        hook.remove()
    levels = torch.tensor([0.05, 0.95])
    return {
        "gates": [rounded(q) for q in torch.quantile(torch.cat(gates)[:1_000_000], levels).tolist()] if gates else None,
        "logitDeviation": rounded(logits.std().item()),
        "pictureDifference": rounded(((logits[0] - logits[1]).std() / logits.std()).item()),
    }


def problems(facts):
    """What would let a wrong network pass, as sentences."""
    found = []
    if facts["gates"] and not (facts["gates"][0] <= 0.2 and facts["gates"][1] >= 0.8):
        found.append(f"9 of 10 gates lie in {facts['gates']}, not over 0.2 to 0.8")
    if not 0.3 <= facts["logitDeviation"] <= 5:
        found.append(f"logits have deviation {facts['logitDeviation']}, not 0.3 to 5")
    if not facts["pictureDifference"] > 0.1:
        found.append(f"two pictures differ by {facts['imageDifference']} of the logits' deviation, not over 0.1")
    return found
