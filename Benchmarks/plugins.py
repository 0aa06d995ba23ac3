#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""What each plugin costs a request, and what several together do against nginx without any.

    python3 Benchmarks/plugins.py --gibbon .build/release/gibbon

The gateway runs alone on core 0; wrk, the upstream and what receives logs share core 1. A plugin's cost is the CPU
time of a request on its route less that on a route without plugins, measured in alternating rounds; the row `nothing`
is such a difference between two routes without plugins, and so the error of all the others.
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import shutil
import statistics
import sys
import tempfile

sys.dont_write_bytecode = True

import load  # noqa: E402
import processes  # noqa: E402

DATE = "Mon, 01 Jan 2024 00:00:00 GMT"
SECRET = "a-secret-of-the-benchmark-that-opens-nothing"


def code(raw):
    return base64.b64encode(raw).decode()


def token():
    """A signed token (HS256) that does not expire."""
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")
    text = part({"typ": "JWT", "alg": "HS256"}) + b"." + part({"iss": "bench"})
    signature = hmac.new(SECRET.encode(), text, hashlib.sha256).digest()
    return (text + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


KEY = f"apikey: {processes.API_KEY}"
BASIC = f"Authorization: Basic {code(b'bench:password')}"
SIGNATURE = code(hmac.new(SECRET.encode(), f"x-date: {DATE}".encode(), hashlib.sha256).digest())
SIGNED = f'Authorization: hmac username="bench", algorithm="hmac-sha256", headers="x-date", signature="{SIGNATURE}"'
LIMITS = {"minute": 100_000_000, "hour": 1_000_000_000}


def scenarios(receivers):
    """By name: the plugins of its route, and the headers of its requests."""
    key = ("key-auth", {})
    file = ("file-log", {"path": "/dev/null"})
    return {
        "nothing": ([], []),
        "correlation-id": ([("correlation-id", {"echo_downstream": True})], []),
        "bot-detection": ([("bot-detection", {})], ["User-Agent: Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0"]),
        "cors": ([("cors", {"origins": ["https://a.example"]})], ["Origin: https://a.example"]),
        "jwt": ([("jwt", {})], [f"Authorization: Bearer {token()}"]),
        "key-auth": ([key], [KEY]),
        "basic-auth": ([("basic-auth", {})], [BASIC]),
        "hmac-auth": ([("hmac-auth", {"clock_skew": 1e12})], [f"X-Date: {DATE}", SIGNED]),
        "ip-restriction": ([("ip-restriction", {"allow": ["127.0.0.0/8"]})], []),
        "request-size-limiting": ([("request-size-limiting", {})], []),
        "key-auth + acl": ([key, ("acl", {"allow": ["bench"]})], [KEY]),
        "rate-limiting": ([("rate-limiting", LIMITS)], []),
        "response-ratelimiting": ([("response-ratelimiting", {"limits": {"things": LIMITS}})], []),
        "request-transformer": (
            [("request-transformer", {"add": {"headers": ["x-a:1"], "querystring": ["b:2"]}})], []),
        "response-transformer": ([("response-transformer", {"add": {"headers": ["x-a:1"]}})], []),
        "proxy-cache (hits)": ([("proxy-cache", {"strategy": "memory", "content_type": [
            "application/octet-stream"]})], []),
        "prometheus": ([("prometheus", {
            "status_code_metrics": True, "latency_metrics": True, "bandwidth_metrics": True})], []),
        "file-log": ([file], []),
        "http-log": ([("http-log", {
            "http_endpoint": f"http://127.0.0.1:{receivers['http']}/", "queue": {"max_batch_size": 200}})], []),
        "udp-log": ([("udp-log", {"host": "127.0.0.1", "port": receivers["udp"]})], []),
        "statsd": ([("statsd", {"host": "127.0.0.1", "port": receivers["udp"]})], []),
        "request-termination": ([("request-termination", {"status_code": 200})], []),
        "key-auth + rate-limiting": ([key, ("rate-limiting", LIMITS)], [KEY]),
        "prometheus + file-log": ([("prometheus", {
            "status_code_metrics": True, "latency_metrics": True, "bandwidth_metrics": True}), file], []),
    }


def declarative(upstream, chosen):
    """Route /0 has no plugins; /1, /2 … are those of the scenarios."""
    routes = [{"name": "none", "paths": ["/0"]}]
    for number, (plugins, _) in enumerate(chosen.values(), 1):
        entities = [{"name": name, "config": config} for name, config in plugins]
        routes.append({"name": f"r{number}", "paths": [f"/{number}"], "plugins": entities})
    routes.append({"name": "rest", "paths": ["/"]})
    consumer = {
        "username": "bench", "acls": [{"group": "bench"}],
        "keyauth_credentials": [{"key": processes.API_KEY}],
        "basicauth_credentials": [{"username": "bench", "password": "password"}],
        "hmacauth_credentials": [{"username": "bench", "secret": SECRET}],
        "jwt_secrets": [{"key": "bench", "secret": SECRET}],
    }
    service = {"name": "origin", "url": f"http://127.0.0.1:{upstream}/", "routes": routes}
    return json.dumps({"_format_version": "3.0", "services": [service], "consumers": [consumer]})


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.ports = {name: processes.free_port() for name in ("upstream", "nginx", "gibbon", "udp")}
        every = scenarios({"http": self.ports["upstream"], "udp": self.ports["udp"]})
        names = [name.strip() for name in options.only.split(",")] if options.only else list(every)
        unknown = [name for name in names if name not in every]
        if unknown:
            raise processes.Broken(f"no scenario {', '.join(unknown)}; there are {', '.join(every)}")
        self.scenarios = {name: every[name] for name in names}
        self.declarative = declarative(self.ports["upstream"], self.scenarios)

    def run(self):
        self.servers = [processes.start_upstream(self.folder, self.ports["upstream"])]
        try:
            nginx = processes.start_anchor(self.folder, self.ports["nginx"], self.ports["upstream"])
            self.servers.append(nginx)
            prefix = os.path.join(self.folder, "prefix")
            gateway = processes.start_gateway(self.options.gibbon, prefix, self.ports["gibbon"], self.declarative)
            self.servers.append(gateway)
            print("| plugin | req/s against nginx without | CPU µs a request | of that the plugin, ns | allocations |")
            print("|---|---|---|---|---|")
            for number, name in enumerate(self.scenarios, 1):
                self.measure(name, number, nginx, gateway)
            print(f"\n{self.keys()}")
        finally:
            for server in reversed(self.servers):
                server.stop()

    def measure(self, name, number, nginx, gateway):
        headers = self.scenarios[name][1]
        sides = {
            "nginx": (nginx, self.ports["nginx"], "/"), "plain": (gateway, self.ports["gibbon"], "/0"),
            "plugin": (gateway, self.ports["gibbon"], f"/{number}"),
        }
        rounds = []
        for round_number in range(self.options.rounds + 1):
            results = {}
            for side, (server, port, path) in sides.items():
                scenario = {"path": path, "connections": 64, "headers": headers}
                results[side] = load.measure(server, self.folder, port, scenario, self.options.seconds)
                if results[side]["errors"]:
                    raise processes.Broken(f"{name}, {side}: {results[side]['errors']} failed requests")
            # Round 0 warms up.
            if round_number > 0:
                rounds.append(results)
        ratio = statistics.median(one["plugin"]["rps"] / one["nginx"]["rps"] for one in rounds)
        cpu = statistics.median(one["plugin"]["cpu_us"] for one in rounds)
        cost = statistics.median(one["plugin"]["cpu_us"] - one["plain"]["cpu_us"] for one in rounds) * 1000
        allocations = load.allocations_per_request(
            self.options.gibbon, self.folder, self.declarative, f"/{number}", headers)
        count = "–" if allocations is None else f"{allocations:.2f}"
        print(f"| {name} | **{ratio:.2f}** | {cpu:.1f} | {cost:,.0f} | {count} |", flush=True)

    def keys(self):
        """Memory for 100,000 clients that rate-limiting tells apart."""
        plugin = {"name": "rate-limiting", "config": dict(LIMITS, limit_by="header", header_name="x-client")}
        routes = [{"name": "limited", "paths": ["/limited"], "plugins": [plugin]}, {"name": "rest", "paths": ["/"]}]
        service = {"name": "origin", "url": f"http://127.0.0.1:{self.ports['upstream']}/", "routes": routes}
        text = json.dumps({"_format_version": "3.0", "services": [service]})
        with open(os.path.join(self.folder, "clients.lua"), "w") as file:
            file.write('local i = 0\nfunction request()\n  i = (i + 1) % 100000\n'
                       '  return wrk.format("GET", "/limited", {["X-Client"] = "client-" .. i})\nend\n')
        port = processes.free_port()
        gateway = processes.start_gateway(self.options.gibbon, os.path.join(self.folder, "keys"), port, text)
        self.servers.append(gateway)
        load.wrk(self.folder, port, "/", 64, 2)
        before = gateway.resident_bytes()
        done = load.wrk(self.folder, port, "/limited", 64, 10, "clients")
        grown = gateway.resident_bytes() - before
        return f"100,000 clients of rate-limiting ({done['requests']:,} requests): {grown / 1e6:.1f} MB"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--gibbon", required=True, type=os.path.abspath, help="the gateway's binary, a release build")
    parser.add_argument("--rounds", type=int, default=5, help="alternating rounds of each scenario")
    parser.add_argument("--seconds", type=int, default=3, help="length of one measurement")
    parser.add_argument("--only", help="comma-separated scenarios, by default all")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="gibbon-bench-")
    try:
        processes.raise_file_limit()
        Bench(options, folder).run()
    except processes.Broken as error:
        print(f"plugins: {error}", file=sys.stderr)
        sys.exit(1)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
