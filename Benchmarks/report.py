# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""Tables and bars out of the measurements."""

import os
import platform
import statistics


def median(rounds, key):
    return statistics.median(one[key] for one in rounds)


def summarise(rounds):
    """The medians of both proxies for one scenario, and the medians of the ratios within each round."""
    summary = {name: {key: median(rows, key) for key in rows[0]} for name, rows in rounds.items()}
    pairs = list(zip(rounds["gibbon"], rounds["nginx"]))
    summary["ratio"] = {
        key: statistics.median(ours[key] / max(theirs[key], 1e-9) for ours, theirs in pairs)
        for key in ("rps", "cpu_us", "p50_us", "p99_us")
    }
    return summary


def scenario_table(results):
    lines = [
        "| scenario | nginx req/s | gibbon req/s | ratio | nginx CPU µs | gibbon CPU µs | ratio "
        "| nginx p50/p99 ms | gibbon p50/p99 ms | errors |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, one in results.items():
        nginx, ours, ratio = one["nginx"], one["gibbon"], one["ratio"]
        lines.append(
            f"| {name} | {nginx['rps']:,.0f} | {ours['rps']:,.0f} | **{ratio['rps']:.2f}** | {nginx['cpu_us']:.1f} "
            f"| {ours['cpu_us']:.1f} | **{ratio['cpu_us']:.2f}** | {nginx['p50_us'] / 1e3:.2f} / "
            f"{nginx['p99_us'] / 1e3:.2f} | {ours['p50_us'] / 1e3:.2f} / {ours['p99_us'] / 1e3:.2f} "
            f"| {nginx['errors']:.0f} / {ours['errors']:.0f} |")
    return "\n".join(lines)


def before_table(rounds):
    """The ratios to the older binary, within each round."""
    lines = ["| scenario | requests/s, ratio to before | CPU, ratio to before |", "|---|---|---|"]
    for name, one in rounds.items():
        pairs = list(zip(one["gibbon"], one["before"]))
        ratios = [statistics.median(ours[key] / max(older[key], 1e-9) for ours, older in pairs)
                  for key in ("rps", "cpu_us")]
        lines.append(f"| {name} | **{ratios[0]:.2f}** | **{ratios[1]:.2f}** |")
    return "\n".join(lines)


def figure(value, unit):
    if value is None:
        return "not measured"
    if unit == "MB":
        return f"{value / 1e6:.1f} MB"
    return f"{value:,.1f} {unit}" if unit else f"{value:,.2f}"


def resource_table(resources):
    rows = [
        ("resident, idle", "idle_bytes", "MB"), ("resident per idle connection", "connection_bytes", "bytes"),
        ("resident, after all load", "loaded_bytes", "MB"), ("cold start to first proxied request", "start_ms", "ms"),
        ("allocations per request, plain", "allocations_plain", ""),
        ("allocations per request, key-auth", "allocations_key", ""),
    ]
    lines = ["| | nginx | gibbon |", "|---|---|---|"]
    for label, key, unit in rows:
        theirs = figure(resources["nginx"].get(key), unit) if not key.startswith("allocations") else "–"
        lines.append(f"| {label} | {theirs} | {figure(resources['gibbon'].get(key), unit)} |")
    return "\n".join(lines)


def bars(results, resources):
    """(what, measured, bar, met) for every bar whose figure was measured."""
    found = []

    def add(text, value, bound, at_least):
        if value is not None:
            found.append((text, value, ("≥ " if at_least else "≤ ") + f"{bound:g}",
                          value >= bound if at_least else value <= bound))

    def ratio(name, key):
        return results[name]["ratio"][key] if name in results else None

    ours = resources["gibbon"]
    add("plain: requests/s against nginx", ratio("plain", "rps"), 1.05, True)
    add("plain: CPU per request against nginx", ratio("plain", "cpu_us"), 0.95, False)
    if "key-auth" in results and "plain" in results:
        add("key-auth: requests/s against nginx without it", ratio("key-auth", "rps"), 1.0, True)
    add("1 MB bodies: requests/s against nginx", ratio("1 MB body", "rps"), 0.9, True)
    add("p99 at the same load, against nginx", ratio("equal load", "p99_us"), 1.0, False)
    if ours.get("idle_bytes") is not None:
        add("resident, idle, MB", ours["idle_bytes"] / 1e6, 40, False)
    add("resident per idle connection, bytes", ours.get("connection_bytes"), 1024, False)
    add("cold start, ms", ours.get("start_ms"), 150, False)
    failed = {name: one["gibbon"]["errors"] for name, one in results.items() if one["gibbon"]["errors"]}
    add("failed requests", float(sum(failed.values())), 0, False)
    return found


def bar_table(found):
    lines = ["| bar | measured | wanted | |", "|---|---|---|---|"]
    for what, value, bound, met in found:
        lines.append(f"| {what} | {value:.2f} | {bound} | {'met' if met else '**not met**'} |")
    return "\n".join(lines)


def machine():
    model = "unknown processor"
    try:
        with open("/proc/cpuinfo") as info:
            model = next(line.split(":", 1)[1].strip() for line in info if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"
