#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""What administration costs: writes, imports, starts, and what a change of the configuration does to the traffic.

    python3 Benchmarks/admin.py --gibbon .build/release/gibbon
"""

import argparse
import http.client
import json
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid

from load import wrk
from processes import Broken, Server, free_port, get_status, start_upstream

ADMIN_WRITE = """
local thread = 0
function setup(t) t:set("id", thread); thread = thread + 1 end
function init(args) n = 0; seed = "%s" end
function request()
  n = n + 1
  local body = '{"name":"' .. seed .. "-" .. id .. "-" .. n .. '","host":"example.com"}'
  return wrk.format("POST", "/services", {["Content-Type"] = "application/json"}, body)
end
function response(status, headers, body) if status ~= 201 then print("status " .. status .. " " .. body) end end
"""


class Node:
    """A gateway on the embedded datastore in a folder of its own."""

    def __init__(self, binary, folder, settings=None):
        self.binary, self.folder = binary, folder
        os.makedirs(folder, exist_ok=True)
        self.port, self.admin = free_port(), free_port()
        self.environment = {
            "GIBBON_PROXY_LISTEN": f"127.0.0.1:{self.port} reuseport backlog=16384",
            "GIBBON_ADMIN_LISTEN": f"127.0.0.1:{self.admin}",
            "GIBBON_STATUS_LISTEN": "off",
            "GIBBON_PROXY_ACCESS_LOG": "off",
            "GIBBON_ADMIN_ACCESS_LOG": "off",
            **(settings or {}),
        }
        self.start()

    def start(self):
        began = time.monotonic()
        self.server = Server(
            f"gibbon-{self.port}", [self.binary, "start", "--foreground", "-p", self.folder], self.folder,
            self.environment)
        while get_status(self.admin, "/status") != 200 or get_status(self.port, "/none") == 0:
            if self.server.process.poll() is not None or time.monotonic() > began + 120:
                raise Broken(f"the gateway does not answer:\n{self.server.tail()}")
            time.sleep(0.002)
        self.start_seconds = time.monotonic() - began

    def restart(self):
        self.server.stop()
        self.start()

    def command(self, *arguments):
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("GIBBON_", "KONG_"))}
        subprocess.run(
            [self.binary, *arguments, "-p", self.folder], check=True, capture_output=True, timeout=600,
            env=environment)

    def resident_mb(self):
        return self.server.resident_bytes() / 1e6

    def stop(self):
        self.server.stop()


class Client:
    """A keep-alive connection to the Admin API."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def call(self, method, path, body=None, expect=(200, 201, 204)):
        text = json.dumps(body) if body is not None else None
        headers = {"Content-Type": "application/json"} if text else {}
        self.connection.request(method, path, text, headers)
        response = self.connection.getresponse()
        data = response.read()
        if response.status not in expect:
            raise Broken(f"{method} {path}: {response.status} {data[:300]}")
        return json.loads(data) if data else None


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def row(what, value, bar=""):
    print(f"| {what} | {value} | {bar} |", flush=True)


# MARK: Writes

def writes(options, folder, clients):
    node = Node(options.gibbon, os.path.join(folder, f"writes-{clients}"))
    try:
        script = os.path.join(folder, f"writes-{clients}.lua")
        with open(script, "w") as file:
            file.write(ADMIN_WRITE % f"c{clients}")
        output = subprocess.run(
            ["wrk", "-t1", f"-c{clients}", f"-d{options.seconds}s", "--latency", "-s", script,
             f"http://127.0.0.1:{node.admin}"], check=True, capture_output=True, text=True, timeout=300).stdout
        if "status " in output:
            raise Broken("a write was refused: " + output[:300])
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))
        p99 = re.search(r"99%\s+(\S+)", output).group(1)
        row(f"writes, {clients} client{'s' if clients > 1 else ''}", f"**{rate:,.0f}/s**, p99 {p99}",
            "1,500/s" if clients == 8 else "")
    finally:
        node.stop()


# MARK: Import, pages, start

