#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""What many routes cost the traffic: a table of them against one route, and changes while traffic runs.

    python3 Benchmarks/routes.py --gibbon .build/release/gibbon --changer .build/release/ChangeBenchmark
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from load import SCRIPTS, wrk
from processes import PROXY_CORE, Broken, Server, free_port, get_status, pinned, start_upstream

SERVICE = '_format_version: "3.0"\nservices:\n- name: s\n  url: http://127.0.0.1:{upstream}\n  routes:\n'

# A table: the YAML of route number i, and the Lua expression of a request for it.
TABLES = {
    "host + path": (
        "  - {{name: r{i}, hosts: [h{h}.example.com], paths: [/api/v1/t{i}], strip_path: false}}\n",
        'wrk.format("GET", "/api/v1/t" .. i .. "/x", {{["Host"] = "h" .. (i % 1000) .. ".example.com"}})',
    ),
    "path only, REST-shaped": (
        "  - {{name: r{i}, paths: [/v2/tenants/{h}/things{i}/items], strip_path: false}}\n",
        'wrk.format("GET", "/v2/tenants/" .. (i % 1000) .. "/things" .. i .. "/items/7")',
    ),
    "regex": (
        "  - {{name: r{i}, paths: ['~/api/r{i}/(?<id>[0-9]+)/orders$'], strip_path: false}}\n",
        'wrk.format("GET", "/api/r" .. i .. "/123/orders")',
    ),
    "header": (
        "  - {{name: r{i}, paths: [/], headers: {{x-tenant: [t{i}]}}, strip_path: false}}\n",
        'wrk.format("GET", "/x", {{["X-Tenant"] = "t" .. i}})',
    ),
}


def write_table(folder, name, count, upstream):
    """The declarative file of a table and the script that asks for its routes in random order."""
    route, request = TABLES[name]
    path = os.path.join(folder, f"{name.split()[0]}-{count}.yml")
    with open(path, "w") as file:
        file.write(SERVICE.format(upstream=upstream))
        file.writelines(route.format(i=i, h=i % 1000) for i in range(count))
    script = path.replace(".yml", "")
    with open(script + ".lua", "w") as file:
        file.write(
            f"function request()\n  local i = math.random(0, {count - 1})\n  return {request.format()}\nend\n"
        )
    return path, os.path.basename(script)


class Gateway:
    """The gateway with one file, on one core or on all; its port and how long the start took."""

    def __init__(self, binary, folder, file, workers=1):
        self.port = free_port()
        prefix = os.path.join(folder, f"prefix-{self.port}")
        os.makedirs(prefix, exist_ok=True)
        environment = {
            "GIBBON_DECLARATIVE_CONFIG": file,
            "GIBBON_PROXY_LISTEN": f"127.0.0.1:{self.port}",
            "GIBBON_PROXY_ACCESS_LOG": "off",
            "GIBBON_ADMIN_LISTEN": "off",
            "GIBBON_STATUS_LISTEN": "off",
            "GIBBON_NGINX_WORKER_PROCESSES": str(workers),
        }
        began = time.monotonic()
        command = [binary, "start", "--foreground", "-p", prefix]
        if workers == 1:
            command = pinned(PROXY_CORE, command)
        self.server = Server(f"gibbon-{self.port}", command, folder, environment)
        while get_status(self.port, "/none") == 0:
            if self.server.process.poll() is not None or time.monotonic() > began + 60:
                raise Broken(f"the gateway does not answer:\n{self.server.tail()}")
            time.sleep(0.002)
        self.start_ms = (time.monotonic() - began) * 1000
        self.reload_command = [binary, "reload", "-p", prefix]

    def reload_ms(self):
        began = time.monotonic()
        subprocess.run(self.reload_command, check=True, capture_output=True, timeout=60)
        return (time.monotonic() - began) * 1000


def compare(options, folder, upstream, name, count):
    """Alternating rounds of a large table and of one route of the same shape."""
    many_file, many_script = write_table(folder, name, count, upstream)
    one_file, one_script = write_table(folder, name, 1, upstream)
    many, one = Gateway(options.gibbon, folder, many_file), Gateway(options.gibbon, folder, one_file)
    rounds = []
    try:
        for number in range(options.rounds):
            pair = []
            for gateway, script in ((one, one_script), (many, many_script)):
                before = gateway.server.cpu_seconds()
                result = wrk(folder, gateway.port, "/", 64, options.seconds, script)
                result["cpu_us"] = (gateway.server.cpu_seconds() - before) / result["requests"] * 1e6
                if result["errors"]:
                    raise Broken(f"{name}: {result['errors']} failed requests")
                pair.append(result)
            rounds.append(pair)
            print(f"{name}, round {number + 1}: {pair[1]['rps']:,.0f}/s against {pair[0]['rps']:,.0f}/s", file=sys.stderr)
        memory = many.server.resident_bytes() / 1e6
        reload_ms = many.reload_ms()
    finally:
        many.server.stop()
        one.server.stop()
    ratio = statistics.median(pair[1]["rps"] / pair[0]["rps"] for pair in rounds)
    cpu = [statistics.median(pair[side]["cpu_us"] for pair in rounds) for side in (0, 1)]
    print(
        f"| {name} | {count:,} | **{ratio:.2f}** | {cpu[0]:.1f} / {cpu[1]:.1f} | {many.start_ms:,.0f} | "
        f"{reload_ms:,.0f} | {memory:,.0f} |", flush=True)


