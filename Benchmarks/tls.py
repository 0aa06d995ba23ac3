#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""Measures TLS against nginx on this machine: the same certificate, versions and ciphers for both.

The proxy under test runs alone on core 0; clients and the services share core 1. Rounds alternate. Handshakes are those
of `openssl s_time`. Prints medians as Markdown. Needs nginx, wrk, openssl and taskset; everything stays on loopback.
"""

import argparse
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import load  # noqa: E402
import processes  # noqa: E402
import report  # noqa: E402

SCENARIOS = {
    "keep-alive request": {"listener": "tls", "path": "/", "connections": 64, "scheme": "https"},
    "1 MB response": {"listener": "tls", "path": "/1m", "connections": 16, "scheme": "https"},
    "https service": {"listener": "plain", "path": "/secure", "connections": 64},
}
HANDSHAKES = {
    "full handshake, TLS 1.3": ["-new", "-tls1_3"],
    "full handshake, TLS 1.2": ["-new", "-tls1_2"],
    "resumed handshake, TLS 1.2": ["-reuse", "-tls1_2"],
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--gibbon", required=True, help="the gateway's binary, a release build")
    parser.add_argument("--rounds", type=int, default=5, help="alternating rounds of each scenario")
    parser.add_argument("--seconds", type=int, default=4, help="length of one measurement")
    parser.add_argument("--idle", type=int, default=2000, help="idle connections to hold; 0 leaves that out")
    return parser.parse_args()


def make_certificate(folder):
    files = os.path.join(folder, "bench.crt"), os.path.join(folder, "bench.key")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-out", files[0], "-keyout", files[1]], check=True, capture_output=True)
    return files


def start_service(folder, ports, certificate):
    """nginx as the service, in plain HTTP and with TLS."""
    root = os.path.join(folder, "files")
    os.makedirs(root, exist_ok=True)
    with open(os.path.join(root, "1m"), "wb") as file:
        file.write(b"x" * (1 << 20))
    http = f"""sendfile on; tcp_nodelay on; default_type application/octet-stream;
