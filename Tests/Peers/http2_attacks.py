#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""Plays attacks on HTTP/2 at 50 Mbit/s, while an honest client asks beside them on a connection of its own.

An attack whose connection is closed connects again and goes on. One line for each; 1 if any failed.

    http2_attacks.py HOST PORT [--pid N] [--row N] [--seconds 2] [--patience 50] [NAME…]
"""
import argparse
import multiprocessing
import select
import sys
import time
from collections import Counter
from functools import lru_cache

from attacks import floods, probes
from h2spec import wire

BYTES_PER_SECOND = 50_000_000 // 8
LARGEST_GROWTH = 32 * 1024  # kilobytes
LARGEST_AMPLIFICATION = 4
CONNECTIONS = 20


class Honest:
    """A client that asks one thing after another, in a process of its own."""

    def __init__(self, host, port):
        self.stop = multiprocessing.Event()
        self.results, theirs = multiprocessing.Pipe(duplex=False)
        self.process = multiprocessing.Process(target=self.ask, args=(host, port, self.stop, theirs), daemon=True)
        self.process.start()

    def finish(self):
        """The time of each request in milliseconds, and what went wrong."""
        self.stop.set()
        result = self.results.recv() if self.results.poll(10) else ([], "it hangs")
        self.process.kill()
        self.process.join()
        return result

    @classmethod
    def ask(cls, host, port, stop, results):
        times = []
        error = None
        try:
            while not stop.is_set():
                cls.ask_on_one_connection(host, port, stop, times)
        except (wire.Closed, wire.Silence, OSError, ValueError) as reason:
            error = f"{type(reason).__name__} {reason}"
        results.send((times, error))

    @staticmethod
    def ask_on_one_connection(host, port, stop, times):
        get = wire.block(wire.request(path="/honest"))
        with wire.Connection(host, port, 5) as connection:
            connection.handshake()
            for stream in range(1, 1 << 20, 2):
                if stop.is_set():
                    return
                began = time.monotonic()
                connection.send(wire.headers(stream, get, wire.WHOLE))
                is_ending = False
                size = 0
                while True:
                    got = connection.next()
                    if got.kind == wire.GOAWAY:
                        if got.code != 0:
                            raise wire.Closed(str(got))
                        is_ending = True
                    elif got.kind == wire.PING and not got.flags & wire.ACK:
                        connection.send(wire.ping(got.payload, wire.ACK))
                    if got.stream != stream:
                        continue
                    if got.kind == wire.RST_STREAM:
                        raise wire.Closed(str(got))
                    if got.kind == wire.HEADERS and (status := connection.status(got)) != 200:
                        raise ValueError(f"status {status}")
                    size += len(got.payload)
                    if got.ends_stream:
                        break
                connection.send(wire.window_update(0, size))
                times.append((time.monotonic() - began) * 1000)
                if is_ending:
                    return
                time.sleep(0.002)


def p99(times):
    return sorted(times)[int(len(times) * 0.99)] if times else float("inf")


def resident(pid):
    """Kilobytes of memory of a process; None when it is gone."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            fields = dict(line.split(":", 1) for line in status)
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields["State"].split()[0] == "Z" else int(fields["VmRSS"].split()[0])


@lru_cache(maxsize=64)
def count_frames(payload):
    count = offset = 0
    while offset < len(payload):
        offset += 9 + int.from_bytes(payload[offset:offset + 3], "big")
        count += 1
    return count


