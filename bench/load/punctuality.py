#!/usr/bin/env python3
"""How late iterations begin that are due by the clock, beside how late this machine wakes a program that only sleeps.

  bench/load/punctuality.py build/release/gantry build/bench/bench/load/gantry_load_sleeper
  bench/load/punctuality.py --rate 5000 --seconds 20 --turns 3 …

Both run beside each other, at the same rate, against one nginx. An iteration is late where it begins 1 ms or more after it was due, or was dropped.
"""
import argparse
import json
import os
import pathlib
import subprocess
import tempfile

from beside_k6 import HERE, free_port, start_nginx

# Where values of a millisecond and more begin in a histogram: their exponent (src/load/metrics/histogram.h).
ORDER_OF_ONE = 1023


def count_late(generator):
    """How many, of how many, and the latest in ms, by the file of a run (docs/formats/load-merge.md)."""
    trend = generator["lateness"]
    exact = trend.get("values", [])
    buckets = trend.get("histogram", [])
    counts = [(order >= ORDER_OF_ONE, count) for order, _, count in zip(buckets[::3], buckets[1::3], buckets[2::3])]
    late = sum(value >= 1 for value in exact) + sum(count for is_late, count in counts if is_late)
    return late, len(exact) + sum(count for _, count in counts), trend["max"]


def run_turn(options, url, work):
    summary = work / "run.json"
    summary.unlink(missing_ok=True)
    count = options.rate * options.seconds
    sleeper = subprocess.Popen([options.sleeper, str(options.rate), str(count)], stdout=subprocess.PIPE, text=True)
    try:
        environment = os.environ | {"BASE_URL": url, "RATE": str(options.rate), "SECONDS": str(options.seconds)}
        done = subprocess.run([options.gantry, "load", "run", "--out", f"summary={summary}", str(HERE / "scripts" / "due.js")],
                              env=environment, cwd=work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{options.gantry}: {done.returncode}\n{done.stdout}")
        slept = json.loads(sleeper.communicate(timeout=60)[0])
    finally:
        sleeper.kill()
        sleeper.wait()
    late, begun, latest = count_late(json.loads(summary.read_text())["measurement"]["generator"])
    late += max(0, count - begun)  # dropped
    print(f"  gantry {100 * late / count:7.3f} % late, the latest {latest:6.2f} ms   "
          f"sleeper {100 * slept['late'] / count:7.3f} %, {slept['max']:6.2f} ms", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gantry", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("sleeper", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--rate", type=int, default=5000)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    print(f"{options.rate} arrivals per second for {options.seconds} s: 1 ms late or more")
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        port = free_port()
        nginx = start_nginx(work, port, False)
        try:
            for _ in range(options.turns):
                run_turn(options, f"http://127.0.0.1:{port}", work)
        finally:
            nginx.terminate()
            nginx.wait()


if __name__ == "__main__":
    main()
