"""Quantising a model with random weights by hearth and by llama.cpp, in turns, in processor seconds.

python3 bench/peers/quantize.py [--program build/hearth] [--shape tinyllama-1.1b] [--type Q4_K_M] [--threads 2] [--rounds 3]

llama.cpp is the library in the npm package of node-llama-cpp (npm install in bench/peers), called by its C interface:
its JavaScript has no function for it.
"""

import argparse
import ctypes
import json
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

PACKAGE = pathlib.Path(__file__).parent / "node_modules/@node-llama-cpp/linux-x64/bins"
FILE_TYPES = {"Q4_0": 2, "Q8_0": 7, "Q3_K_M": 12, "Q4_K_M": 15, "Q5_K_M": 17, "Q6_K": 18, "IQ4_XS": 30}


class Parameters(ctypes.Structure):
    """llama_model_quantize_params: only its beginning is set, the rest keeps its defaults."""

    _fields_ = [("threads", ctypes.c_int32), ("file_type", ctypes.c_int32), ("rest", ctypes.c_int64 * 16)]


def quantise_with_llama_cpp(model, quantised, file_type, threads):
    folder = next(PACKAGE.glob("*/libggml-base.so")).parent
    ctypes.CDLL(str(folder / "libggml-base.so"), mode=ctypes.RTLD_GLOBAL)
    library = ctypes.CDLL(str(next(folder.glob("libllama.*so"))), mode=ctypes.RTLD_GLOBAL)
    library.llama_model_quantize_default_params.restype = Parameters
    library.llama_model_quantize.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p]
    parameters = library.llama_model_quantize_default_params()
    parameters.threads = threads
    parameters.file_type = file_type
    return library.llama_model_quantize(model.encode(), quantised.encode(), ctypes.byref(parameters))


def timed(command):
    """Seconds by the clock and of processors."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - begin, processor


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="build/hearth")
    parser.add_argument("--shape", default="tinyllama-1.1b")
    parser.add_argument("--layers", type=int, default=0, help="fewer than the shape has, for a quick look")
    parser.add_argument("--type", default="Q4_K_M", choices=FILE_TYPES)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", nargs=2, metavar=("MODEL", "QUANTISED"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        sys.exit(quantise_with_llama_cpp(*options.peer, FILE_TYPES[options.type], options.threads))
    with tempfile.TemporaryDirectory() as folder:
        model, quantised = f"{folder}/model.gguf", f"{folder}/quantised.gguf"
        layers = ["--layers", str(options.layers)] if options.layers else []
        subprocess.run(
            [options.program, "make-model", options.shape, model, "--type", "F16", *layers],
            check=True,
            capture_output=True,
        )
        shared = ["--type", options.type, "--threads", str(options.threads)]
        ours = [options.program, "convert", model, quantised, *shared]
        theirs = [sys.executable, __file__, *shared, "--peer", model, quantised]
        rounds = [(timed(ours), timed(theirs)) for _ in range(options.rounds)]
    ratios = {
        what: [peer[index] / own[index] for own, peer in rounds]
        for index, what in enumerate(["clock", "processor"])
    }
    print(
        json.dumps(
            {
                "shape": options.shape,
                "type": options.type,
                "threads": options.threads,
                "seconds": rounds,
                "peer_over_hearth": {what: statistics.median(values) for what, values in ratios.items()},
            }
        )
    )


if __name__ == "__main__":
    main()
