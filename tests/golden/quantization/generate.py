"""Golden words of group quantisation: python3 generate.py > golden.json (numpy 2). Shares no code with src/convert.

Every step is one numpy operation in the model dtype (float16 or float32), which rounds to nearest, ties to even. Weights are
given as the 32 bits of a float32. bfloat16 scales round to nearest, ties to even.
"""

import json

import numpy as np

SCHEMES = {
    "q4f16_1": (np.float16, 4, 32, 8, 7),
    "q4f32_1": (np.float32, 4, 32, 8, 7),
    "q3f16_1": (np.float16, 3, 40, 10, 3),
}


def bits_of_scale(scale):
    if scale.dtype == np.float16:
        return scale.view(np.uint16)
    word = scale.view(np.uint32).astype(np.uint64)
    return ((word + 0x7FFF + ((word >> np.uint64(16)) & np.uint64(1))) >> np.uint64(16)).astype(np.uint16)


def quantize(weights, scheme):
    dtype, bits, group, per_word, zero = SCHEMES[scheme]
    rows, columns = weights.shape
    groups = -(-columns // group)
    w = np.zeros((rows, groups * group), dtype)
    w[:, :columns] = weights.astype(dtype)
    blocks = w.reshape(rows, groups, group)
    scale = np.abs(blocks).max(axis=2) / dtype(zero)
    with np.errstate(divide="ignore", invalid="ignore"):
        shifted = np.rint(blocks / scale[..., None] + dtype(zero))
    codes = np.where(blocks == 0, zero, np.clip(shifted, 0, 2 * zero)).astype(np.uint32).reshape(rows, -1)
    codes[:, columns:] = 0
    words = np.zeros((rows, codes.shape[1] // per_word), np.uint32)
    for i in range(per_word):
        words |= codes[:, i::per_word] << np.uint32(i * bits)
    return words, bits_of_scale(scale)


def case(name, weights):
    weights = np.asarray(weights, np.float32)
    result = {"name": name, "shape": list(weights.shape), "float32": weights.view(np.uint32).ravel().tolist(), "schemes": {}}
    for scheme in SCHEMES:
        words, scales = quantize(weights, scheme)
        result["schemes"][scheme] = {
            "words": words.ravel().tolist(),
            "wordsPerRow": words.shape[1],
            "scales": scales.ravel().tolist(),
            "groupsPerRow": scales.shape[1],
        }
    result["float16"] = weights.astype(np.float16).view(np.uint16).ravel().tolist()
    return result


rng = np.random.default_rng(20260210)
ties = [(i - 16) / 16 for i in range(32)]
cases = [
    case("worked example of the format's description", [ties]),
    case("normal weights, whole groups of both sizes", rng.normal(0, 0.02, (3, 160))),
    case("a tail in every scheme", rng.normal(0, 0.5, (4, 83))),
    case("shorter than a group", rng.normal(0, 1, (2, 7))),
    case("every code boundary, a half each", [[(k - 14) / 2 for k in range(29)], [(k - 14) / 14 for k in range(29)]]),
    case("values that the roundings move", [np.linspace(-1, 1, 96), np.linspace(-0.37, 0.61, 96)]),
    case("subnormal halves, and a scale that vanishes", [rng.normal(0, 1e-6, 40), rng.normal(0, 3e-8, 40)]),
    case("large halves", rng.normal(0, 15000, (2, 64))),
    case("negative zero and lone values", [[-0.0] * 31 + [0.7], [0.0] * 10 + [-1e-3] + [0.0] * 21]),
]
print(json.dumps({"about": "see generate.py", "cases": cases}))
