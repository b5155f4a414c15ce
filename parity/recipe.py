"""Weights and images as recipes: a few numbers for each tensor, from which PyTorch's side and se-onnx's (test/models/recipe.ts) make the
same bits. Element i of a tensor is

    center + spread * u(seed, key, i),  u in [-1, 1)

in float32, the product and the sum each rounded once; u is a 32-bit hash, as a float32, over 2^31, so that integer arithmetic alone
decides it."""

import numpy
import torch

GOLDEN = 0x9E3779B9
MASK = 0xFFFFFFFF
#: Pixels of one noise cell, at each scale of an image.
SCALES = (2, 8, 32, 128, 512)


def fnv1a(text):
    h = 0x811C9DC5
    for byte in text.encode("ascii"):
        h = ((h ^ byte) * 0x01000193) & MASK
    return h


def mix(h):
    """The finaliser of MurmurHash3, on an array of uint32, in place."""
    h ^= h >> 16
    h *= numpy.uint32(0x85EBCA6B)
    h ^= h >> 13
    h *= numpy.uint32(0xC2B2AE35)
    h ^= h >> 16
    return h


def mix1(x):
    return int(mix(numpy.array([x & MASK], numpy.uint32))[0])


def hashes(seed, key, count):
    """float32 [count] of whole numbers in [-2^31, 2^31): those of src/graph/random.ts, rounded."""
    counter = mix1(fnv1a(key) ^ mix1(seed))
    step = mix1(counter ^ GOLDEN) | 1
    index = numpy.arange(count, dtype=numpy.uint32)
    index *= numpy.uint32(step)
    index += numpy.uint32(counter)
    return mix(index).view(numpy.int32).astype(numpy.float32)


def scale_of(spread):
    return numpy.float32(spread) * numpy.float32(2**-31)


def values(entry, key, count, seed):
    """float32 [count]. An entry is [center, spread], or [center, spread, a seed of its own]."""
    center, spread, *own = entry
    result = hashes(own[0] if own else seed, key, count)
    result *= scale_of(spread)
    if center:
        result += numpy.float32(center)
    return result


def images(count, channels, size, seed):
    """float32 tensor [count,channels,size,size], mean 0 and deviation 1 over many: noise at several scales, so that images differ as a
    whole (as photographs do) and not only pixel by pixel."""
    total = numpy.zeros((count, channels, size, size), numpy.float32)
    for scale in SCALES:
        grid = -(-size // scale)
        noise = hashes(seed, f"input.{scale}", count * channels * grid * grid) * scale_of(0.7745967)
        noise = noise.reshape(count, channels, grid, grid)
        total += noise.repeat(scale, axis=2).repeat(scale, axis=3)[:, :, :size, :size]
    return torch.from_numpy(total)


def rounded(number):
    """Four digits are enough, and short to write down."""
    return float(f"{number:.4g}")
