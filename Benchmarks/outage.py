#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""What two gateways do while a node of their Cassandra goes and comes back, and that nothing they acknowledged is lost.

    GIBBON_BENCH_CASSANDRA=10.0.0.1:9042,10.0.0.2:9042 GIBBON_BENCH_CASSANDRA_FACTOR=2 \\
      python3 Benchmarks/outage.py --gibbon .build/release/gibbon \\
      --away 'ssh 10.0.0.2 systemctl stop cassandra' --back 'ssh 10.0.0.2 systemctl start cassandra'
"""

import argparse
import collections
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

from datastores import stores
from gateways import Client, Node, row
from load import wrk, write_scripts
from processes import API_KEY, Broken, free_port, get_status, start_upstream


class Phase:
    """What is going on, for what is seen meanwhile."""

    def __init__(self):
        self.name, self.began, self.is_over = "before", time.monotonic(), threading.Event()

    def next(self, name):
        self.name, self.began = name, time.monotonic()


class Writer(threading.Thread):
    """Makes routes at a gateway, one after the other."""

    def __init__(self, one, name, service, phase):
        super().__init__()
        self.one, self.prefix, self.service, self.phase = one, name, service, phase
        self.acknowledged, self.answers, self.reasons = [], collections.Counter(), collections.Counter()
        self.longest, self.recovered, self.number, self.failure = 0.0, None, 0, None
        self.start()

    def run(self):
        try:
            while not self.phase.is_over.is_set():
                self.write()
                time.sleep(0.05)
        except (Broken, OSError) as reason:
            self.failure = reason

    def write(self):
        name, phase, began = f"{self.prefix}-{self.number}", self.phase.name, time.monotonic()
        self.number += 1
        body = {"name": name, "paths": [f"/w/{name}/"], "service": {"id": self.service}}
        answer = Client(self.one.admin).call("POST", "/routes", body, expect=(201, 503))
        took = time.monotonic() - began
        if "id" in answer:
            self.acknowledged.append(name)
            if phase == "back" and self.recovered is None:
                self.recovered = time.monotonic() - self.phase.began
        else:
            self.longest = max(self.longest, took)
            self.reasons[re.sub(r"\d+", "#", answer["message"])] += 1
        self.answers[phase, "201" if "id" in answer else "503"] += 1


class Traffic(threading.Thread):
    """Load on one path, in rounds, until it is over."""

    def __init__(self, folder, one, path, phase):
        super().__init__()
        self.arguments, self.phase = (folder, one.port, path, 8, 3, "paced"), phase
        self.requests, self.errors, self.p99, self.failure = 0, 0, 0.0, None
        self.start()

    def run(self):
        try:
            while not self.phase.is_over.is_set():
                result = wrk(*self.arguments)
                self.requests += result["requests"]
                self.errors += result["errors"]
                self.p99 = max(self.p99, result["p99_us"])
        except Broken as reason:
            self.failure = reason


class Watch(threading.Thread):
    """When a gateway says that the datastore is reachable, and when that it is not."""

    def __init__(self, one, phase):
        super().__init__()
        self.one, self.phase, self.changes, self.failure = one, phase, [], None
        self.start()

    def run(self):
        try:
            client = Client(self.one.admin)
            while not self.phase.is_over.is_set():
                state = client.call("GET", "/status")["database"]["reachable"]
                if not self.changes or self.changes[-1][2] != state:
                    self.changes.append((self.phase.name, time.monotonic() - self.phase.began, state))
                time.sleep(0.1)
        except (Broken, OSError) as reason:
            self.failure = reason


def run(command):
    began = time.monotonic()
    subprocess.run(command, shell=True, check=True, stdout=subprocess.DEVNULL, timeout=180)
    return time.monotonic() - began


def names(one):
    client, found, target = Client(one.admin), set(), "/routes?size=1000"
    while target:
        page = client.call("GET", target)
        found |= {route["name"] for route in page["data"]}
        target = page["next"]
    return found


def prepare(nodes, upstream):
    client = Client(nodes[0].admin)
    service = client.call("POST", "/services", {"name": "s", "url": f"http://127.0.0.1:{upstream}"})["id"]
    for name, plugin in (("plain", None), ("key", {"name": "key-auth"}), ("counted", {
            "name": "rate-limiting", "config": {"hour": 1_000_000_000, "policy": "cluster", "limit_by": "service"}})):
        client.call("POST", "/services/s/routes", {"name": name, "paths": [f"/{name}"]})
        if plugin:
            client.call("POST", f"/routes/{name}/plugins", plugin)
    client.call("POST", "/consumers", {"username": "bench"})
    client.call("POST", "/consumers/bench/key-auth", {"key": API_KEY})
    deadline = time.monotonic() + 30
    while any(get_status(one.port, path) != 200 for one in nodes for path in ("/plain", "/key", "/counted")):
        if time.monotonic() > deadline:
            raise Broken("the routes are not served")
        time.sleep(0.05)
    return service


def outage(options, folder, nodes, service):
    phase = Phase()
    writers = [Writer(one, f"{letter}{n}", service, phase) for letter, one in zip("ab", nodes) for n in range(2)]
    traffic = [Traffic(folder, nodes[0], "/plain", phase), Traffic(folder, nodes[1], "/key", phase),
               Traffic(folder, nodes[1], "/counted", phase)]
    watches = [Watch(one, phase) for one in nodes]
    try:
        time.sleep(options.seconds)
        phase.next("away")
        run(options.away)
        time.sleep(options.seconds * 2)
        phase.next("back")
        started = run(options.back)
        deadline = time.monotonic() + 120
        while any(writer.recovered is None for writer in writers):
            if time.monotonic() > deadline:
                raise Broken("writes are not taken again")
            time.sleep(0.1)
        time.sleep(options.seconds)
    finally:
        phase.is_over.set()
        for thread in writers + traffic + watches:
            thread.join()
    for thread in writers + traffic + watches:
        if thread.failure:
            raise thread.failure
    return writers, traffic, watches, started


def tell(nodes, found):
    writers, traffic, watches, started = found
    row("requests meanwhile, failed ones", f"{sum(one.requests for one in traffic):,}, "
        f"**{sum(one.errors for one in traffic)}**, worst p99 of 3 s {max(one.p99 for one in traffic) / 1e3:.0f} ms")
    answers = sum((writer.answers for writer in writers), collections.Counter())
    for phase in ("before", "away", "back"):
        row(f"writes {phase}: 201, 503", f"{answers[phase, '201']}, {answers[phase, '503']}")
    row("longest 503", f"{max(writer.longest for writer in writers):.1f} s")
    for reason, count in sum((writer.reasons for writer in writers), collections.Counter()).most_common(4):
        row("reason", f"{count} × {reason}")
    row("the command that brought it back, and the last gateway's first write after its begin",
        f"{started:.1f} s, {max(writer.recovered for writer in writers):.1f} s")
    for letter, watch in zip("ab", watches):
        changes = ", ".join(f"{state} {at:.1f} s into {phase}" for phase, at, state in watch.changes)
        row(f"`reachable` at {letter}", changes)
    acknowledged = {name for writer in writers for name in writer.acknowledged}
    deadline = time.monotonic() + 10
    while True:
        listed = [names(one) for one in nodes]
        unserved = [name for one in nodes for name in acknowledged if get_status(one.port, f"/w/{name}/") != 200]
        if not unserved or time.monotonic() > deadline:
            break
    row("acknowledged, of them lost, not served", f"{len(acknowledged)}, **{len(acknowledged - listed[0])}**, "
        f"**{len(unserved)}**")
    row("both gateways have the same", f"{listed[0] == listed[1]}")
    if sum(one.errors for one in traffic) or acknowledged - listed[0] or unserved or listed[0] != listed[1]:
        raise Broken("that is not as it should be")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gibbon", required=True, help="the binary to measure")
    parser.add_argument("--away", required=True, help="the command that takes a node away")
    parser.add_argument("--back", required=True, help="the command that brings it back")
    parser.add_argument("--seconds", type=int, default=8, help="before; twice as long away")
    options = parser.parse_args()
    store = stores(None).get("cassandra")
    if store is None:
        raise Broken("GIBBON_BENCH_CASSANDRA=host:port,host:port names no server")
    with tempfile.TemporaryDirectory(prefix="gibbon-bench-") as folder:
        port, settings, nodes = free_port(), store.settings(), []
        upstream = start_upstream(folder, port)
        write_scripts(folder)
        try:
            for name in "ab":
                nodes.append(Node(options.gibbon, os.path.join(folder, name), settings))
            print("| what | measured | |\n|---|---|---|")
            tell(nodes, outage(options, folder, nodes, prepare(nodes, port)))
        finally:
            for one in nodes:
                one.stop()
            upstream.stop()
        store.empty(options.gibbon, folder)


if __name__ == "__main__":
    try:
        main()
    except (Broken, subprocess.SubprocessError) as reason:
        sys.exit(f"outage.py: {reason}")
