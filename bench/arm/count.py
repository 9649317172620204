"""Counts the instructions of ARM's matrix kernels, emulated, against what their loops cannot do without.

    cmake -S tests/neon -B build-neon -G Ninja && cmake --build build-neon --target multiply_once
    python3 bench/arm/count.py build-neon [--most RATIO]

With --most it fails where a kernel takes more than so many times its bound. By clang, in a folder of its own:
-DCMAKE_CXX_COMPILER=clang++-14 -DCMAKE_CXX_COMPILER_TARGET=aarch64-linux-gnu.

A bound counts one instruction for each of what a reader of the kernels finds in their source: no addresses, loops,
copies or registers put aside. Both kinds are of a chunk of 256 columns.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
ROWS, COLUMNS = 64, 2048
PROMPT = 528

# Of one strip of four weight rows: bytes of a row, loads of 16 of its bytes, instructions that take these apart; columns
# of a group; whether groups have biases; whether weights are stored too large, which the sums' beginnings set right; and
# instructions that make all scales and biases of the four rows.
HALVES = 8 * (4 + 3 + 1)  # f16: loaded row by row, joined, widened
K_SCALES = (
    4 + 8 + 5 + 11 + 16 * 3.5
)  # a header a row, turned; d and dmin; six bits joined; byte, float, times d
TYPES = {
    "Q8_0": (272, 16, 0, 32, False, False, HALVES),
    "Q4_0": (144, 8, 16, 32, False, True, HALVES),
    "Q4_K": (144, 8, 16, 32, True, False, K_SCALES),
    "Q5_K": (176, 10, 16 + 14 + 16, 32, True, False, K_SCALES),
    "Q6_K": (210, 12, 16 + 12 + 16, 16, False, True, 8 + 8 + 3 + 2 + 16 * 3.75),
    "IQ4_XS": (136, 8, 16 + 16, 32, False, False, 4 + 4 + 2 + 14 + 15 + 8 * 5),
    "MXFP4": (136, 8, 16 + 16, 32, False, False, HALVES + 8 * (1 + 8)),
    "Q2_K": (84, 4, 24, 16, True, False, 8 + 8 + 3 + 5 + 12 + 32 * 3.5),
    "Q3_K": (110, 6, 24 + 14 + 16, 16, False, True, 4 + 8 + 2 + 9 + 21 + 16 * 4.5),
}
PROMPT_TYPES = ("Q8_0", "Q4_0", "Q4_K", "Q6_K")


def decode_bound(kind):
    row_bytes, loads, apart, group, biased, offset, headers = TYPES[kind]
    groups = 256 // group
    count = 4 * (loads + apart) + 16 + 64  # weights, the input, products
    count += groups * (4 + 3)  # sums of four rows begin at 0 and are added to lanes of rows
    count += (
        groups * (3 + biased) + 2 + biased * groups / 4
    )  # to float, times scale, times the input's; loads of that
    count += offset * (groups * 2 + groups / 4 * 4)
    return (count + headers + 4 * row_bytes // 64) / 1024  # and a prefetch for each cache line


def prompt_bound(kind, matrices):
    """Of a tile of six rows of input and two panels of four weight rows."""
    group, biased = TYPES[kind][3:5]
    count = (
        12 * group / (8 if matrices else 4) + 2 * group / 4 + 6 * group / 16
    )  # products, weights, the input
    count += matrices * (6 * group / 16 + 12)  # pairs of rows of input, and lanes of rows from sums of pairs
    count += 12 * (
        1 + 3 + biased
    )  # a sum begins, becomes a float times its scale, and is added times the input's
    count += 4 + biased * (2 + 6) + 6 * group / 32 + 1  # scales of weights and input, a prefetch
    return (256 // group * count + 24) / (256 * 48)  # the totals are loaded and stored


def count(build, plugin, instruction_set, kind, rows):
    command = ["qemu-aarch64", "-cpu", "max", "-L", "/usr/aarch64-linux-gnu"]
    command += [
        "-plugin",
        f"{plugin},in=hearth3cpu12_GLOBAL__N_1",
        build / "multiply_once",
        instruction_set,
        kind,
        str(rows),
    ]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    functions = [line.split() for line in told.splitlines()]
    kernels = [int(instructions) for name, instructions in functions if "quantize" not in name]
    return sum(kernels) / (ROWS * COLUMNS * rows)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--most", type=float, default=float("inf"))
    options = parser.parse_args()
    worst = 0
    with tempfile.TemporaryDirectory() as folder:
        plugin = pathlib.Path(folder) / "count.so"
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", plugin, HERE / "count_plugin.c"], check=True)
        work = [("neon_dot", kind, 1, decode_bound(kind)) for kind in TYPES]
        for kind in PROMPT_TYPES:
            work.append(("neon_dot", kind, PROMPT, prompt_bound(kind, False)))
            work.append(("neon_i8mm", kind, PROMPT, prompt_bound(kind, True)))
        print("kernels    type    rows  instructions a product  bound  ratio")
        for instruction_set, kind, rows, bound in work:
            each = count(options.build, plugin, instruction_set, kind, rows)
            worst = max(worst, each / bound)
            print(f"{instruction_set:9}  {kind:6}  {rows:4}  {each:22.3f}  {bound:.3f}  {each / bound:.2f}")
    if worst > options.most:
        sys.exit(f"more than {options.most} times a bound")


if __name__ == "__main__":
    main()
