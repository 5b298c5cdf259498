#!/usr/bin/env bash
# Our HTTP server beside nginx: one worker each, the same 60 bytes of JSON, 50 keep-alive connections, by turns in one run.
#
#   bench/http/beside_nginx.sh SERVER [SECONDS]     SERVER is build/bench/bench/http/gantry_http_bench_server
#
# Prints requests per second and per processor-second of each turn, the ratio of the medians, our memory before and after a long run, and with 5,000
# idle connections. Everything it starts it ends.
set -euo pipefail

server=$1
seconds=${2:-10}
turns=5
work=$(mktemp -d)
chmod 755 "$work"  # nginx started as root serves as nobody
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT

nginx_port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')

mkdir "$work/root"
printf '{"status":"ok","version":"1.0.0","uptime_s":1234,"ready":1}\n' >"$work/root/json"
cat >"$work/nginx.conf" <<CONF
daemon off;
worker_processes 1;
pid $work/nginx.pid;
error_log $work/error.log;
events { worker_connections 8192; }
http {
  access_log off;
  client_body_temp_path $work/body; proxy_temp_path $work/proxy; fastcgi_temp_path $work/fcgi; uwsgi_temp_path $work/uwsgi; scgi_temp_path $work/scgi;
  keepalive_requests 100000000;
  open_file_cache max=10;
  sendfile on;
  default_type application/json;
  server { listen 127.0.0.1:$nginx_port; root $work/root; }
}
CONF
nginx -e "$work/error.log" -c "$work/nginx.conf" 2>/dev/null &
nginx_master=$!
pids+=("$nginx_master")
"$server" >"$work/url" &
ours=$!
pids+=("$ours")
until [ -s "$work/url" ]; do sleep 0.1; done
our_port=$(sed 's/.*://' "$work/url")
until curl -sf "http://127.0.0.1:$our_port/json" >"$work/a" && curl -sf "http://127.0.0.1:$nginx_port/json" >"$work/b"; do sleep 0.1; done
cmp "$work/a" "$work/b"

# asks SECONDS PORT PID: "requests/s requests/processor-second" of a turn; the second does not depend on who else runs here.
asks() {
  local before after
  before=$(ticks "$3")
  wrk -t1 -c50 -d"$1"s "http://127.0.0.1:$2/json" >"$work/wrk"
  after=$(ticks "$3")
  if grep -E 'Non-2xx|Socket errors' "$work/wrk" >&2; then exit 1; fi
  awk -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" \
    '/requests in/ { n = $1 } /Requests\/sec/ { print int($2), int(n * hz / ticks), n }' "$work/wrk"
}
ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
memory_kb() { awk '/^VmRSS/ { print $2 }' "/proc/$ours/status"; }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

echo "load: $(cut -d' ' -f1-3 /proc/loadavg) on $(nproc) cores"
nginx_worker=$(pgrep -P "$nginx_master")
for ((i = 1; i <= turns; ++i)); do
  asks "$seconds" "$nginx_port" "$nginx_worker" >>"$work/nginx"
  asks "$seconds" "$our_port" "$ours" >>"$work/ours"
done
column() { cut -d' ' -f"$1" "$work/$2"; }
compare() {  # COLUMN UNIT
  echo "nginx: $(column "$1" nginx | tr '\n' ' ')$2"
  echo "ours:  $(column "$1" ours | tr '\n' ' ')$2"
  awk -v a="$(column "$1" ours | median)" -v b="$(column "$1" nginx | median)" 'BEGIN { printf "ratio of medians: %.2f\n", a / b }'
}
compare 1 "requests/s"
compare 2 "requests/processor-second"

before=$(memory_kb)
served=0
while ((served < ${REQUESTS:-10000000})); do
  served=$((served + $(asks 20 "$our_port" "$ours" | cut -d' ' -f3)))
  echo "memory after $served further requests: $(memory_kb) KB (before: $before KB)"
done

ulimit -n "$(ulimit -Hn)"
before=$(memory_kb)
python3 - "$our_port" "$ours" <<'PYTHON'
import socket, sys, time
port, pid = int(sys.argv[1]), sys.argv[2]
open_sockets = []
for _ in range(5000):
    s = socket.create_connection(("127.0.0.1", port))
    s.sendall(b"GET /json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    s.recv(4096)
    open_sockets.append(s)
time.sleep(0.5)
for line in open(f"/proc/{pid}/status"):
    if line.startswith("VmRSS"):
        print("memory with 5,000 idle connections that have asked once:", line.split()[1], "KB")
PYTHON
echo "load: $(cut -d' ' -f1-3 /proc/loadavg)"
