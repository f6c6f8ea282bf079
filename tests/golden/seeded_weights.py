"""Weights that are a formula of their names, so that no file has to hold them.

The same formula stands in tests/support/seeded_weights.h; the two agree bit for bit.

    h = FNV-1a 64 of the key's UTF-8 bytes, exclusive or seed * G     G = 0x9E3779B97F4A7C15
    z(i) = splitmix64's output for the state h + (i + 1) G            i = 0, 1, ... in row-major order
    u(i) = (z(i) >> 40) / 2^23 - 1                                    in [-1, 1), exact in float32

    rank 2 or 4             u sqrt(3 / fan_in)   fan_in: the product of all sizes but the first;
                                                 the variance is 1 / fan_in
    rank 3                  u / 2                positional embeddings
    rank 1, named *.weight  1 + u / 4            the scales of normalisations
    rank 1, others          u / 4                biases, class and learned embeddings

All arithmetic on u is float32; sqrt(3 / fan_in) is computed in double and rounded once.
"""

import numpy as np

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


def fnv1a(text):
    h = 0xCBF29CE484222325
    for byte in text.encode():
        h = ((h ^ byte) * 0x100000001B3) & _MASK
    return h


def uniform(key, count, seed):
    """float32 (count,), u(0) ... u(count - 1)."""
    h = fnv1a(key) ^ ((seed * _GOLDEN) & _MASK)
    z = np.uint64(h) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_GOLDEN)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float32) / np.float32(1 << 23) - np.float32(1)


def value(key, shape, seed):
    """float32 array of `shape`: the tensor named `key`."""
    u = uniform(key, int(np.prod(shape)), seed).reshape(shape)
    if len(shape) == 1:
        return 1 + np.float32(0.25) * u if key.endswith(".weight") else np.float32(0.25) * u
    if len(shape) == 3:
        return np.float32(0.5) * u
    return u * np.float32(np.sqrt(3.0 / np.prod(shape[1:])))


def fill(module, seed):
    """Overwrites every tensor of a torch module's state dict; returns the module, in eval mode."""
    import torch

    with torch.no_grad():
        for key, tensor in module.state_dict().items():
            tensor.copy_(torch.from_numpy(value(key, tuple(tensor.shape), seed)))
    return module.eval()
