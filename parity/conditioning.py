"""Conditioned weights. With PyTorch's default initialisation activations vanish or explode with depth (1e-15 to 1e7 at the logits) and
gates stay near 0.5, so that a wrong stride or a missing gate can hide below any tolerance. Here every convolution and BatchNorm is fitted
to its real input in one forward pass, so that activations have deviation near 1, gates spread over (0.1, 0.9) and logits differ from image
to image. What the pass finds is a recipe (recipe.py): a few numbers for each tensor, all else from one seed."""

import torch
from torch import nn

from networks import build
from networks.blocks import excitation_of, layers_of, se_blocks
from recipe import hashes, images, rounded, values

#: How wide the numbers before each gate are, by what makes the gate, for gates over (0.1, 0.9).
WIDTHS = {"Sigmoid": 1.4, "Hardsigmoid": 1.6, "HardSigmoid": 1.6, "Tanh": 1.0, "ReLU": 1.0}


class Conditioner:
    """Fits `reference`, layer by layer in order of execution, and writes down the recipe."""

    def __init__(self, reference, seed):
        self.net, self.seed, self.entries = reference.net, seed, {}
        self.keys = {id(tensor): reference.rename(key) for key, tensor in self.net.state_dict(keep_vars=True).items()}
        self.ends, self.unnormalised = set(reference.ends), set(reference.unnormalised)
        self.hidden, self.gates = {}, {}
        for block in se_blocks(self.net).values():
            hidden, gates = layers_of(block)
            self.hidden.update((layer, block) for layer in hidden)
            self.gates.update((layer, block) for layer in gates)

    def run(self, batch):
        hooks = []
        for module in self.net.modules():
            if isinstance(module, nn.BatchNorm2d):
                hooks.append(module.register_forward_pre_hook(self.batch_norm))
            elif isinstance(module, (nn.Conv2d, nn.Conv1d, nn.Linear)):
                hooks.append(module.register_forward_pre_hook(self.layer))
        with torch.no_grad():
            self.net(batch)
        for hook in hooks:
            hook.remove()
        return {"seed": self.seed, "tensors": self.entries}

    def set(self, tensor, entry):
        """Writes an entry down, and gives the tensor its values."""
        key = self.keys[id(tensor)]
        self.entries[key] = entry
        tensor.data.copy_(torch.from_numpy(values(entry, key, tensor.numel(), self.seed)).view(tensor.shape))

    def draw(self, module, low, high):
        """A number of the layer's own in [low, high)."""
        return low + (high - low) * (1 + hashes(self.seed, f"{self.keys[id(module.weight)]}#", 1)[0] / 2**31) / 2

    def batch_norm(self, norm, inputs):
        mean, variance = inputs[0].mean(), inputs[0].var()
        gain = 0.3 if norm in self.ends else 1.25
        self.set(norm.running_mean, [rounded(mean), rounded(0.3 * variance.sqrt())])
        self.set(norm.running_var, [rounded(variance), rounded(0.3 * variance)])
        self.set(norm.weight, [gain, rounded(0.3 * gain)])
        self.set(norm.bias, [0.0, rounded(0.4 * gain**0.5)])

    def layer(self, layer, inputs):
        """Weights scaled so that this input gives outputs of the deviation that their place asks for."""
        if layer in self.hidden:
            self.hidden_layer(layer, inputs[0])
        elif layer in self.gates:
            self.fit(layer, inputs[0], WIDTHS[excitation_of(self.gates[layer])])
        elif layer.bias is None and layer not in self.unnormalised:  # a BatchNorm follows; variances differ from layer to layer, as trained ones do
            self.fit(layer, inputs[0], self.draw(layer, 0.1, 1.0))
        else:
            self.fit(layer, inputs[0], 1.0)

    def fit(self, layer, x, deviation, seed=None):
        """Gives the outputs as they were before scaling, without the bias."""
        entry = [0.0, 1.0] if seed is None else [0.0, 1.0, seed]
        self.set(layer.weight, entry)
        if layer.bias is not None:
            layer.bias.zero_()
        y = layer.forward(x)
        entry[1] = rounded(deviation / y.std().item())
        self.set(layer.weight, entry)
        if layer.bias is not None:
            self.set(layer.bias, [0.0, rounded(0.5 * deviation)])
        return y

    def hidden_layer(self, layer, x):
        """By the first of a few seeds with which most hidden units fire for some image, else the one with which most do: where all are
        shut, SE is nothing but its bias, and no fault in it would show."""
        best = None
        for seed in range(self.seed + 1, self.seed + 9):
            y = self.fit(layer, x, 1.0, seed)
            alive = (y > 0).transpose(0, 1).flatten(1).any(1).float().mean().item()
            if best is None or alive > best[0]:
                best = (alive, seed)
            if alive >= 0.75:
                break
        self.fit(layer, x, 1.0, best[1])


