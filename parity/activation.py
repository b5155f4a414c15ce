"""Class activation maps as Zhou et al. 2016 (https://arxiv.org/abs/1512.04150) define them, from any PyTorch network that ends in global
average pooling and one nn.Linear."""

import numpy
import torch
from torch import nn
from torch.nn import functional


def class_activation(net, batch, index=None):
    """(class of the first image, logits of it, its map [height,width]): the linear layer's weights times what the last pooling was of."""
    pooled, heads = [], []
    pool = functional.adaptive_avg_pool2d

    def recording(x, size):
        pooled.append(x)
        return pool(x, size)

    hooks = [m.register_forward_hook(lambda m, x, y: heads.append(m)) for m in net.modules() if isinstance(m, nn.Linear)]
    functional.adaptive_avg_pool2d = recording
    try:
        with torch.no_grad():
            logits = net(batch)[0]
    finally:
        functional.adaptive_avg_pool2d = pool
        for hook in hooks:
            hook.remove()
    chosen = int(logits.argmax()) if index is None else index
    features = pooled[-1][0].double()
    cam = torch.einsum("k,khw->hw", heads[-1].weight[chosen].detach().double(), features)
    return chosen, logits, cam.float()


#: matplotlib's "plasma" at every seventh of its range.
COLOURS = numpy.array(
    [(13, 8, 135), (83, 2, 163), (139, 10, 165), (184, 50, 137), (219, 92, 104), (244, 136, 73), (254, 189, 42), (240, 249, 33)], float
)


def overlay(pixels, cam, region, align_corners=False):
    """The map over uint8 `pixels` [H,W,3], resized by grid_sample to `region` (left, top, width, height; in pixels, fractions too)."""
    height, width, _ = pixels.shape
    left, top, across, down = region
    u = (numpy.arange(width) + 0.5 - left) / across
    v = (numpy.arange(height) + 0.5 - top) / down
    grid = torch.from_numpy(numpy.stack(numpy.meshgrid(2 * u - 1, 2 * v - 1), -1))[None]
    values = functional.grid_sample(cam[None, None].double(), grid, mode="bilinear", padding_mode="border", align_corners=align_corners)[0, 0].numpy()
    low, high = float(cam.min()), float(cam.max())
    share = (values - low) / (high - low) if high > low else numpy.zeros_like(values)
    at = numpy.clip(share, 0, 1) * (len(COLOURS) - 1)
    colour = numpy.stack([numpy.interp(at, range(len(COLOURS)), COLOURS[:, c]) for c in range(3)], -1)
    seen = ((u >= 0) & (u < 1))[None, :, None] & ((v >= 0) & (v < 1))[:, None, None]
    return numpy.where(seen, pixels * 0.5 + colour * 0.5, pixels * 0.4)
