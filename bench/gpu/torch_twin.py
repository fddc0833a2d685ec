#!/usr/bin/env python3
"""Both networks in PyTorch beside ours: checked first, then timed. Times are milliseconds of the device.

    torch_twin.py --case alexnet.safetensors --case googlenet.safetensors --json twin.json

A case is a file of export-case.ts: the twin starts from its weights, and must give its scores and, with its dropout masks, its losses,
its updates and its weights after a few training steps. Nothing is timed while a check fails. Needs PyTorch 1.13 or later, and no other package.
"""

import argparse
import contextlib
import datetime
import json
import math
import os
import platform
import statistics
import struct
import subprocess
import sys
import time

import torch

from networks import SIZE, CaffeSgd, Network, objective

PARAMETERS = {"alexnet": (60_965_224, 60_965_224), "googlenet": (6_998_552, 13_378_280)}
MODES = {
    "fp32": "float32, TF32 off",
    "tf32": "float32, products of matrices and convolutions in TF32",
    "amp": "channels last, autocast to float16 with a scaled loss; weights and updates in float32",
}
FORMAT = "striatum-case-1"
RATE = 1e-4

# What a comparison may come to. Scores, losses and weights: the largest difference over the largest value. Updates: the norm of the difference over
# the norm, for the worst parameter. Where two values of a pooling window agree to the last bits, rounding decides where a gradient goes: full-size
# networks have such windows (PyTorch's float32 and float64 part by up to 2e-3 there), small ones hardly; and a forgotten weight decay shows in
# small ones at 2.5e-3. So the small cases judge the definition, the full-size ones that it holds at full size.
BOUNDS = {"logits": 1e-4, "loss": 1e-4, "weights": 1e-3, "updates": 1e-3}
BOUNDS_FULL_SIZE = {**BOUNDS, "updates": 1e-2}


def main():
    options = parse()
    device = torch.device(options.device)
    parameters = {net: count_parameters(net) for net in options.net}
    checked = [check(file, device) for file in options.case]
    wrong = [each for each in checked if not each["passed"]]
    if wrong:
        say("nothing is timed, because a check failed")
    steps = {} if wrong or options.only_check else {net: {"rows": rows_of(net, device, options)} for net in options.net}
    modes = {mode: MODES[mode] for mode in options.modes}
    told = {"schema": 1, "peer": "pytorch", **describe(device), "parameters": parameters, "checked": checked, "modes": modes, "steps": steps}
    text = json.dumps(told, indent=2)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            file.write(text + "\n")
    else:
        print(text)
    return 1 if wrong else 0


def parse():
    has_gpu = torch.cuda.is_available()
    parser = argparse.ArgumentParser(description="AlexNet and GoogLeNet in PyTorch: checked against ours, then timed")
    parser.add_argument("--case", action="append", default=[], help="a file of export-case.ts to reproduce; may be given more than once")
    parser.add_argument("--net", action="append", choices=list(SIZE), help="network to count and time (default: both)")
    parser.add_argument("--device", default="cuda" if has_gpu else "cpu")
    parser.add_argument("--modes", type=lambda text: text.split(","), default=list(MODES) if has_gpu else ["fp32"], help=", ".join(MODES))
    parser.add_argument("--batches", type=lambda text: [int(word) for word in text.split(",")], default=[4, 16, 32, 128])
    parser.add_argument("--steps", type=int, default=30, help="steps that count, at least 2")
    parser.add_argument("--warm-ups", type=int, default=10, help="steps before them, in which cuDNN tries its algorithms")
    parser.add_argument("--only-check", action="store_true", help="time nothing")
    parser.add_argument("--json", help="file for the results (default: stdout)")
    options = parser.parse_args()
    options.net = options.net or list(SIZE)
    unknown = [mode for mode in options.modes if mode not in MODES]
    if unknown:
        parser.error(f"there is no mode {unknown[0]}: choose among {', '.join(MODES)}")
    return options


def say(text):
    print(text, file=sys.stderr, flush=True)