def condition(reference, channels, size, seed):
    """Sets every parameter and buffer of the network to those of a recipe, which it gives."""
    recipe = Conditioner(reference, seed).run(images(8 if size < 150 else 4, channels, size, seed))
    missing = [key for key in reference.net.state_dict() if reference.rename(key) not in recipe["tensors"] and not key.endswith("num_batches_tracked")]
    if missing:
        raise SystemExit(f"the forward pass never read {', '.join(missing)}")
    return recipe


#: How many seeds are tried for weights without problems.
SEEDS = 12


def conditioned(case):
    """The reference network of a case with weights that show its faults, their recipe, and the report of what they do to the images of its
    first input."""
    count, size = case["inputs"][0]
    channels = case.get("inChannels", 3)
    for seed in range(SEEDS):
        reference = build(case)
        recipe = condition(reference, channels, size, seed)
        facts = report(reference, images(max(count, 2), channels, size, 1))
        if not problems(facts):
            return reference, recipe, facts
    raise SystemExit(f"badly conditioned weights, whatever the seed: {'; '.join(problems(facts))}")


def report(reference, batch):
    """What the weights do to `batch` (at least two images): deviations after each stage, quantiles of the gates, deviation of the
    logits and how much of it is difference between the first two images."""
    net, deviations, gates = reference.net, [], []
    hooks = [stage.register_forward_hook(lambda m, x, y: deviations.append(y.std().item())) for stage in reference.stages]
    for block in se_blocks(net).values():
        hooks.append(block.register_forward_hook(lambda m, x, y: gates.append(gates_of(m, x[0], y))))
    with torch.no_grad():
        logits = net(batch)
    for hook in hooks:
        hook.remove()
    levels = torch.tensor([0.05, 0.5, 0.95])
    return {
        "stageDeviations": deviations,
        "gateQuantiles": torch.quantile(torch.cat(gates), levels).tolist() if gates else None,
        "logitDeviation": logits.std().item(),
        "imageDifference": ((logits[0] - logits[1]).std() / logits.std()).item(),
    }


def gates_of(block, x, y):
    """By what the block scaled the largest number of each channel, 1,000 of them at most; a mean where it adds two gates up."""
    largest, place = x.abs().flatten(2).max(2)
    scaled = y.flatten(2).gather(2, place[..., None])[..., 0] / x.flatten(2).gather(2, place[..., None])[..., 0]
    return scaled[largest > 1e-6][:1000] / len(layers_of(block)[1])


def problems(facts):
    """What of `report` would let a wrong network pass, as sentences."""
    found = []
    for number, deviation in enumerate(facts["stageDeviations"], start=1):
        if not 0.3 <= deviation <= 3:
            found.append(f"stage {number} has deviation {deviation:.3g}, not 0.3 to 3")
    if facts["gateQuantiles"] is not None:
        low, _, high = facts["gateQuantiles"]
        if not (low <= 0.2 and high >= 0.8):
            found.append(f"9 of 10 gates lie in {low:.2f} to {high:.2f}, not over 0.2 to 0.8")
    if not 0.3 <= facts["logitDeviation"] <= 3:
        found.append(f"logits have deviation {facts['logitDeviation']:.3g}, not 0.3 to 3")
    if not facts["imageDifference"] > 0.1:
        found.append(f"two images differ by {facts['imageDifference']:.3f} of the logits' deviation, not over 0.1")
    return found
