#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""What administration costs: writes, imports, starts, and what a change of the configuration does to the traffic.

    python3 Benchmarks/admin.py --gibbon .build/release/gibbon
"""

import argparse
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
import uuid

from gateways import (WORKSPACE, Client, Node, ask_with_keys, consumer, credential, import_file, many_routes,
                      measure_writes, percentile, probe, random_keys, row)
from load import wrk
from processes import Broken, free_port, get_status, start_upstream


# MARK: Writes

def writes(options, folder, clients):
    node = Node(options.gibbon, os.path.join(folder, f"writes-{clients}"))
    try:
        rate, p99 = measure_writes(folder, node, clients, options.seconds)
        row(f"writes, {clients} client{'s' if clients > 1 else ''}", f"**{rate:,.0f}/s**, p99 {p99}",
            "1,500/s" if clients == 8 else "")
    finally:
        node.stop()


# MARK: Import, pages, start

def entities(options, folder):
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
    seconds = import_file(options.gibbon, path, os.path.join(folder, "import"))
    row(f"import of {3 * count:,} entities", f"**{3 * count / seconds:,.0f}/s** ({seconds:.1f} s)", "5,000/s")


def routes_in_store(options, folder):
    """A datastore with one service and many routes."""
    prefix, path = os.path.join(folder, "routes"), os.path.join(folder, "routes.json")
    many_routes(path, options.routes, options.upstream, [{
        "name": "probe", "url": f"http://127.0.0.1:{options.upstream}",
        "routes": [{"name": "probe", "paths": ["/probe"]}]}])
    import_file(options.gibbon, path, prefix)
    node = Node(options.gibbon, prefix)
    row(f"start with {options.routes:,} routes in the store",
        f"**{node.start_seconds:.2f} s**, {node.resident_mb():,.0f} MB", "3 s")
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
    prefix, count = os.path.join(folder, "consumers"), options.consumers
    node = Node(options.gibbon, prefix)
    probe(Client(node.admin), options.upstream, {"name": "key-auth"})
    node.stop()
    fill(os.path.join(prefix, "gibbon.db"), count)
    node.start()
    try:
        idle = node.resident_mb()
        cold, warm = ask_with_keys(node, count)
        result = random_keys(folder, node, count, options.seconds * 2)
        row(f"{count:,} consumers with keys, memory", f"{idle:,.0f} MB idle, **{node.resident_mb():,.0f} MB** "
            f"after {result['requests']:,} requests with random keys ({result['rps']:,.0f}/s)", "300 MB")
        row("request with a key, first time and again",
            f"{statistics.median(cold) * 1e6:,.0f} µs, {statistics.median(warm) * 1e6:,.0f} µs")
    finally:
        node.stop()


def fill(path, count):
    database = sqlite3.connect(path)
    database.execute("PRAGMA synchronous = OFF")

    def rows():
        for number in range(count):
            owner, name, document = consumer(number)
            yield (owner, WORKSPACE, name, None, 0, document)

    def keys():
        for number in range(count):
            id, key, owner, document = credential(number)
            yield (id, WORKSPACE, key, owner, None, 0, document)

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
                entities(options, folder)
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