class Play:
    """One attack under way. What it may look at: `got`, the number of frames of each kind on this connection, and
    `windows`, what the gateway lets it send."""

    def __init__(self, attack, arguments):
        self.attack = attack
        self.arguments = arguments
        self.sent = self.received = self.frames = 0
        self.closings = Counter()
        self.first_closing = None
        self.before = self.most = resident(arguments.pid) if arguments.pid else 0
        self.began = time.monotonic()
        self.deadline = self.began + arguments.seconds
        self.sampled = 0

    def play(self):
        connections = 0
        while time.monotonic() < self.deadline and connections < CONNECTIONS:
            connections += 1
            with wire.Connection(self.arguments.host, self.arguments.port, 5) as self.connection:
                closing = self.drive()
                self.sent += self.connection.sent
                self.received += self.connection.received
            if closing is None:
                break
            self.closings[closing] += 1
            if self.first_closing is None:
                self.first_closing = f"{closing} after {self.frames} frames"
        self.sample()

    def drive(self):
        """Plays on one connection. With which error it was closed; None when time was over first."""
        connection = self.connection
        self.got = Counter()
        self.windows = Counter()
        self.code = "no code"
        try:
            connection.handshake(*self.attack.settings)
        except wire.Closed:
            return "no handshake"
        self.windows[0] = connection.window
        steps = self.attack.play(self)
        connection.socket.setblocking(False)
        pending = memoryview(b"")
        while time.monotonic() < self.deadline:
            self.sample()
            if not pending and steps:
                step = next(steps, floods.OVER)
                if step is floods.OVER:
                    steps = None
                elif step is floods.AGAIN:
                    return "itself"
                elif step:
                    pending = memoryview(step)
                    self.frames += count_frames(step)
            is_slow = self.sent + connection.sent < (time.monotonic() - self.began) * BYTES_PER_SECOND + 65_536
            readable, writable, _ = select.select(
                [connection.socket] if self.attack.reads else [], [connection.socket] if pending and is_slow else [],
                [], 0 if pending and is_slow and self.attack.reads else 0.01)
            try:
                if readable and not self.read():
                    return self.code
                if writable:
                    count = connection.socket.send(pending)
                    connection.sent += count
                    pending = pending[count:]
            except BlockingIOError:
                pass
            except ConnectionError:
                self.drain()
                return self.code
        self.drain()
        return None

    def drain(self):
        """Reads what has come to an attack that does not read, or before a reset."""
        try:
            while self.read():
                pass
        except OSError:
            pass

    def read(self):
        """False at the end."""
        connection = self.connection
        payload = connection.socket.recv(262_144)
        connection.received += len(payload)
        connection.buffer += payload
        while got := connection.take():
            self.got[got.kind] += 1
            if got.kind == wire.GOAWAY:
                self.code = wire.error_name(got.code)
            elif got.kind == wire.WINDOW_UPDATE:
                self.windows[got.stream] += int.from_bytes(got.payload, "big")
        return bool(payload)

    def stream_window(self):
        """What a new stream may send."""
        return self.connection.settings.get(wire.INITIAL_WINDOW_SIZE, 65_535)

    def sample(self):
        if self.arguments.pid and time.monotonic() - self.sampled > 0.02:
            self.sampled = time.monotonic()
            self.most = max(self.most, resident(self.arguments.pid) or 0)

    def faults(self):
        growth = self.most - self.before
        if growth > LARGEST_GROWTH:
            yield f"memory grew by {growth} KB"
        if self.sent > 100_000 and self.received > LARGEST_AMPLIFICATION * self.sent:
            yield f"{self.received} bytes were received for {self.sent} sent"
        expected = self.attack.expects
        if expected and set(self.closings) != {expected}:
            yield f"closed with {dict(self.closings)} instead of {expected}"

    def __str__(self):
        state = f"closed with {self.first_closing}" if self.first_closing else f"open after {self.frames} frames"
        if self.closings.total() > 1:
            state += f" and {self.closings.total() - 1} times more"
        ratio = self.received / self.sent if self.sent else 0
        return f"{state}; memory +{self.most - self.before} KB; received/sent {ratio:.2f}"


def run(attack, arguments, baseline):
    """The line for one attack."""
    honest = Honest(arguments.host, arguments.port)
    play = Play(attack, arguments)
    faults = []
    try:
        play.play()
    except (wire.Closed, wire.Silence, OSError) as error:
        faults.append(f"{type(error).__name__} {error}")
    times, error = honest.finish()
    faults += play.faults()
    if error or not times:
        faults.append(f"the honest client failed: {error or 'nothing was answered'}")
    elif p99(times) > 10 * baseline + arguments.patience:
        faults.append(f"the honest client's p99 is {p99(times):.1f} ms")
    if arguments.pid and resident(arguments.pid) is None:
        faults.append("the process is gone")
    facts = f"{play}; honest p99 {p99(times):.1f} ms ({baseline:.1f} before)"
    return f"FAILED {attack.name}: {', '.join(faults)}; {facts}" if faults else f"ok {attack.name}: {facts}"


def probe(name, function, arguments):
    faults = list(function(arguments.host, arguments.port))
    return f"FAILED {name}: {'; '.join(faults)}" if faults else f"ok {name}: refused"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--pid", type=int)
    parser.add_argument("--row", type=int, help="only those of a row of the list of attacks")
    parser.add_argument("--seconds", type=float, default=2.0, help="for each attack")
    parser.add_argument(
        "--patience", type=float, default=50, help="milliseconds that p99 may be more than ten times what it was")
    arguments = parser.parse_intermixed_args()
    unknown = set(arguments.names) - {attack.name for attack in floods.ATTACKS} - {name for name, _ in probes.PROBES}
    if unknown:
        parser.error(f"no such attack: {unknown}")

    def is_chosen(name, row):
        return name in arguments.names or not arguments.names and arguments.row in (None, row)

    honest = Honest(arguments.host, arguments.port)
    time.sleep(min(1, arguments.seconds))
    times, error = honest.finish()
    if error:
        sys.exit(f"FAILED before: the honest client failed: {error}")
    baseline = p99(times)
    lines = []
    for attack in floods.ATTACKS:
        if is_chosen(attack.name, attack.row):
            lines.append(run(attack, arguments, baseline))
            print(lines[-1], flush=True)
    for (name, row), function in probes.PROBES.items():
        if is_chosen(name, row):
            lines.append(probe(name, function, arguments))
            print(lines[-1], flush=True)
    failed = sum(line.startswith("FAILED") for line in lines)
    print(f"{len(lines)} attacks, {failed} failed")
    sys.exit(1 if failed or not lines else 0)


if __name__ == "__main__":
    main()
