# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""What the benchmarks of administration and of clusters share: gateways, and what is asked of their Admin APIs."""

import http.client
import json
import os
import re
import statistics
import subprocess
import time
import uuid

from load import wrk
from processes import Broken, Server, clean_environment, free_port, get_status

WORKSPACE = "0dc6f45b-8f8d-40d2-a504-473544ee190b"
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
    """A gateway in a folder of its own: on the embedded datastore, where the settings name no other."""

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


def milliseconds(values):
    return (f"p50 {statistics.median(values) * 1e3:.1f} ms, **p99 {percentile(values, 0.99) * 1e3:.1f} ms**, "
            f"worst {max(values) * 1e3:.1f} ms")


def probe(client, upstream, *plugins):
    client.call("POST", "/services", {"name": "probe", "url": f"http://127.0.0.1:{upstream}"})
    client.call("POST", "/services/probe/routes", {"name": "probe", "paths": ["/probe"]})
    for plugin in plugins:
        client.call("POST", "/routes/probe/plugins", plugin)


def measure_writes(folder, one, clients, seconds):
    """Services made by some clients at once: (a second, p99 as wrk writes it)."""
    script = os.path.join(folder, "writes.lua")
    with open(script, "w") as file:
        file.write(ADMIN_WRITE % f"c{clients}")
    output = subprocess.run(
        ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--latency", "-s", script, f"http://127.0.0.1:{one.admin}"],
        check=True, capture_output=True, text=True, timeout=seconds + 120).stdout
    if "status " in output:
        raise Broken("a write was refused: " + output[:300])
    return (float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1)),
            re.search(r"99%\s+(\S+)", output).group(1))


# MARK: Files to import

def many_routes(path, count, upstream, more=()):
    """Writes a file with one service that has them all, and other services."""
    service = {
        "name": "s", "url": f"http://127.0.0.1:{upstream}",
        "routes": [{"name": f"r{i}", "hosts": [f"h{i % 1000}.example.com"], "paths": [f"/api/v1/t{i}"]}
                   for i in range(count)],
    }
    with open(path, "w") as file:
        json.dump({"_format_version": "3.0", "services": [service, *more]}, file)


def import_file(binary, path, prefix, settings=None, seconds=600):
    """Reads a file into a datastore; how long that took."""
    os.makedirs(prefix, exist_ok=True)
    began = time.monotonic()
    result = subprocess.run([binary, "config", "db_import", path, "-p", prefix], capture_output=True, text=True,
                            timeout=seconds, env=clean_environment(settings))
    if result.returncode != 0:
        raise Broken(f"config db_import: {result.stderr[-500:]}")
    return time.monotonic() - began


# MARK: Consumers with keys

def consumer(number):
    """(id, name, document), as a datastore has it."""
    owner, name = str(uuid.UUID(int=number + 1)), f"user-{number}"
    return owner, name, json.dumps({
        "id": owner, "created_at": 1, "updated_at": 1, "username": name, "custom_id": None, "tags": None},
        separators=(",", ":"))


def credential(number):
    """(id, key, id of the consumer, document), as a datastore has it."""
    owner, key = str(uuid.UUID(int=number + 1)), str(uuid.UUID(int=(1 << 100) + number))
    return key, f"key-{number}", owner, json.dumps({
        "id": key, "created_at": 1, "consumer": {"id": owner}, "key": f"key-{number}", "tags": None},
        separators=(",", ":"))


def ask_with_keys(one, count, samples=2000):
    """Keys from all over, each twice: the seconds of the first time, and of the second."""
    connection = http.client.HTTPConnection("127.0.0.1", one.port, timeout=10)
    cold, warm = [], []
    for number in range(0, count, max(1, count // samples)):
        for latencies in (cold, warm):
            began = time.monotonic()
            connection.request("GET", "/probe", headers={"apikey": f"key-{number}"})
            response = connection.getresponse()
            response.read()
            latencies.append(time.monotonic() - began)
            if response.status != 200:
                raise Broken(f"key-{number}: {response.status}")
    connection.close()
    return cold, warm


def random_keys(folder, one, count, seconds):
    """Requests with random keys on 64 connections, as `wrk` tells them."""
    with open(os.path.join(folder, "keys.lua"), "w") as file:
        file.write(f'function request() return wrk.format("GET", "/probe", '
                   f'{{["apikey"] = "key-" .. math.random(0, {count - 1})}}) end\n')
    result = wrk(folder, one.port, "/", 64, seconds, "keys")
    if result["errors"]:
        raise Broken(f"{result['errors']} requests with keys failed")
    return result
