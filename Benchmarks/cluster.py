#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""What a cluster costs: how soon a write is everywhere, writes and counters per second, starts and credentials.

    python3 Benchmarks/cluster.py --gibbon .build/release/gibbon

PostgreSQL is started here. With GIBBON_BENCH_CASSANDRA=host:port[,host:port...] a Cassandra that is there is measured
too, with GIBBON_BENCH_CASSANDRA_FACTOR replicas. Its keyspaces gibbon_bench_* stay, without their tables.
"""

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import uuid

from datastores import Postgres, stores
from gateways import (WORKSPACE, Client, Node, ask_with_keys, consumer, credential, import_file, many_routes,
                      measure_writes, milliseconds, probe, random_keys, row)
from load import wrk, write_scripts
from processes import Broken, free_port, start_upstream


def node(options, folder, settings):
    return Node(options.gibbon, os.path.join(folder, uuid.uuid4().hex[:8]), settings)


class Load:
    """Requests to some nodes while something else is measured: about 50 a second on each connection."""

    def __init__(self, folder, nodes, seconds, connections=16):
        self.results, self.failures = [], []
        self.threads = [threading.Thread(target=self.run, args=(folder, one, seconds, connections)) for one in nodes]
        for thread in self.threads:
            thread.start()

    def run(self, folder, one, seconds, connections):
        try:
            self.results.append(wrk(folder, one.port, "/probe", connections, seconds, "paced"))
        except Broken as reason:
            self.failures.append(reason)

    def is_over(self):
        return not any(thread.is_alive() for thread in self.threads)

    def rate(self):
        for thread in self.threads:
            thread.join()
        if self.failures:
            raise self.failures[0]
        errors = sum(result["errors"] for result in self.results)
        if errors:
            raise Broken(f"{errors} requests failed")
        return sum(result["rps"] for result in self.results)


# MARK: From a write at one node to the traffic of the others

class Watch(threading.Thread):
    """Asks a node for a path until it is served, and says when that was."""

    def __init__(self, port, path):
        super().__init__()
        self.port, self.path, self.seen = port, path, None
        self.start()

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        deadline = time.monotonic() + 10
        while self.seen is None and time.monotonic() < deadline:
            connection.request("GET", self.path)
            response = connection.getresponse()
            response.read()
            if response.status == 200:
                self.seen = time.monotonic()
            else:
                time.sleep(0.0005)
        connection.close()


def propagation(options, folder, store):
    settings = {**store.settings(), "GIBBON_DB_UPDATE_FREQUENCY": "3600"} if store.name == "postgres" \
        else store.settings()
    nodes = [node(options, folder, settings) for _ in range(3)]
    try:
        clients = [Client(one.admin) for one in nodes]
        probe(clients[0], options.upstream)
        service = clients[0].call("GET", "/services/probe")["id"]
        time.sleep(1)
        load = Load(folder, nodes, options.seconds * 4)
        delays, writes = [], []
        while not load.is_over():
            path = f"/added-{uuid.uuid4().hex[:8]}"
            writer = len(writes) % 3
            watches = [Watch(one.port, path) for number, one in enumerate(nodes) if number != writer]
            began = time.monotonic()
            clients[writer].call("POST", "/routes", {"paths": [path], "service": {"id": service}})
            answered = time.monotonic()
            writes.append(answered - began)
            for watch in watches:
                watch.join()
                if watch.seen is None:
                    raise Broken("a route did not arrive within 10 s")
                delays.append(max(0.0, watch.seen - answered))
            time.sleep(0.01)
        rate = load.rate()
        row(f"{store.name}: write answered to served by each of the other nodes, 3 nodes, {rate:,.0f} requests/s",
            f"{milliseconds(delays)} ({len(writes)} writes)", "100 ms")
        row(f"{store.name}: the write itself, meanwhile", milliseconds(writes))
    finally:
        for one in nodes:
            one.stop()


# MARK: Writes

def writes(options, folder, store):
    for clients in (1, 8, 24):
        one = node(options, folder, store.settings())
        try:
            rate, p99 = measure_writes(folder, one, clients, options.seconds)
            row(f"{store.name}: writes, {clients} client{'s' if clients > 1 else ''}", f"**{rate:,.0f}/s**, p99 {p99}")
        finally:
            one.stop()


# MARK: Counters that nodes share

def counters(options, folder, store, postgres):
    settings = store.settings()
    nodes = [node(options, folder, settings) for _ in range(3)]
    try:
        # Two windows: both are counted in the same round trip.
        probe(Client(nodes[0].admin), options.upstream, {"name": "rate-limiting", "config": {
            "minute": 100_000_000, "hour": 1_000_000_000, "policy": "cluster", "limit_by": "ip"}})
        time.sleep(1)
        for count in (1, 3):
            results = []

            def load(port):
                results.append(wrk(folder, port, "/probe", 48 // count, options.seconds))

            if store.name == "postgres":
                postgres.forget_statements()
            threads = [threading.Thread(target=load, args=(one.port,)) for one in nodes[:count]]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            if len(results) < count or any(result["errors"] for result in results):
                raise Broken("limited requests failed")
            total = sum(result["requests"] for result in results)
            text = f"**{sum(result['rps'] for result in results):,.0f}/s**, p99 " \
                   f"{max(result['p99_us'] for result in results) / 1e3:.1f} ms"
            if store.name == "postgres":
                counted, _ = postgres.statements(settings["GIBBON_PG_DATABASE"], "%counters%")
                text += f", {counted / total:.2f} round trips a request"
            row(f"{store.name}: requests counted by the policy cluster, two windows, {count} node"
                f"{'s' if count > 1 else ''}", text)
    finally:
        for one in nodes:
            one.stop()


# MARK: Start

def routes(options, folder, store):
    prefix, path = os.path.join(folder, f"routes-{store.name}"), os.path.join(folder, "routes.json")
    many_routes(path, options.routes, options.upstream)
    settings = store.settings()
    seconds = import_file(options.gibbon, path, prefix, settings)
    row(f"{store.name}: import of {options.routes:,} routes", f"{options.routes / seconds:,.0f}/s ({seconds:.1f} s)")
    one = Node(options.gibbon, prefix, settings)
    row(f"{store.name}: start with {options.routes:,} routes in the store",
        f"**{one.start_seconds:.2f} s**, {one.resident_mb():,.0f} MB")
    one.stop()


# MARK: Many consumers

def consumers(options, folder, store, postgres):
    settings = store.settings()
    one = node(options, folder, settings)
    probe(Client(one.admin), options.upstream, {"name": "key-auth"})
    one.stop()
    if store.name == "postgres":
        count = options.consumers
        fill(postgres, settings["GIBBON_PG_DATABASE"], count)
        size = int(postgres.sql("SELECT pg_database_size(current_database())", settings["GIBBON_PG_DATABASE"]))
        row(f"postgres: {count:,} consumers with keys, on the disk", f"{size / 1e6:,.0f} MB")
    else:
        count = options.imported
        seconds = import_file(options.gibbon, consumers_file(folder, count), one.folder, settings)
        row(f"{store.name}: import of {count:,} consumers with keys",
            f"{2 * count / seconds:,.0f} entities/s ({seconds:.1f} s)")
    one.start()
    try:
        idle = one.resident_mb()
        cold, warm = ask_with_keys(one, count)
        row(f"{store.name}: request with a key among {count:,}, first time", milliseconds(cold))
        row(f"{store.name}: the same again", milliseconds(warm))
        result = random_keys(folder, one, count, options.seconds * 2)
        row(f"{store.name}: {count:,} consumers with keys, the node's memory",
            f"{idle:,.0f} MB idle, **{one.resident_mb():,.0f} MB** after {result['requests']:,} requests with random "
            f"keys ({result['rps']:,.0f}/s)", "300 MB")
    finally:
        one.stop()


def fill(postgres, database, count):
    """Consumers and keys, written past the gateway."""
    def rows():
        for number in range(count):
            owner, name, document = consumer(number)
            yield "\t".join((owner, WORKSPACE, name, "0", document))

    def keys():
        for number in range(count):
            id, key, owner, document = credential(number)
            yield "\t".join((id, WORKSPACE, key, owner, "0", document))

    postgres.copy("consumers", "id, ws_id, username, revision, document", rows(), database)
    postgres.copy("keyauth_credentials", "id, ws_id, key, consumer_id, revision, document", keys(), database)
    postgres.sql("ANALYZE", database)
    postgres.sql("CHECKPOINT", database)


def consumers_file(folder, count):
    """The same to be imported, for a datastore whose tables are the gateway's business."""
    path = os.path.join(folder, "consumers.json")
    with open(path, "w") as file:
        json.dump({"_format_version": "3.0", "consumers": [
            {"username": f"user-{number}", "keyauth_credentials": [{"key": f"key-{number}"}]}
            for number in range(count)]}, file)
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gibbon", required=True, help="the binary to measure")
    parser.add_argument("--seconds", type=int, default=5, help="of one round")
    parser.add_argument("--routes", type=int, default=100_000)
    parser.add_argument("--consumers", type=int, default=1_000_000)
    parser.add_argument("--imported", type=int, default=20_000, help="consumers, in other datastores than PostgreSQL")
    parser.add_argument("--store", action="append", help="measure only this one")
    parser.add_argument("--only", help="a part: propagation, writes, counters, routes, consumers")
    options = parser.parse_args()
    parts = {options.only} if options.only else {"propagation", "writes", "counters", "routes", "consumers"}
    print("| what | measured | bar |\n|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="gibbon-bench-") as folder:
        write_scripts(folder)
        options.upstream = free_port()
        upstream, postgres = start_upstream(folder, options.upstream), None
        try:
            postgres = Postgres(folder)
            known = stores(postgres)
            chosen = [known[name] for name in options.store or known]
            shared = [store for store in chosen if store.name != "sqlite"]
            for store in shared if "propagation" in parts else []:
                propagation(options, folder, store)
            for store in chosen if "writes" in parts else []:
                writes(options, folder, store)
            for store in shared if "counters" in parts else []:
                counters(options, folder, store, postgres)
            for store in chosen if "routes" in parts else []:
                routes(options, folder, store)
            for store in shared if "consumers" in parts else []:
                consumers(options, folder, store, postgres)
            for store in chosen:
                store.empty(options.gibbon, folder)
        finally:
            if postgres:
                postgres.stop()
            upstream.stop()


if __name__ == "__main__":
    try:
        main()
    except (Broken, KeyError, subprocess.SubprocessError) as reason:
        sys.exit(f"cluster.py: {reason}")
