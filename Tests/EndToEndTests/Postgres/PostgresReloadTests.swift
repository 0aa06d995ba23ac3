// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// A PostgreSQL that is logged in to otherwise after a reload, or cannot be used.
@Suite struct PostgresReloadTests {
  private static let never = ["db_update_frequency": "3600"]

  @Test func aPasswordThatChangedIsTaken() throws {
    let nodes = try PostgresNodes(.stop)
    let database = nodes.database
    try nodes.cluster.run("CREATE ROLE rotating LOGIN SUPERUSER PASSWORD 'one'", database: database)
    let gateway = try nodes.start(["pg_user": "rotating", "pg_password": "one"].merging(Self.never) { $1 })
    try nodes.makeRoute("before", at: gateway)
    try nodes.cluster.run(
      "ALTER ROLE rotating PASSWORD 'two'; SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        + "WHERE usename = 'rotating'", database: database)
    try Deadline.wait(for: "writes to be refused") {
      try gateway.admin("POST", "/services", .json(["host": "h"])).status == 503
    }
    try gateway.change(["pg_password": "two"])
    let result = try gateway.reload()
    #expect(result.exitCode == 0, "\(result.allOutput)")
    #expect(try gateway.admin("GET", "/status").json["database"]["reachable"] == true)
    try nodes.makeRoute("after", at: gateway)
    try gateway.await("/after", 200)
    try gateway.await("/before", 200)
    // What others write is heard of too.
    let other = try nodes.start()
    try nodes.makeRoute("others", at: other)
    try gateway.await("/others", 200)
  }

  @Test func entitiesAreReadAnewWhereTheServerAnswers() throws {
    let nodes = try PostgresNodes(.stop)
    let gateway = try nodes.start(Self.never)
    try nodes.makeRoute("kept", at: gateway)
    try nodes.makeRoute("gone", at: gateway)
    // The feed does not tell of it, as after a server took over that lacked the last writes.
    try nodes.cluster.run("DELETE FROM routes WHERE name = 'gone'", database: nodes.database)
    try gateway.await("/gone", 200)
    #expect(try gateway.reload().exitCode == 0)
    try gateway.await("/gone", 404)
    try gateway.await("/kept", 200)
    // Properties are taken over without it too.
    nodes.stopServer()
    try gateway.change(["log_level": "info"])
    let result = try gateway.reload()
    #expect(result.exitCode == 0, "\(result.allOutput)")
    #expect(gateway.log.contains("entities were not read anew"))
    try gateway.await("/kept", 200)
  }

  @Test func whatCannotBeUsedIsRefusedAndTheOldOneGoesOn() throws {
    let nodes = try PostgresNodes()
    defer { nodes.remove() }
    let empty = try nodes.cluster.makeDatabase()
    defer { nodes.cluster.drop(database: empty) }
    let port = try FreePort()
    try nodes.expectRefused(
      [
        (["pg_password": "wrong"], ["password authentication failed"]),
        (["pg_database": "nowhere"], ["\"nowhere\" does not exist"]),
        (["pg_port": "\(port.number)"], ["127.0.0.1:\(port.number)", "refused"]),
        (["pg_database": empty], [empty, "is not set up", "gibbon migrations bootstrap"]),
      ], at: try nodes.start(Self.never))
    // An empty database was left as it was.
    #expect(try nodes.cluster.run("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", database: empty) == "0")
  }
}
