"""Conditioned weights. With PyTorch's default initialisation activations vanish or explode with depth (1e-15 to 1e7
at the logits) and gates stay near 0.5, so that a wrong stride or a missing gate can hide below any tolerance. Here
every BatchNorm is given statistics near those of its real input, every SE block gates that spread over (0.1, 0.9), and
the classifier logits with a deviation near 1 that differ from image to image. All of it is drawn from one seed."""

import torch
from torch import nn
from torch.nn import functional

from networks import branch_end, stages


def images(count, channels, size, seed):
    """float32 [count,channels,size,size], mean 0 and deviation 1 over many: noise at five scales, so that images differ
    as a whole (as photographs do) and not only pixel by pixel."""
    generator = torch.Generator().manual_seed(seed)
    total = torch.zeros(count, channels, size, size)
    for scale in (1, 4, 16, 64, 256):
        grid = -(-size // scale)
        noise = torch.randn(count, channels, grid, grid, generator=generator)
        total += functional.interpolate(noise, size=(size, size), mode="nearest")
    return total / 5**0.5


def se_blocks(net):
    return {name: module for name, module in net.named_modules() if hasattr(module, "fc1") and hasattr(module, "fc2")}


def condition(net, channels, seed):
    """Sets every parameter and buffer of `net` (in eval mode) in one forward pass over four images."""
    generator = torch.Generator().manual_seed(seed)

    def normal(like, deviation=1.0):
        return torch.randn(like.shape, generator=generator) * deviation

    def uniform(like, low, high):
        return torch.rand(like.shape, generator=generator) * (high - low) + low

    ends = {branch_end(block) for stage in stages(net) for block in stage}

    def before_batch_norm(norm, inputs):
        mean, variance = inputs[0].mean((0, 2, 3)), inputs[0].var((0, 2, 3))
        norm.running_mean.copy_(mean + normal(mean, 0.2) * variance.sqrt())
        norm.running_var.copy_(variance * uniform(variance, 0.7, 1.4))
        norm.weight.copy_(uniform(norm.weight, 0.7, 1.3) * (0.3 if norm in ends else 1.0))
        norm.bias.copy_(normal(norm.bias, 0.3 if norm in ends else 0.2))

    def before_linear(layer, inputs, deviation, alive):
        """Random weights, scaled so that the outputs for these inputs have `deviation`."""
        layer.weight.copy_(normal(layer.weight))
        if layer.bias is not None:
            layer.bias.zero_()
        rows = layer.forward(inputs[0]).flatten(1)
        layer.weight.mul_(deviation / rows.std())
        if alive:  # every second hidden unit fires, or SE's ReLU could shut the whole block
            sign = torch.where(rows.mean(0) < 0, -1.0, 1.0)
            sign[1::2] = 1.0
            layer.weight.mul_(sign.reshape(-1, *[1] * (layer.weight.dim() - 1)))
        if layer.bias is not None:
            layer.bias.copy_(normal(layer.bias, 0.3 * deviation))

    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            fan_in = module.weight[0].numel()
            # He et al. 2015, and a factor per layer, so that variances differ from layer to layer as trained ones do.
            factor = uniform(torch.empty(1), 0.1, 1.0).item()
            module.weight.data = normal(module.weight, factor * (2 / fan_in) ** 0.5)

    hooks = [m.register_forward_pre_hook(before_batch_norm) for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    for se in se_blocks(net).values():
        hooks.append(se.fc1.register_forward_pre_hook(lambda m, x: before_linear(m, x, 1.0, alive=True)))
        hooks.append(se.fc2.register_forward_pre_hook(lambda m, x: before_linear(m, x, 1.3, alive=False)))
    hooks.append(net.fc.register_forward_pre_hook(lambda m, x: before_linear(m, x, 1.0, alive=False)))
    with torch.no_grad():
        net(images(4, channels, 224, seed))
    for hook in hooks:
        hook.remove()


def report(net, batch):
    """What the weights do to `batch` (at least two images): deviations after each stage, quantiles of the gates,
    deviation of the logits and how much of it is difference between the first two images."""
    deviations, gates = [], []
    hooks = [stage.register_forward_hook(lambda m, x, y: deviations.append(y.std().item())) for stage in stages(net)]
    for se in se_blocks(net).values():
        hooks.append(se.fc2.register_forward_hook(lambda m, x, y: gates.append(torch.sigmoid(y).flatten())))
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


def problems(facts):
    """What of `report` would let a wrong network pass, as sentences."""
    found = []
    for number, deviation in enumerate(facts["stageDeviations"], start=2):
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