def import_file(options, folder):
    path = os.path.join(folder, "import.json")
    count = options.entities
    with open(path, "w") as file:
        json.dump({
            "_format_version": "3.0",
            "services": [
                {"name": f"s{i}", "host": "127.0.0.1", "routes": [{"name": f"r{i}", "paths": [f"/s{i}"]}]}
                for i in range(count)],
            "consumers": [{"username": f"c{i}"} for i in range(count)],
        }, file)
    prefix = os.path.join(folder, "import")
    os.makedirs(prefix, exist_ok=True)
    began = time.monotonic()
    subprocess.run([options.gibbon, "config", "db_import", path, "-p", prefix], check=True, capture_output=True)
    seconds = time.monotonic() - began
    row(f"import of {3 * count:,} entities", f"**{3 * count / seconds:,.0f}/s** ({seconds:.1f} s)", "5,000/s")


def routes_in_store(options, folder):
    """A datastore with one service and many routes."""
    prefix = os.path.join(folder, "routes")
    os.makedirs(prefix, exist_ok=True)
    path = os.path.join(folder, "routes.json")
    with open(path, "w") as file:
        json.dump({
            "_format_version": "3.0",
            "services": [{
                "name": "s", "url": f"http://127.0.0.1:{options.upstream}",
                "routes": [
                    {"name": f"r{i}", "hosts": [f"h{i % 1000}.example.com"], "paths": [f"/api/v1/t{i}"]}
                    for i in range(options.routes)],
            }, {
                "name": "probe", "url": f"http://127.0.0.1:{options.upstream}",
                "routes": [{"name": "probe", "paths": ["/probe"]}],
            }],
        }, file)
    subprocess.run([options.gibbon, "config", "db_import", path, "-p", prefix], check=True, capture_output=True)
    node = Node(options.gibbon, prefix)
    row(f"start with {options.routes:,} routes in the store", f"**{node.start_seconds:.2f} s**, {node.resident_mb():,.0f} MB", "3 s")
    return node


def pages(options, node):
    client = Client(node.admin)
    began, seen, target = time.monotonic(), 0, "/routes?size=1000"
    while target:
        page = client.call("GET", target)
        seen += len(page["data"])
        target = page["next"]
    seconds = time.monotonic() - began
    row(f"reading {seen:,} routes, 1,000 a page", f"{seconds:.1f} s ({seen / seconds:,.0f}/s)")


# MARK: From a write to the traffic

def traffic(folder, node, seconds, connections=16):
    return wrk(folder, node.port, "/probe", connections, seconds, None)


def changes(options, folder, node):
    """Adds routes one by one while traffic runs; each must be there for the next request."""
    calm = [traffic(folder, node, options.seconds)["p99_us"] for _ in range(options.rounds)]
    client, latencies, stop = Client(node.admin), [], threading.Event()
    service = client.call("GET", "/services/probe")["id"]

    def change():
        number = 0
        while not stop.wait(0.1):
            number += 1
            path = f"/added-{uuid.uuid4().hex[:8]}"
            began = time.monotonic()
            client.call("POST", "/routes", {"paths": [path], "service": {"id": service}})
            status = get_status(node.port, path)
            latencies.append(time.monotonic() - began)
            if status != 200:
                raise Broken(f"a route that was acknowledged answers {status}")

    busy = []
    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(options.rounds):
            busy.append(traffic(folder, node, options.seconds)["p99_us"])
    finally:
        stop.set()
        thread.join()
    row(f"write to effect under traffic, among {options.routes:,} routes",
        f"p50 {statistics.median(latencies) * 1000:.1f} ms, **p99 {percentile(latencies, 0.99) * 1000:.1f} ms** "
        f"({len(latencies)} writes, each with the request that needs it)", "20 ms")
    row("p99 of the traffic, ten changes a second against none",
        f"{statistics.median(busy):,.0f} µs against {statistics.median(calm):,.0f} µs "
        f"(**{statistics.median(busy) / statistics.median(calm):.2f} ×**)", "1.10 ×")

    alone = []
    for _ in range(200):
        began = time.monotonic()
        client.call("POST", "/routes", {"paths": [f"/alone-{uuid.uuid4().hex[:8]}"], "service": {"id": service}})
        alone.append(time.monotonic() - began)
    row(f"adding a route among {options.routes:,}, no traffic",
        f"p50 {statistics.median(alone) * 1000:.1f} ms, p99 {percentile(alone, 0.99) * 1000:.1f} ms", "5 ms")


# MARK: Many consumers