def describe(device):
    """Adapter and conditions, named as in the results of bench/."""
    system = f"{platform.system()} {platform.machine()}".lower()
    host = {"runtime": f"python {platform.python_version()}", "system": system, "torch": torch.__version__}
    if device.type == "cuda":
        adapter = {"name": torch.cuda.get_device_name(device), "vendor": "nvidia", "description": driver_version()}
        host |= {"cuda": str(torch.version.cuda), "cudnn": str(torch.backends.cudnn.version())}
    else:
        adapter = {"name": f"PyTorch's CPU back end, {torch.get_num_threads()} threads", "vendor": platform.machine(), "description": ""}
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%MZ")
    command = " ".join(os.path.basename(word) for word in sys.argv)
    return {"adapter": adapter, "conditions": {"date": date, "command": command, "host": host}}


def driver_version():
    query = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        return subprocess.run(query, capture_output=True, text=True, check=True, timeout=30).stdout.split("\n")[0].strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def count_parameters(net):
    network = Network(net)
    counts = (network.count(heads=False), network.count(heads=True))
    if counts != PARAMETERS[net]:
        raise SystemExit(f"{net}: {counts} parameters without and with auxiliary heads, expected {PARAMETERS[net]}")
    return counts[1]


def use(mode):
    """Sets the precision of products of float32, for the process."""
    torch.backends.cuda.matmul.allow_tf32 = mode != "fp32"
    torch.backends.cudnn.allow_tf32 = mode != "fp32"


