# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""The datastores of a benchmark: a PostgreSQL of its own, and what tells a gateway to use one of them."""

import glob
import os
import shutil
import subprocess
import time

from processes import Broken, Server, clean_environment, free_port


def run(command, settings=None, seconds=280):
    """Runs a program to its end; what it wrote."""
    try:
        result = subprocess.run(
            command, capture_output=True, text=True, timeout=seconds, env=clean_environment(settings))
    except subprocess.TimeoutExpired:
        raise Broken(f"{command[0]} did not end")
    if result.returncode != 0:
        raise Broken(f"{' '.join(command)}: {result.stderr[-500:]}")
    return result.stdout.strip()


class Postgres:
    """Debian's PostgreSQL as it comes, on a free port, with a log of changes that is synced to the disk."""

    def __init__(self, folder):
        programs = glob.glob("/usr/lib/postgresql/*/bin/postgres")
        if not programs:
            raise Broken("there is no PostgreSQL server: run 'make bench-setup'")
        self.programs = os.path.dirname(max(programs, key=lambda path: int(path.split("/")[4])))
        self.port, self.count = free_port(), 0
        # The server refuses to run as root: what it needs belongs to Debian's user.
        self.drop = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
        self.data = os.path.join(folder, "postgres")
        os.makedirs(self.data)
        if self.drop:
            shutil.chown(self.data, "postgres", "postgres")
            os.chmod(folder, 0o755)
        run(self.drop + [f"{self.programs}/initdb", "-D", self.data, "-U", "gibbon", "-A", "trust", "-E", "UTF8",
                         "--locale", "C.UTF-8", "--no-sync", "--no-instructions"])
        options = {
            "listen_addresses": "127.0.0.1", "unix_socket_directories": self.data, "port": self.port,
            "max_connections": 200, "shared_buffers": "256MB", "max_wal_size": "4GB",
            "shared_preload_libraries": "pg_stat_statements",
        }
        command = [f"{self.programs}/postgres", "-D", self.data]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        self.server = Server("postgres", self.drop + command, folder)
        deadline = time.monotonic() + 30
        while True:
            try:
                self.sql("SELECT 1")
                break
            except Broken:
                if self.server.process.poll() is not None or time.monotonic() > deadline:
                    raise Broken(f"PostgreSQL does not start:\n{self.server.tail()}")
                time.sleep(0.05)
        self.sql("CREATE EXTENSION pg_stat_statements")

    def psql(self, database):
        return [f"{self.programs}/psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1",
                "-p", str(self.port), "-U", "gibbon", "-d", database]

    def sql(self, text, database="postgres"):
        return run(self.psql(database) + ["-c", text])

    def copy(self, table, columns, lines, database):
        """Writes rows, which are texts with tabs between their columns."""
        command = self.psql(database) + ["-c", f"COPY {table} ({columns}) FROM STDIN"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            try:
                for line in lines:
                    process.stdin.write(line + "\n")
                process.stdin.close()
            except BrokenPipeError:
                pass
            error = process.stderr.read()
            if process.wait(280) != 0:
                raise Broken(f"COPY {table}: {error[-500:]}")

    def make_database(self):
        self.count += 1
        self.sql(f"CREATE DATABASE bench_{self.count}")
        return f"bench_{self.count}"

    def forget_statements(self):
        self.sql("SELECT pg_stat_statements_reset()")

    def statements(self, database, like="%"):
        """How many statements were done: (texts of this kind, all of the database)."""
        counts = self.sql(
            f"SELECT coalesce(sum(calls) FILTER (WHERE query LIKE '{like}'), 0), coalesce(sum(calls), 0) "
            f"FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = '{database}'")
        return tuple(int(count) for count in counts.split("|"))

    def stop(self):
        self.server.stop()


class Store:
    """A kind of datastore: the properties by which a gateway uses an empty one."""

    def __init__(self, name, make, is_kept=False):
        self.name, self.make = name, make
        # What is kept elsewhere is emptied at the end.
        self.kept = [] if is_kept else None

    def settings(self):
        found = {f"GIBBON_{name.upper()}": str(value) for name, value in self.make().items()}
        if self.kept is not None:
            self.kept.append(found)
        return found

    def empty(self, binary, folder):
        """Drops the tables of all that was made."""
        for number, settings in enumerate(self.kept or []):
            prefix = os.path.join(folder, f"empty-{number}")
            os.makedirs(prefix)
            run([binary, "migrations", "reset", "--yes", "-p", prefix], settings)


def stores(postgres):
    found = [Store("sqlite", lambda: {"database": "sqlite"})]
    found.append(Store("postgres", lambda: {
        "database": "postgres", "pg_host": "127.0.0.1", "pg_port": postgres.port, "pg_user": "gibbon",
        "pg_database": postgres.make_database()}))
    places = os.environ.get("GIBBON_BENCH_CASSANDRA")
    if places:
        nodes = [place.rsplit(":", 1) for place in places.split(",")]
        number = iter(range(1, 1000))
        found.append(Store("cassandra", lambda: {
            "database": "cassandra", "cassandra_contact_points": ",".join(node[0] for node in nodes),
            "cassandra_port": nodes[0][1], "cassandra_repl_factor": os.environ.get("GIBBON_BENCH_CASSANDRA_FACTOR", 1),
            "cassandra_keyspace": f"gibbon_bench_{os.getpid()}_{next(number)}"}, is_kept=True))
    return {store.name: store for store in found}
