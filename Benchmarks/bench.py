#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""Measures the gateway against nginx on this machine.

The proxy under test runs alone on core 0; wrk and an nginx upstream share core 1. nginx as a proxy, adding the same
headers, is measured in the same run, in alternating rounds, so that a noisy machine disturbs both alike. Prints
medians as Markdown and says which bars are met. Needs nginx, wrk and taskset; everything stays on loopback.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import load  # noqa: E402
import processes  # noqa: E402
import report  # noqa: E402

SCENARIOS = {
    "plain": {"path": "/", "connections": 64},
    "key-auth": {"path": "/", "gibbon_path": "/key", "connections": 64},
    "key-auth + rate-limiting": {"path": "/", "gibbon_path": "/key-limited", "connections": 64},
    "64 KB body": {"path": "/64k", "connections": 64},
    "1 MB body": {"path": "/1m", "connections": 64},
    "1 KB POST": {"path": "/post", "connections": 64, "script": "post"},
    "512 connections": {"path": "/", "connections": 512},
    "equal load": {"path": "/", "connections": 64, "script": "paced"},
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--gibbon", required=True, help="the gateway's binary, a release build")
    parser.add_argument("--before", help="an older binary, measured in the same rounds")
    parser.add_argument("--rounds", type=int, default=5, help="alternating rounds of each scenario")
    parser.add_argument("--seconds", type=int, default=5, help="length of one measurement")
    parser.add_argument("--only", help="comma-separated scenarios: " + ", ".join(SCENARIOS))
    parser.add_argument("--idle", type=int, default=10_000, help="idle connections to hold; 0 leaves that out")
    parser.add_argument("--starts", type=int, default=10, help="cold starts; 0 leaves that out")
    parser.add_argument("--json", help="file to write the figures to")
    return parser.parse_args()


def check(options):
    for tool, package in (("wrk", "wrk"), ("nginx", "nginx-light"), ("taskset", "util-linux")):
        if shutil.which(tool) is None:
            raise processes.Broken(f"{tool} is not installed: apt-get install {package}")
    if not os.access(options.gibbon, os.X_OK) or os.path.isdir(options.gibbon):
        raise processes.Broken(f"{options.gibbon} is not an executable file: swift build -c release --product gibbon")
    if os.cpu_count() < 2:
        print("warning: one core only; nothing is pinned and the figures mean little", file=sys.stderr)
    chosen = [name.strip() for name in options.only.split(",")] if options.only else list(SCENARIOS)
    unknown = [name for name in chosen if name not in SCENARIOS]
    if unknown:
        raise processes.Broken(f"no scenario {', '.join(unknown)}; there are {', '.join(SCENARIOS)}")
    return {name: SCENARIOS[name] for name in chosen}


class Bench:
    """Everything that runs, and what was measured."""

    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.binary = os.path.abspath(options.gibbon)
        self.servers = []
        names = ["nginx", "gibbon"] + (["before"] if options.before else [])
        self.ports = {name: processes.free_port() for name in ["upstream"] + names}
        self.resources = {name: {} for name in names}
        self.proxies = {}

    def keep(self, server):
        self.servers.append(server)
        return server

    def start_nginx(self, port, folder=None):
        return processes.start_anchor(folder or self.folder, port, self.ports["upstream"])

    def start_gibbon(self, port, folder="prefix", wait=True, binary=None):
        path = os.path.join(self.folder, folder)
        return processes.start_gateway(binary or self.binary, path, port, self.routes(), wait=wait)

    def routes(self):
        return processes.routes_of_the_bench(self.ports["upstream"])

    def start_all(self):
        load.write_scripts(self.folder)
        self.keep(processes.start_upstream(self.folder, self.ports["upstream"]))
        self.proxies["nginx"] = self.keep(self.start_nginx(self.ports["nginx"]))
        self.proxies["gibbon"] = self.keep(self.start_gibbon(self.ports["gibbon"]))
        if self.options.before:
            self.proxies["before"] = self.keep(self.start_gibbon(
                self.ports["before"], "before", binary=os.path.abspath(self.options.before)))

    def stop_all(self):
        for server in reversed(self.servers):
            server.stop()

    def measure_start(self):
        """Before the long-lived proxies exist, so that core 0 is quiet."""
        def gibbon():
            port = processes.free_port()
            return self.start_gibbon(port, "cold", wait=False), port

        self.resources["gibbon"]["start_ms"] = load.cold_start_ms(gibbon, self.options.starts)

    def measure_idle(self):
        for name, server in self.proxies.items():
            self.resources[name]["idle_bytes"] = server.resident_bytes()
        count = min(self.options.idle, processes.raise_file_limit() - 500)
        if count > 0:
            for name, server in self.proxies.items():
                self.progress(f"{count} idle connections at {name}")
                self.resources[name]["connection_bytes"] = load.idle_connections(server, self.ports[name], count)

    def measure_scenario(self, name, scenario):
        rounds = {proxy: [] for proxy in self.proxies}
        for number in range(self.options.rounds + 1):
            order = list(self.proxies) if number % 2 == 0 else list(self.proxies)[::-1]
            for proxy in order:
                one = dict(scenario, path=scenario["path"] if proxy == "nginx"
                           else scenario.get("gibbon_path", scenario["path"]))
                # Round 0 warms up pools and caches and is not counted.
                seconds = self.options.seconds if number > 0 else 1
                result = load.measure(self.proxies[proxy], self.folder, self.ports[proxy], one, seconds)
                if number > 0:
                    rounds[proxy].append(result)
            if number > 0:
                self.progress(f"{name}, round {number}: " + ", ".join(
                    f"{proxy} {rows[-1]['rps']:,.0f}/s {rows[-1]['cpu_us']:.1f} µs" for proxy, rows in rounds.items()))
        return rounds

    def measure_after(self):
        for name, server in self.proxies.items():
            self.resources[name]["loaded_bytes"] = server.resident_bytes()
        for key, path in (("allocations_plain", "/"), ("allocations_key", "/key")):
            self.resources["gibbon"][key] = load.allocations_per_request(
                self.binary, self.folder, self.routes(), path)

    @staticmethod
    def progress(text):
        print(text, file=sys.stderr, flush=True)


def run(options):
    scenarios = check(options)
    processes.raise_file_limit()
    folder = tempfile.mkdtemp(prefix="gibbon-bench-")
    bench = Bench(options, folder)
    rounds = {}
    try:
        bench.keep(processes.start_upstream(folder, bench.ports["upstream"]))
        if options.starts > 0:
            bench.progress(f"{options.starts} cold starts")
            bench.measure_start()
        bench.servers.pop().stop()
        bench.start_all()
        bench.measure_idle()
        for name, scenario in scenarios.items():
            rounds[name] = bench.measure_scenario(name, scenario)
        bench.measure_after()
    finally:
        bench.stop_all()
        shutil.rmtree(folder, ignore_errors=True)
    results = {name: report.summarise(one) for name, one in rounds.items()}
    found = report.bars(results, bench.resources)
    version = subprocess.run([bench.binary, "version"], capture_output=True, text=True).stdout.strip() or "unknown"
    print(f"# Gibbon {version} against nginx\n\n{report.machine()}\n\nCommand: `{' '.join(sys.argv)}`; medians of "
          f"{options.rounds} alternating rounds of {options.seconds} s, ratios gibbon / nginx within each round.\n")
    print(report.scenario_table(results), "\n")
    if options.before:
        print(report.before_table(rounds), "\n")
    print(report.resource_table(bench.resources), "\n")
    print(report.bar_table(found))
    print(f"\n{sum(met for *_, met in found)} of {len(found)} bars met.")
    if options.json:
        figures = {"machine": report.machine(), "version": version, "command": sys.argv, "rounds": rounds,
                   "results": results, "resources": bench.resources,
                   "bars": [dict(zip(("what", "value", "bar", "met"), one)) for one in found]}
        with open(options.json, "w") as file:
            json.dump(figures, file, indent=2)


if __name__ == "__main__":
    processes.main(lambda: run(arguments()))
