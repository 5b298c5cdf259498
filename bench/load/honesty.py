#!/usr/bin/env python3
"""What the generator reports, beside what the server did.

  bench/load/honesty.py build/release/gantry build/bench/bench/load/gantry_load_delayed_server
  K6=/path/to/k6 bench/load/honesty.py …          k6's figures too, in the same run

1. A server whose answers take between 1 and 100 ms and that knows how long each took: percentiles side by side.
2. The same, while another VU of the script computes for 20 of 50 ms.
3. A server that is frozen for the first second of every four: whoever comes at any time waits 800 ms or more in one case of twenty. By five users in a
   closed loop; by 100 users a second and 5 VUs, so that arrivals are dropped; and by 150 VUs.
"""
import argparse
import json
import os
import pathlib
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PERCENTILES = ["p50", "p90", "p95", "p99", "p99.9"]


class Server:
    def __init__(self, program, *how):
        self.process = subprocess.Popen([program, *how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{self.process.stdout.readline().strip()}/"

    def end(self):
        self.process.stdin.close()
        told = json.loads(self.process.stdout.readline())
        self.process.wait()
        return told


def run(program, script, arguments, environment, work, statuses=(0,)):
    """The summary export of a run."""
    export = work / "export.json"
    done = subprocess.run([*program, "run", *arguments, "--summary-export", str(export), str(HERE / "scripts" / script)],
                          env=os.environ | environment, cwd=work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode not in statuses:
        raise SystemExit(f"{' '.join(program)}: {done.returncode}\n{done.stdout}")
    return json.loads(export.read_text()), done


def figures(trend):
    return [trend["med"], trend["p(90)"], trend["p(95)"], trend["p(99)"], trend["p(99.9)"]]


def compare_delays(generators, what, script, arguments, environment, options, work):
    print(f"answers of 1 to 100 ms, {what}, {options.seconds} s: http_req_duration in ms")
    for name, program in generators.items():
        server = Server(options.server, "delays", "1", "100")
        export, _ = run(program, script, arguments, environment | {"BASE_URL": server.url}, work)
        truth = server.end()
        told = figures(export["metrics"]["http_req_duration"])
        print(f"  {name} ({truth['count']} requests)")
        for percentile, reported in zip(PERCENTILES, told):
            real = truth[percentile]
            bound = 0.001 * real + 0.05
            verdict = "within 0.1 % + 50 µs" if abs(reported - real) <= bound else "beyond 0.1 % + 50 µs"
            print(f"    {percentile:<6} server {real:9.3f}   reported {reported:9.3f}   difference {1000 * (reported - real):8.1f} µs   {verdict}")


def compare_freezes(generators, options, work):
    seconds = str(options.seconds)
    print("frozen for 1 s in 4: the true p(95) is 800 ms")
    cases = {"closed, 5 VUs": ("steady.js", ["-u", "5", "-d", seconds + "s"], {}),
             "100/s, 5 VUs": ("arrivals.js", [], {"VUS": "5", "SECONDS": seconds}),
             "100/s, 150 VUs": ("arrivals.js", [], {"VUS": "150", "SECONDS": seconds})}
    for name, program in generators.items():
        for case, (script, arguments, environment) in cases.items():
            server = Server(options.server, "freeze", "1000", "4000")
            export, done = run(program, script, arguments, environment | {"BASE_URL": server.url}, work, (0, 99))
            server.end()
            corrected = [line.strip() for line in done.stdout.splitlines() if line.strip().startswith(("response_time", "! "))]
            p95 = export["metrics"]["http_req_duration"]["p(95)"]
            print(f"  {name}, {case}: http_req_duration p(95) {p95:.1f} ms")
            for line in corrected:
                print(f"      {line}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gantry")
    parser.add_argument("server")
    parser.add_argument("--vus", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=20)
    options = parser.parse_args()
    generators = {"gantry": [str(pathlib.Path(options.gantry).resolve()), "load"]}
    if os.environ.get("K6"):
        generators["k6"] = [os.environ["K6"]]
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        vus = str(options.vus)
        compare_delays(generators, f"{vus} VUs", "steady.js", ["-u", vus, "-d", f"{options.seconds}s"], {}, options, work)
        compare_delays(generators, f"{vus} VUs beside one that computes", "computes.js", [],
                       {"VUS": vus, "SECONDS": str(options.seconds)}, options, work)
        compare_freezes(generators, options, work)


main()
