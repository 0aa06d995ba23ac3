# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""The processes of a benchmark: upstream, nginx as the anchor, the gateway; and what they cost."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time

PROXY_CORE, LOAD_CORE = 0, 1
API_KEY = "bench-key"


class Broken(Exception):
    """The benchmark cannot be run; the text says why."""


def main(run):
    """Runs a benchmark. Terminated, it ends like an interrupted one: through `finally`, so that nothing is left running."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        run()
    except Broken as error:
        print(f"bench: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def raise_file_limit():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def pinned(core, command):
    return ["taskset", "-c", str(core)] + command if os.cpu_count() > 1 else command


def clean_environment(more=None):
    """That of this process without settings of a gateway, and with some more."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIBBON_", "KONG_"))}
    return {**kept, **(more or {})}


def get_status(port, path="/", timeout=2.0):
    """The status of one GET on a new connection; 0 when there is no answer."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout) as client:
            head = f"GET {path} HTTP/1.1\r\nHost: bench.test\r\napikey: {API_KEY}\r\nConnection: close\r\n\r\n"
            client.sendall(head.encode())
            line = client.recv(64)
        return int(line.split(b" ")[1]) if line.startswith(b"HTTP/1.") else 0
    except (OSError, ValueError, IndexError):
        return 0


class Server:
    """A started program, all the processes it has, and its end."""

    def __init__(self, name, command, folder, environment=None):
        self.name = name
        self.log = os.path.join(folder, f"{name}.log")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=clean_environment(environment),
                start_new_session=True)

    def wait_until_serving(self, port, path="/", seconds=20):
        deadline = time.monotonic() + seconds
        while get_status(port, path) != 200:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Broken(f"{self.name} does not answer 200 on port {port}{path}:\n{self.tail()}")
            time.sleep(0.002)

    def tail(self):
        with open(self.log, errors="replace") as log:
            return log.read()[-3000:]

    def process_ids(self):
        found, todo = [], [self.process.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            try:
                for task in os.listdir(f"/proc/{pid}/task"):
                    with open(f"/proc/{pid}/task/{task}/children") as children:
                        todo += [int(child) for child in children.read().split()]
            except OSError:
                pass
        return found

    def cpu_seconds(self):
        """User and system time of every thread so far, to the nanosecond where the kernel keeps schedstat."""
        total = 0.0
        for pid in self.process_ids():
            try:
                for task in os.listdir(f"/proc/{pid}/task"):
                    with open(f"/proc/{pid}/task/{task}/schedstat") as stat:
                        total += int(stat.read().split()[0]) / 1e9
            except OSError:
                with open(f"/proc/{pid}/stat") as stat:
                    fields = stat.read().rsplit(")", 1)[1].split()
                total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return total

    def resident_bytes(self):
        total = 0
        for pid in self.process_ids():
            try:
                with open(f"/proc/{pid}/status") as status:
                    total += sum(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS:"))
            except OSError:
                pass
        return total

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(5)


def nginx_command(core, folder, name, http):
    user = "user root;" if os.geteuid() == 0 else ""
    temporary = " ".join(
        f"{kind}_temp_path {folder}/{name}-{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    text = f"""{user} daemon off; worker_processes 1; worker_rlimit_nofile {raise_file_limit()};
pid {folder}/{name}.pid; error_log {folder}/{name}.error.log warn;
events {{ worker_connections 16384; multi_accept on; }}
http {{ access_log off; {temporary} keepalive_requests 10000000; keepalive_timeout 300s; {http} }}
"""
    file = os.path.join(folder, f"{name}.conf")
    with open(file, "w") as conf:
        conf.write(text)
    return pinned(core, ["nginx", "-p", folder, "-c", file])


def start_upstream(folder, port):
    """Small answers made in place, large ones from files."""
    root = os.path.join(folder, "files")
    os.makedirs(root, exist_ok=True)
    for name, size in (("64k", 64 << 10), ("1m", 1 << 20)):
        with open(os.path.join(root, name), "wb") as file:
            file.write(b"x" * size)
    http = f"""sendfile on; tcp_nodelay on; default_type application/octet-stream;
server {{ listen 127.0.0.1:{port} backlog=16384; root {root};
  location = /64k {{ }} location = /1m {{ }}
  location / {{ return 200 "hello from upstream\\n"; }} }}"""
    server = Server("upstream", nginx_command(LOAD_CORE, folder, "upstream", http), folder)
    server.wait_until_serving(port)
    return server


def start_anchor(folder, port, upstream):
    """nginx doing by configuration what the gateway does for a plain route: the same headers, both ways."""
    http = f"""underscores_in_headers on; client_max_body_size 0;
map $http_upgrade $upstream_connection {{ default "keep-alive, Upgrade"; "" "keep-alive"; }}
upstream origin {{ server 127.0.0.1:{upstream}; keepalive 512; keepalive_requests 10000; keepalive_timeout 60s; }}
server {{ listen 127.0.0.1:{port} reuseport backlog=16384;
  location / {{
    proxy_pass http://origin; proxy_http_version 1.1;
    proxy_set_header Host 127.0.0.1:{upstream}; proxy_set_header Connection $upstream_connection;
    proxy_set_header Upgrade $http_upgrade; proxy_set_header TE $http_te;
    proxy_set_header Via "1.1 kong/3.9.3"; proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Host $host; proxy_set_header X-Forwarded-Port $server_port;
    proxy_set_header X-Forwarded-Path $uri; proxy_set_header X-Kong-Request-Id $request_id;
    proxy_pass_header Server; proxy_pass_header Date;
    add_header X-Kong-Upstream-Latency $upstream_header_time always;
    add_header X-Kong-Proxy-Latency $request_time always;
    add_header Via "1.1 kong/3.9.3" always; add_header X-Kong-Request-Id $request_id always;
  }} }}"""
    server = Server("nginx", nginx_command(PROXY_CORE, folder, "nginx", http), folder)
    server.wait_until_serving(port)
    return server


def routes_of_the_bench(upstream):
    """/key with key-auth, /key-limited with rate-limiting too, and everything else without plugins."""
    return f"""_format_version: "3.0"
services:
- name: origin
  url: http://127.0.0.1:{upstream}
  routes:
  - name: plain
    paths: [/]
  - name: key
    paths: [/key]
    plugins:
    - name: key-auth
  - name: limited
    paths: [/key-limited]
    plugins:
    - name: key-auth
    - name: rate-limiting
      config: {{minute: 100000000, hour: 1000000000}}
consumers:
- username: bench
  keyauth_credentials:
  - key: {API_KEY}
"""


def gateway_files(folder, port, declarative):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "kong.yml"), "w") as file:
        file.write(declarative)
    file = os.path.join(folder, "gibbon.conf")
    with open(file, "w") as conf:
        conf.write(f"""proxy_listen = 127.0.0.1:{port} reuseport backlog=16384
admin_listen = off
admin_gui_listen = off
status_listen = off
database = off
declarative_config = {folder}/kong.yml
nginx_worker_processes = 1
proxy_access_log = off
nginx_http_keepalive_requests = 10000000
anonymous_reports = off
""")
    return file


def start_gateway(binary, folder, port, declarative, environment=None, wait=True):
    file = gateway_files(folder, port, declarative)
    command = pinned(PROXY_CORE, [binary, "start", "--foreground", "-c", file, "-p", folder])
    server = Server("gibbon", command, folder, environment)
    if wait:
        server.wait_until_serving(port)
    return server
