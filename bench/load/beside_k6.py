#!/usr/bin/env python3
"""What a request costs the one who sends it: gantry beside k6 and wrk, by turns, against one nginx.

  bench/load/beside_k6.py build/release/gantry                       gantry's own figures, and wrk's
  K6=/path/to/k6 bench/load/beside_k6.py build/release/gantry        beside k6
  bench/load/beside_k6.py --vus 50 --seconds 10 --turns 3 build/release/gantry
  bench/load/beside_k6.py --tls build/release/gantry                 through TLS, kept alive

Prints requests per second, microseconds of processor time (user and system, of the generator alone) per request, peak memory and the latencies that
the generator reports. Everything it starts it ends.
"""
import argparse
import json
import os
import pathlib
import re
import socket
import statistics
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ANSWER = '{"status":"ok","nats":{"status":"ok"},"openmeter":{"status":"ok"}}\n'
NGINX = """
daemon off;
worker_processes 1;
pid {work}/nginx.pid;
error_log {work}/error.log;
events {{ worker_connections 16384; }}
http {{
  access_log off;
  client_body_temp_path {work}/body; proxy_temp_path {work}/proxy; fastcgi_temp_path {work}/fcgi;
  uwsgi_temp_path {work}/uwsgi; scgi_temp_path {work}/scgi;
  keepalive_requests 1000000000;
  open_file_cache max=10;
  default_type application/json;
  server {{ listen 127.0.0.1:{port} backlog=16384 {tls}; root {work}/root; }}
}}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def write_certificate(work):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
                    "-subj", "/CN=localhost", "-keyout", str(work / "key.pem"), "-out", str(work / "cert.pem")],
                   check=True, stderr=subprocess.DEVNULL)
    return f"ssl; ssl_certificate {work}/cert.pem; ssl_certificate_key {work}/key.pem"


def start_nginx(work, port, has_tls):
    answer = work / "root" / "health" / "saas"
    answer.parent.mkdir(parents=True)
    answer.write_text(ANSWER)
    work.chmod(0o755)  # nginx started as root serves as nobody
    (work / "nginx.conf").write_text(NGINX.format(work=work, port=port, tls=write_certificate(work) if has_tls else ""))
    nginx = subprocess.Popen(
        ["nginx", "-e", str(work / "error.log"), "-c", str(work / "nginx.conf")], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return nginx
        except OSError:
            time.sleep(0.05)
    nginx.terminate()
    raise SystemExit("nginx does not answer: " + (work / "error.log").read_text())


def timed(argv, env, cwd):
    """Runs a program: its output, processor seconds, peak kilobytes and wall seconds."""
    began = time.monotonic()
    process = subprocess.Popen(argv, env=env, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(argv)}: {process.returncode}\n{output}")
    return output, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, time.monotonic() - began


def run_k6_like(program, script, url, options, work):
    export = work / "export.json"
    argv = program + ["run", "-u", str(options.vus), "-d", f"{options.seconds}s", "--summary-export", str(export),
                      "--insecure-skip-tls-verify", str(HERE / "scripts" / script)]
    output, cpu, memory, _ = timed(argv, os.environ | {"BASE_URL": url}, work)
    metrics = json.loads(export.read_text())["metrics"]
    failed = metrics["http_req_failed"]["value"]
    if failed != 0:
        raise SystemExit(f"{program[0]}: {failed:.2%} of the requests failed\n{output}")
    duration = metrics["http_req_duration"]
    return {"rate": metrics["http_reqs"]["rate"], "cpu_us": cpu * 1e6 / metrics["http_reqs"]["count"], "memory_mb": memory / 1024,
            "p50": duration["med"], "p95": duration["p(95)"], "p99": duration["p(99)"]}


def run_wrk(url, options, work):
    argv = ["wrk", "-t1", f"-c{options.vus}", f"-d{options.seconds}s", "--latency", url + "/health/saas"]
    output, cpu, memory, _ = timed(argv, os.environ, work)
    count = int(re.search(r"(\d+) requests in", output)[1])
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])
    units = {"us": 1e-3, "ms": 1, "s": 1e3}
    latency = {int(p): float(v) * units[u] for p, v, u in re.findall(r"(\d\d)%\s+([\d.]+)(us|ms|s)", output)}
    return {"rate": rate, "cpu_us": cpu * 1e6 / count, "memory_mb": memory / 1024,
            "p50": latency[50], "p95": float("nan"), "p99": latency[99]}


def show(name, turns):
    middle = {key: statistics.median(turn[key] for turn in turns) for key in turns[0]}
    print(f"{name:<16} {middle['rate']:>10.0f} {middle['cpu_us']:>10.1f} {middle['memory_mb']:>8.0f} "
          f"{middle['p50']:>9.3f} {middle['p95']:>9.3f} {middle['p99']:>9.3f}   "
          + " ".join(f"{turn['cpu_us']:.1f}" for turn in turns))
    return middle


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gantry")
    parser.add_argument("--vus", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--tls", action="store_true")
    options = parser.parse_args()
    options.gantry = str(pathlib.Path(options.gantry).resolve())
    k6 = os.environ.get("K6")
    scripts = ["health.js", "get.js"]
    with tempfile.TemporaryDirectory() as folder:
        work, port = pathlib.Path(folder), free_port()
        nginx = start_nginx(work, port, options.tls)
        try:
            url = f"{'https' if options.tls else 'http'}://127.0.0.1:{port}"
            generators = {}
            for script in scripts:
                generators[f"gantry {script}"] = lambda s=script: run_k6_like([options.gantry, "load"], s, url, options, work)
                if k6:
                    generators[f"k6 {script}"] = lambda s=script: run_k6_like([k6], s, url, options, work)
            generators["wrk"] = lambda: run_wrk(url, options, work)
            results = {name: [] for name in generators}
            for _ in range(options.turns):
                for name, run in generators.items():
                    results[name].append(run())
        finally:
            nginx.terminate()
            nginx.wait()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {options.vus} VUs, {options.turns} turns of {options.seconds} s, medians")
    print(f"{'':<16} {'requests/s':>10} {'CPU µs/req':>10} {'peak MB':>8} {'p50 ms':>9} {'p95 ms':>9} {'p99 ms':>9}   CPU of each turn")
    middles = {name: show(name, turns) for name, turns in results.items()}
    if k6:
        for script in scripts:
            ratio = middles[f"k6 {script}"]["cpu_us"] / middles[f"gantry {script}"]["cpu_us"]
            print(f"{script}: k6 needs {ratio:.1f} times the processor time of gantry for a request")


if __name__ == "__main__":
    main()
