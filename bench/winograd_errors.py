"""How far a 3x3 convolution is from its definition by Winograd's F(m x m, 3x3), with products in float32 and in
bfloat16, beside what storing the result in bfloat16 costs: the largest difference, of the largest value, and the root
of the mean square, of the values' own. Lavin & Gray 2015, https://arxiv.org/abs/1509.09308

The interpreter that runs this script must have torch (tests/parity/make_environment.sh).
"""

import argparse

import torch

# Their matrices B^T, G, A^T.
TRANSFORMS = {
    2: (
        [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]],
        [[1, 0, 0], [1 / 2, 1 / 2, 1 / 2], [1 / 2, -1 / 2, 1 / 2], [0, 0, 1]],
        [[1, 1, 1, 0], [0, 1, -1, -1]],
    ),
    4: (
        [
            [4, 0, -5, 0, 1, 0],
            [0, -4, -4, 1, 1, 0],
            [0, 4, -4, -1, 1, 0],
            [0, -2, -1, 2, 1, 0],
            [0, 2, -1, -2, 1, 0],
            [0, 4, 0, -5, 0, 1],
        ],
        [
            [1 / 4, 0, 0],
            [-1 / 6, -1 / 6, -1 / 6],
            [-1 / 6, 1 / 6, -1 / 6],
            [1 / 24, 1 / 12, 1 / 6],
            [1 / 24, -1 / 12, 1 / 6],
            [0, 0, 1],
        ],
        [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]],
    ),
}


def stored(x, dtype):
    return x.to(dtype).float()


def winograd(x, weight, m, dtype):
    """x (C_in, H, W), weight (C_out, C_in, 3, 3) -> (C_out, H, W); both operands of the products are of `dtype`."""
    b_t, g, a_t = (torch.tensor(matrix, dtype=torch.float32) for matrix in TRANSFORMS[m])
    padded = torch.nn.functional.pad(x, (1, 1, 1, 1))
    tiles = padded.unfold(1, m + 2, m).unfold(2, m + 2, m)  # (C_in, tiles down, tiles across, m + 2, m + 2)
    v = stored(b_t @ tiles @ b_t.T, dtype)
    u = stored(g @ weight @ g.T, dtype)
    y = a_t @ torch.einsum("ocij,cstij->ostij", u, v) @ a_t.T  # (C_out, tiles down, tiles across, m, m)
    return y.permute(0, 1, 3, 2, 4).reshape(weight.shape[0], *x.shape[1:])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--channels", type=int, default=320)
    parser.add_argument("--side", type=int, default=32, help="of the picture, a multiple of 4")
    arguments = parser.parse_args()

    torch.manual_seed(0)
    channels, side, half = arguments.channels, arguments.side, torch.bfloat16
    x = stored(torch.randn(channels, side, side), half)
    weight = stored(torch.randn(channels, channels, 3, 3) / (9 * channels) ** 0.5, half)
    expected = torch.nn.functional.conv2d(x[None].double(), weight.double(), padding=1)[0]
    float32 = winograd(x, weight, 4, torch.float32)
    results = {
        "by definition, stored in bfloat16": stored(expected, half),
        "F(4x4, 3x3), products in float32": float32,
        "the same, stored in bfloat16": stored(float32, half),
        "F(2x2, 3x3), products in bfloat16, stored": stored(winograd(x, weight, 2, half), half),
        "F(4x4, 3x3), products in bfloat16, stored": stored(winograd(x, weight, 4, half), half),
    }
    print(f"{'':<42}  largest      rms")
    for name, y in results.items():
        error = y.double() - expected
        largest = error.abs().max() / expected.abs().max()
        rms = error.pow(2).mean().sqrt() / expected.pow(2).mean().sqrt()
        print(f"{name:<42}  {largest:.1e}  {rms:.1e}")


if __name__ == "__main__":
    main()