def consumers(options, folder):
    """Consumers with keys, written past the gateway, then asked for by key."""
    prefix = os.path.join(folder, "consumers")
    node = Node(options.gibbon, prefix)
    client = Client(node.admin)
    client.call("POST", "/services", {"name": "s", "url": f"http://127.0.0.1:{options.upstream}"})
    client.call("POST", "/services/s/routes", {"name": "probe", "paths": ["/probe"]})
    client.call("POST", "/routes/probe/plugins", {"name": "key-auth"})
    workspace = "0dc6f45b-8f8d-40d2-a504-473544ee190b"
    node.stop()
    fill(os.path.join(prefix, "gibbon.db"), options.consumers, workspace)
    node.start()
    idle = node.resident_mb()
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=10)
    cold, warm = [], []
    for number in range(0, options.consumers, max(1, options.consumers // 2000)):
        for latencies in (cold, warm):
            began = time.monotonic()
            connection.request("GET", "/probe", headers={"apikey": f"key-{number}"})
            response = connection.getresponse()
            response.read()
            latencies.append(time.monotonic() - began)
            if response.status != 200:
                raise Broken(f"key-{number}: {response.status}")
    script = os.path.join(folder, "keys.lua")
    with open(script, "w") as file:
        file.write(f'function request() return wrk.format("GET", "/probe", '
                   f'{{["apikey"] = "key-" .. math.random(0, {options.consumers - 1})}}) end\n')
    result = wrk(folder, node.port, "/", 64, options.seconds * 2, "keys")
    row(f"{options.consumers:,} consumers with keys, memory", f"{idle:,.0f} MB idle, **{node.resident_mb():,.0f} MB** "
        f"after {result['requests']:,} requests with random keys ({result['rps']:,.0f}/s)", "300 MB")
    row("request with a key, first time and again",
        f"{statistics.median(cold) * 1e6:,.0f} µs, {statistics.median(warm) * 1e6:,.0f} µs")
    node.stop()


def fill(path, count, workspace):
    database = sqlite3.connect(path)
    database.execute("PRAGMA synchronous = OFF")

    def rows():
        for number in range(count):
            owner = str(uuid.UUID(int=number + 1))
            yield (owner, workspace, f"user-{number}", None, 0, json.dumps({
                "id": owner, "created_at": 1, "updated_at": 1, "username": f"user-{number}", "custom_id": None,
                "tags": None}, separators=(",", ":")))

    def keys():
        for number in range(count):
            owner, key = str(uuid.UUID(int=number + 1)), str(uuid.UUID(int=(1 << 100) + number))
            yield (key, workspace, f"key-{number}", owner, None, 0, json.dumps({
                "id": key, "created_at": 1, "consumer": {"id": owner}, "key": f"key-{number}", "tags": None},
                separators=(",", ":")))

    database.executemany(
        "INSERT INTO consumers (id, ws_id, username, custom_id, revision, document) VALUES (?, ?, ?, ?, ?, ?)", rows())
    database.executemany(
        "INSERT INTO keyauth_credentials (id, ws_id, key, consumer_id, expires_at, revision, document) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)", keys())
    database.commit()
    database.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gibbon", required=True, help="the binary to measure")
    parser.add_argument("--seconds", type=int, default=5, help="of one round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--entities", type=int, default=10_000, help="of each kind in the imported file")
    parser.add_argument("--routes", type=int, default=100_000)
    parser.add_argument("--consumers", type=int, default=1_000_000)
    parser.add_argument("--only", help="a part: writes, import, routes, consumers")
    options = parser.parse_args()
    parts = {options.only} if options.only else {"writes", "import", "routes", "consumers"}
    print("| what | measured | bar |\n|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="gibbon-bench-") as folder:
        options.upstream = free_port()
        upstream = start_upstream(folder, options.upstream)
        try:
            if "writes" in parts:
                for clients in (1, 8):
                    writes(options, folder, clients)
            if "import" in parts:
                import_file(options, folder)
            if "routes" in parts:
                node = routes_in_store(options, folder)
                try:
                    pages(options, node)
                    changes(options, folder, node)
                finally:
                    node.stop()
            if "consumers" in parts:
                consumers(options, folder)
        finally:
            upstream.stop()


if __name__ == "__main__":
    try:
        main()
    except Broken as reason:
        sys.exit(f"admin.py: {reason}")