def changes(options, folder, upstream):
    """p99 of traffic while one of 100,000 routes changes, against the same without changes."""
    file, script = write_table(folder, "host + path", 100_000, upstream)
    print("\n| changes per second, of 100,000 routes | req/s | p50 ms | p99 ms | a change takes, median / worst |")
    print("|---|---|---|---|---|")
    for rate in [0, 10] * options.rounds:
        port = free_port()
        seconds = options.seconds + 3
        command = pinned(f"{PROXY_CORE}", [options.changer, file, str(port), str(rate), str(seconds)])
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            if not process.stdout.readline().startswith("ready"):
                raise Broken("ChangeBenchmark did not start")
            result = wrk(folder, port, "/", 64, options.seconds, script)
            rest = process.communicate(timeout=60)[0]
        finally:
            process.kill()
        cost = re.search(r"median_us=(\d+) worst_us=(\d+)", rest)
        took = f"{int(cost[1]) / 1000:.2f} / {int(cost[2]) / 1000:.2f} ms" if cost else "–"
        print(
            f"| {rate} | {result['rps']:,.0f} | {result['p50_us'] / 1000:.2f} | {result['p99_us'] / 1000:.2f} | {took} |",
            flush=True)


def write_versions(file):
    """The file and another in which one route differs."""
    with open(file) as first:
        text = first.read()
    versions = [f"{file}.{number}" for number in (0, 1)]
    for number, path in enumerate(versions):
        with open(path, "w") as version:
            version.write(text.replace("name: r77,", f"name: r77, tags: [x{number}],", 1))
    return versions


def reload_all_the_time(gateway, file, versions, load):
    """Reloads with one changed route, one after the other, until the load ends; how many there were."""
    count = 0
    while load.is_alive():
        count += 1
        os.remove(file)
        os.link(versions[count % 2], file)
        gateway.reload_ms()
    return count


def reloads(options, folder, upstream):
    """p99 of a load of about 3,000 requests/s while the file of 100,000 routes is read again and again."""
    file, script = write_table(folder, "host + path", 100_000, upstream)
    with open(os.path.join(folder, f"{script}.lua"), "a") as paced:
        paced.write(SCRIPTS["paced"])
    versions = write_versions(file)
    gateway = Gateway(options.gibbon, folder, file, workers=os.cpu_count())
    print("\n| reloads with one change, of 100,000 routes | req/s | p50 ms | p99 ms | resident MB |")
    print("|---|---|---|---|---|")
    try:
        for busy in [False, True] * options.rounds:
            result = {}
            load = threading.Thread(
                target=lambda: result.update(wrk(folder, gateway.port, "/", 64, options.seconds + 4, script)))
            load.start()
            count = reload_all_the_time(gateway, file, versions, load) if busy else 0
            load.join()
            if not result or result["errors"]:
                raise Broken(f"reloads: failed requests: {result}")
            print(
                f"| {count} | {result['rps']:,.0f} | {result['p50_us'] / 1000:.2f} | {result['p99_us'] / 1000:.2f} | "
                f"{gateway.server.resident_bytes() / 1e6:,.0f} |", flush=True)
    finally:
        gateway.server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gibbon", required=True, type=os.path.abspath)
    parser.add_argument("--changer", type=os.path.abspath, help="ChangeBenchmark, for changes under traffic")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        upstream = start_upstream(folder, port)
        try:
            print("| table | routes | req/s against one route | CPU µs one / many | start ms | reload ms | resident MB |")
            print("|---|---|---|---|---|---|---|")
            for name in TABLES:
                compare(options, folder, port, name, 1_000 if name == "regex" else 100_000)
            reloads(options, folder, port)
            if options.changer:
                changes(options, folder, port)
        except Broken as reason:
            sys.exit(f"routes.py: {reason}")
        finally:
            upstream.stop()


if __name__ == "__main__":
    main()