def read_safetensors(path):
    """Metadata and float32 tensors of a file of ours. https://github.com/huggingface/safetensors#format"""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        values = torch.frombuffer(bytearray(file.read()), dtype=torch.float32)
    metadata = header.pop("__metadata__", {})
    at = {name: [offset // 4 for offset in entry["data_offsets"]] for name, entry in header.items()}
    return metadata, {name: values[slice(*at[name])].reshape(entry["shape"]) for name, entry in header.items()}


def check(path, device):
    """The twin on a case: differences to ours, each beside what it may come to."""
    use("fp32")
    told, ours = read_safetensors(path)
    if told.get("format") != FORMAT:
        raise SystemExit(f"{path}: format {told.get('format')}, expected {FORMAT}: export it with export-case.ts")
    network = Network(told["network"], int(told["classes"]), float(told["width"]), int(told["size"]), device)
    start, after, momentum = (part(ours, f"{name}/", device) for name in ("start", "after", "momentum"))
    expect_names(path, network, start)
    for name, value in network.parameters.items():
        value.data.copy_(start[name])
    optimizer = CaffeSgd(network, float(told["rate"]))

    worst = {"loss": 0.0}
    for step in range(int(told["steps"])):
        here = part(ours, f"step{step}/", device)
        if step == 0:
            with torch.no_grad():
                worst["logits"] = over_largest(network(here["image"])[0][0], ours["logits"].to(device))
        loss = train(network, optimizer, here["image"], here["labels"].long(), masks=part(here, "mask/", device))
        worst["loss"] = max(worst["loss"], over_largest(loss.detach().reshape(1), here["loss"]))
    worst["weights"] = max(over_largest(value, after[name]) for name, value in network.parameters.items())
    worst["updates"] = max(over_norm(optimizer.velocity[value], momentum[name]) for name, value in network.parameters.items())
    bounds = BOUNDS if network.width < 1 else BOUNDS_FULL_SIZE
    passed = all(worst[what] <= bound for what, bound in bounds.items())
    case = {key: told[key] for key in ("network", "batch", "steps", "classes", "width", "size", "adapter")}
    say(f"{path}: {'agrees' if passed else 'DIFFERS'}: " + ", ".join(f"{what} {worst[what]:.2g} of {bound:.0e}" for what, bound in bounds.items()))
    return {"case": case, "passed": passed, "worst": worst, "bounds": bounds}


def part(tensors, prefix, device):
    return {name[len(prefix) :]: value.to(device) for name, value in tensors.items() if name.startswith(prefix)}


def expect_names(path, network, start):
    for name, value in network.parameters.items():
        if name not in start or start[name].shape != value.shape:
            raise SystemExit(f"{path}: {name} is {tuple(start[name].shape) if name in start else 'missing'}, expected {tuple(value.shape)}")
    if len(start) != len(network.parameters):
        raise SystemExit(f"{path}: {len(start)} parameters, expected {len(network.parameters)}")


def over_largest(got, expected):
    return float((got.detach() - expected).abs().max() / expected.abs().max())


def over_norm(got, expected):
    return float((got.detach() - expected).norm() / expected.norm())


def train(network, optimizer, image, labels, masks=None, scaler=None):
    """One step: forward, losses, backward, update. Returns the loss, which nobody waits for."""
    for value in network.parameters.values():
        value.grad = None
    with half_precision(scaler is not None):
        heads = network(image, training=True, masks=masks)
    loss = objective(heads, labels)
    if scaler is None:
        loss.backward()
        optimizer.step()
    else:
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
    return loss


def rows_of(net, device, options):
    return [time_steps(net, mode, batch, device, options) for batch in options.batches for mode in options.modes]


def time_steps(net, mode, batch, device, options):
    """One configuration, on noise that stays on the device; what does not fit becomes a row that says so."""
    use(mode)
    torch.manual_seed(1)
    torch.backends.cudnn.benchmark = True
    row = {"mode": mode, "batch": batch, "width": 1}
    try:
        network = Network(net, device=device)
        image = torch.randint(0, 256, (batch, 3, SIZE[net], SIZE[net]), device=device).float() - 127.5
        labels = torch.randint(0, 1000, (batch,), device=device)
        scaler = gradient_scaler() if mode == "amp" else None
        if mode == "amp":
            network.to_channels_last()
            image = image.contiguous(memory_format=torch.channels_last)
        optimizer = CaffeSgd(network, RATE)

        @torch.no_grad()
        def score():
            with half_precision(mode == "amp"):
                return torch.softmax(network(image)[0][0].float(), dim=1)

        infer = timing_of(measure(score, device, options))
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
        train_step = lambda: train(network, optimizer, image, labels, scaler=scaler)  # noqa: E731
        trained = timing_of(measure(train_step, device, options))
        loss = float(train_step())
        if not math.isfinite(loss):
            raise RuntimeError(f"the loss is {loss} at the end")
    except RuntimeError as error:  # CUDA's out-of-memory error is one
        say(f"{net} {mode} batch {batch}: {str(error).splitlines()[0]}")
        return {**row, "skipped": str(error).splitlines()[0]}
    say(f"{net} {mode} batch {batch}: inference {infer['median']:.3f} ms, training step {trained['median']:.3f} ms")
    peak = torch.cuda.max_memory_allocated(device) if device.type == "cuda" else None
    per_second = {"train": 1000 * batch / trained["median"], "infer": 1000 * batch / infer["median"]}
    return {**row, "train": trained, "infer": infer, "imagesPerSecond": per_second, "peakBytes": peak}


def timing_of(times):
    """Median and quartiles, as bench/statistics.ts has them."""
    p25, median, p75 = statistics.quantiles(times, n=4, method="inclusive")
    return {"median": median, "p25": p25, "p75": p75, "min": min(times), "runs": len(times), "times": times}


def half_precision(enabled):
    return torch.autocast("cuda", dtype=torch.float16) if enabled else contextlib.nullcontext()


def gradient_scaler():
    """Under its new name where PyTorch has it."""
    return torch.amp.GradScaler("cuda") if hasattr(torch.amp, "GradScaler") else torch.cuda.amp.GradScaler()


def measure(run, device, options):
    """Times of single steps, submitted one after another: by events on the device, or by the clock on a CPU."""
    for _ in range(options.warm_ups):
        run()
    if device.type != "cuda":
        times = []
        for _ in range(options.steps):
            start = time.perf_counter()
            run()
            times.append(1000 * (time.perf_counter() - start))
        return times
    torch.cuda.synchronize(device)
    marks = [torch.cuda.Event(enable_timing=True) for _ in range(options.steps + 1)]
    marks[0].record()
    for mark in marks[1:]:
        run()
        mark.record()
    torch.cuda.synchronize(device)
    return [before.elapsed_time(after) for before, after in zip(marks, marks[1:])]


if __name__ == "__main__":
    sys.exit(main())