server {{ listen 127.0.0.1:{ports["service"]} backlog=16384; listen 127.0.0.1:{ports["secure"]} ssl backlog=16384;
  ssl_certificate {certificate[0]}; ssl_certificate_key {certificate[1]}; root {root};
  location = /1m {{ }} location / {{ return 200 "hello from upstream\\n"; }} }}"""
    server = processes.Server(
        "service", processes.nginx_command(processes.LOAD_CORE, folder, "service", http), folder)
    server.wait_until_serving(ports["service"])
    return server


def start_nginx(folder, ports, certificate):
    usual = """proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
    proxy_set_header X-Real-IP $remote_addr; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Host $host;"""
    http = f"""ssl_certificate {certificate[0]}; ssl_certificate_key {certificate[1]}; ssl_protocols TLSv1.2 TLSv1.3;
ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384; ssl_session_cache shared:SSL:10m;
upstream plain {{ server 127.0.0.1:{ports["service"]}; keepalive 512; keepalive_requests 1000000; }}
upstream secure {{ server 127.0.0.1:{ports["secure"]}; keepalive 512; keepalive_requests 1000000; }}
server {{ listen 127.0.0.1:{ports["nginx", "tls"]} ssl backlog=16384;
  location / {{ proxy_pass http://plain; {usual} }} }}
server {{ listen 127.0.0.1:{ports["nginx", "plain"]} backlog=16384;
  location / {{ proxy_pass https://secure; {usual} }} }}"""
    server = processes.Server("nginx", processes.nginx_command(processes.PROXY_CORE, folder, "nginx", http), folder)
    server.wait_until_serving(ports["nginx", "plain"])
    return server


def start_gibbon(binary, folder, ports, certificate):
    tls, plain = ports["gibbon", "tls"], ports["gibbon", "plain"]
    declarative = f"""_format_version: "3.0"
services:
- {{name: plain, url: "http://127.0.0.1:{ports["service"]}", routes: [{{name: plain, paths: [/]}}]}}
- {{name: secure, url: "https://127.0.0.1:{ports["secure"]}", routes: [{{name: secure, paths: [/secure]}}]}}
"""
    prefix = os.path.join(folder, "prefix")
    file = processes.gateway_files(prefix, plain, declarative)
    with open(file, "a") as conf:
        conf.write(f"ssl_cert = {certificate[0]}\nssl_cert_key = {certificate[1]}\n")
    with open(file) as conf:
        text = conf.read().replace(
            f"proxy_listen = 127.0.0.1:{plain}", f"proxy_listen = 127.0.0.1:{tls} ssl backlog=16384, 127.0.0.1:{plain}")
    with open(file, "w") as conf:
        conf.write(text)
    command = processes.pinned(
        processes.PROXY_CORE, [binary, "start", "--foreground", "-c", file, "-p", prefix])
    server = processes.Server("gibbon", command, folder)
    server.wait_until_serving(plain)
    return server


def handshakes(server, port, options, seconds):
    """CPU of the proxy for one handshake, and handshakes a second."""
    before = server.cpu_seconds()
    command = processes.pinned(
        processes.LOAD_CORE, ["openssl", "s_time", "-connect", f"127.0.0.1:{port}", "-time", str(seconds)] + options)
    text = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30).stdout
    count = re.search(r"(\d+) connections in (\d+) real seconds", text)
    if not count or count.group(1) == "0":
        raise processes.Broken(f"no handshakes: {' '.join(command)}\n{text}")
    used = server.cpu_seconds() - before
    return {"rps": int(count.group(1)) / max(1, int(count.group(2))), "cpu_us": used * 1e6 / int(count.group(1)),
            "p50_us": 0.0, "p99_us": 0.0, "errors": 0}


def idle_bytes(server, port, count):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    before, held = server.resident_bytes(), []
    for _ in range(count):
        client = context.wrap_socket(socket.create_connection(("127.0.0.1", port), 5))
        client.sendall(b"GET / HTTP/1.1\r\nHost: bench.test\r\n\r\n")
        client.recv(4096)
        held.append(client)
    grown = server.resident_bytes() - before
    for client in held:
        client.close()
    return max(0, grown) / count


def run(options):
    processes.raise_file_limit()
    folder = tempfile.mkdtemp(prefix="gibbon-bench-")
    names = ["service", "secure"] + [(proxy, kind) for proxy in ("nginx", "gibbon") for kind in ("tls", "plain")]
    ports = {name: processes.free_port() for name in names}
    servers, rounds, idle = [], {}, {}
    try:
        certificate = make_certificate(folder)
        servers.append(start_service(folder, ports, certificate))
        proxies = {"nginx": start_nginx(folder, ports, certificate)}
        servers.append(proxies["nginx"])
        proxies["gibbon"] = start_gibbon(os.path.abspath(options.gibbon), folder, ports, certificate)
        servers.append(proxies["gibbon"])
        if options.idle > 0:
            for name, server in proxies.items():
                idle[name] = idle_bytes(server, ports[name, "tls"], options.idle)
        for name, scenario in {**SCENARIOS, **HANDSHAKES}.items():
            rounds[name] = {proxy: [] for proxy in proxies}
            for number in range(options.rounds + 1):
                for proxy in list(proxies)[:: 1 if number % 2 == 0 else -1]:
                    seconds = options.seconds if number > 0 else 1
                    if name in HANDSHAKES:
                        one = handshakes(proxies[proxy], ports[proxy, "tls"], scenario, seconds)
                    else:
                        one = load.measure(
                            proxies[proxy], folder, ports[proxy, scenario["listener"]], scenario, seconds)
                    # Round 0 warms up and is not counted.
                    if number > 0:
                        rounds[name][proxy].append(one)
            print(f"{name}: done", file=sys.stderr, flush=True)
    finally:
        for server in reversed(servers):
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"# TLS against nginx\n\n{report.machine()}\n\nMedians of {options.rounds} alternating rounds of "
          f"{options.seconds} s, ratios gibbon / nginx within each round.\n")
    print("| | nginx /s | gibbon /s | ratio | nginx CPU µs | gibbon CPU µs | ratio | errors |\n|---|---|---|---|---|---|---|---|")
    for name, one in rounds.items():
        summary = report.summarise(one)
        theirs, ours, ratio = summary["nginx"], summary["gibbon"], summary["ratio"]
        print(f"| {name} | {theirs['rps']:,.0f} | {ours['rps']:,.0f} | **{ratio['rps']:.2f}** | {theirs['cpu_us']:.1f} | "
              f"{ours['cpu_us']:.1f} | **{ratio['cpu_us']:.2f}** | {theirs['errors']:.0f} / {ours['errors']:.0f} |")
    for name, size in idle.items():
        print(f"\nAn idle connection at {name}: {size:,.0f} bytes.")


if __name__ == "__main__":
    processes.main(lambda: run(arguments()))
