# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""One measurement each: load by wrk, idle connections, cold start, allocations."""

import mmap
import os
import re
import socket
import statistics
import subprocess
import time

from processes import API_KEY, LOAD_CORE, Broken, Server, free_port, get_status, pinned, start_gateway

SCRIPTS = {
    "post": 'wrk.method = "POST"\nwrk.body = string.rep("x", 1024)\nwrk.headers["Content-Type"] = "text/plain"\n',
    # Each connection waits 10 to 30 ms before its next request: 64 of them make about 3,000 requests/s on any proxy.
    "paced": "function delay() return math.random(10, 30) end\n",
}


def write_scripts(folder):
    for name, text in SCRIPTS.items():
        with open(os.path.join(folder, f"{name}.lua"), "w") as script:
            script.write(text)


def microseconds(text):
    value, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(value) * {"us": 1, "ms": 1e3, "s": 1e6, "m": 6e7}[unit]


def wrk(folder, port, path, connections, seconds, script=None, headers=(), scheme="http"):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "5s"]
    if path.startswith("/key"):
        command += ["-H", f"apikey: {API_KEY}"]
    for header in headers:
        command += ["-H", header]
    if script:
        command += ["-s", os.path.join(folder, f"{script}.lua")]
    command = pinned(LOAD_CORE, command + [f"{scheme}://127.0.0.1:{port}{path}"])
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30)
    except subprocess.TimeoutExpired:
        raise Broken(f"wrk did not end: {' '.join(command)}")
    text = result.stdout
    total = re.search(r"(\d+) requests in ([\d.]+)(m?s)", text)
    if result.returncode != 0 or not total:
        raise Broken(f"wrk failed: {' '.join(command)}\n{text}{result.stderr}")
    errors = [int(number) for number in re.findall(r"(?:connect|read|write|timeout) (\d+)", text)]
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return {
        "requests": int(total.group(1)),
        "rps": float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)),
        "p50_us": microseconds(re.search(r"^\s+50%\s+(\S+)", text, re.M).group(1)),
        "p99_us": microseconds(re.search(r"^\s+99%\s+(\S+)", text, re.M).group(1)),
        "errors": sum(errors) + (int(bad.group(1)) if bad else 0),
    }


def measure(server: Server, folder, port, scenario, seconds):
    """One round of one scenario against one proxy, with the CPU time the proxy used for it."""
    path = scenario["path"]
    before = server.cpu_seconds()
    result = wrk(folder, port, path, scenario["connections"], seconds, scenario.get("script"),
                 scenario.get("headers", ()), scenario.get("scheme", "http"))
    used = server.cpu_seconds() - before
    result["cpu_us"] = used * 1e6 / max(result["requests"], 1)
    return result


def idle_connections(server: Server, port, count):
    """Resident bytes for each of `count` connections that made one request and now wait."""
    before = server.resident_bytes()
    held = []
    try:
        for _ in range(count):
            client = socket.create_connection(("127.0.0.1", port), 5)
            held.append(client)
            client.sendall(b"GET / HTTP/1.1\r\nHost: bench.test\r\n\r\n")
            if not client.recv(4096).startswith(b"HTTP/1.1 200"):
                raise Broken(f"{server.name} did not answer 200 on idle connection {len(held)}")
        time.sleep(0.5)
        return max(0, server.resident_bytes() - before) / count
    except OSError as error:
        raise Broken(f"{server.name}: idle connection {len(held)} of {count}: {error}")
    finally:
        for client in held:
            client.close()


def cold_start_ms(start, times):
    """Median milliseconds from starting the program to its first proxied 200. `start` gives the server and its port."""
    results = []
    for _ in range(times):
        begin = time.monotonic()
        server, port = start()
        try:
            while get_status(port) != 200:
                if server.process.poll() is not None or time.monotonic() - begin > 20:
                    raise Broken(f"{server.name} did not start:\n{server.tail()}")
                time.sleep(0.0005)
            results.append((time.monotonic() - begin) * 1000)
        finally:
            server.stop()
    return statistics.median(results)


def allocations_per_request(binary, folder, declarative, path, headers=(), seconds=2):
    """Calls that allocate, per request in the steady state; `None` when the counting library cannot be built."""
    library = os.path.join(folder, "count_allocations.so")
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "count_allocations.c")
    try:
        built = subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, source], capture_output=True, text=True)
    except FileNotFoundError:
        return None
    if built.returncode != 0:
        return None
    counter = os.path.join(folder, "allocations.count")
    with open(counter, "wb") as file:
        file.write(bytes(4096))
    port = free_port()
    environment = {"LD_PRELOAD": library, "ALLOCATION_COUNTER": counter}
    server = start_gateway(binary, os.path.join(folder, "counted"), port, declarative, environment)
    try:
        with open(counter, "r+b") as file, mmap.mmap(file.fileno(), 4096) as page:
            wrk(folder, port, path, 16, 1, headers=headers)
            before = int.from_bytes(page[:8], "little")
            if before == 0:
                return None
            requests = wrk(folder, port, path, 16, seconds, headers=headers)["requests"]
            return (int.from_bytes(page[:8], "little") - before) / requests
    finally:
        server.stop()
