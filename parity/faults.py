"""Deliberate faults of a reference network, each a mistake that an implementation has made or could make. A comparison that does not
notice them proves nothing, so every one must push the error far over the limit. Those of one family stand in its file in networks/."""

import torch
from torch import nn
from torch.nn import functional

from networks.blocks import excitation_of, layers_of, se_blocks


def batch_norms(net):
    return [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]


def batch_norm_epsilon(net):
    """TensorFlow's 1e-3 in place of PyTorch's 1e-5, or the other way where the family has 1e-3."""
    for norm in batch_norms(net):
        norm.eps = 1e-5 if norm.eps == 1e-3 else 1e-3


def standard(net):
    """SE blocks with a hidden layer and a squeeze before it, with their two layers."""
    for block in se_blocks(net).values():
        hidden, gates = layers_of(block)
        if len(hidden) == len(gates) == 1:
            yield block, hidden[0], gates[0]


def gates_off(net):
    for block in se_blocks(net).values():
        block.register_forward_hook(lambda m, x, y: x[0])


def last_gate_off(net):
    [*se_blocks(net).values()][-1].register_forward_hook(lambda m, x, y: x[0])


def relu_before_se(net):
    """timm's legacy_seresnet18 has a ReLU between the last BatchNorm and SE."""
    for block in se_blocks(net).values():
        block.register_forward_pre_hook(lambda m, x: (torch.relu(x[0]),))


def max_squeeze(net):
    for block, hidden, _ in standard(net):
        block.register_forward_pre_hook(lambda m, x: setattr(m, "seen", x[0]))
        hidden.register_forward_pre_hook(lambda m, x, block=block: (block.seen.amax((2, 3)).view(x[0].shape),))


def no_hidden_activation(net):
    for _, hidden, gate in standard(net):
        hidden.register_forward_hook(lambda m, x, y: setattr(m, "made", y.clone()))  # an activation may work in place
        gate.register_forward_pre_hook(lambda m, x, hidden=hidden: (hidden.made,))


def one_hidden_unit_less(net):
    """What a hidden width rounded otherwise comes to."""
    for _, _, gate in standard(net):
        gate.weight.data[:, 0] = 0


def no_se_bias(net):
    for _, hidden, gate in standard(net):
        nn.init.zeros_(hidden.bias)
        nn.init.zeros_(gate.bias)


def hard_gate(net):
    """A hard sigmoid for the sigmoid: what goes into the latter is made to come out as the former."""
    for _, _, gate in standard(net):
        gate.register_forward_hook(lambda m, x, y: torch.logit(functional.hardsigmoid(y), 1e-6))


def five_by_fives(net):
    return [m for m in net.modules() if isinstance(m, nn.Conv2d) and m.kernel_size == (5, 5)]


def three_for_five(net):
    """The 5x5 convolutions with only the 3x3 in their middle."""
    for layer in five_by_fives(net):
        middle = layer.weight.data[:, :, 1:4, 1:4].clone()
        layer.weight.data.zero_()
        layer.weight.data[:, :, 1:4, 1:4] = middle


def seen_by_se(net, batch):
    """The least number that any SE block scales."""
    least = []
    hooks = [b.register_forward_hook(lambda m, x, y: least.append(x[0].min().item())) for b in se_blocks(net).values()]
    with torch.no_grad():
        net(batch)
    for hook in hooks:
        hook.remove()
    return min(least, default=0.0)


def faults_for(reference, batch):
    """Name -> function for the faults that mean something in the network, given what it makes of `batch`."""
    net, found = reference.net, {}
    if batch_norms(net):
        found["BatchNorm epsilon 1e-3 for 1e-5, or 1e-5 for 1e-3"] = batch_norm_epsilon
    if five_by_fives(net):
        found["3x3 for 5x5"] = three_for_five
    if se_blocks(net):
        found |= {"all gates off": gates_off, "last gate off": last_gate_off}
        if seen_by_se(net, batch) < -0.1:
            found["ReLU before SE"] = relu_before_se
    if first := next(standard(net), None):
        found |= {"max squeeze": max_squeeze, "no activation inside SE": no_hidden_activation, "hidden width less 1": one_hidden_unit_less}
        if first[1].bias is not None:
            found["biases of SE left out"] = no_se_bias
        if excitation_of(first[0]) == "Sigmoid":
            found["hard sigmoid gate"] = hard_gate
    return found | reference.faults
