// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Synchronization
import Testing

/// Several gateways on one PostgreSQL.
@Suite struct PostgresClusterTests {
  /// Looks for changes once an hour: what arrives was told by the server.
  private static let never = ["db_update_frequency": "3600"]

  @Test func aWriteAtOneIsServedByTheOthers() throws {
    let nodes = try PostgresNodes()
    defer { nodes.remove() }
    let gateways = try (0..<3).map { _ in try nodes.start(Self.never) }
    for (number, writer) in gateways.enumerated() {
      try nodes.makeRoute("of-\(number)", at: writer)
      for gateway in gateways { try gateway.await("/of-\(number)", 200) }
    }
    expect(try gateways[1].admin("DELETE", "/routes/of-0"), 204)
    for gateway in gateways { try gateway.await("/of-0", 404) }
  }

  @Test func aCredentialThatIsDeletedAtOneIsForgottenByTheOthers() throws {
    let nodes = try PostgresNodes()
    defer { nodes.remove() }
    let (first, second) = (try nodes.start(Self.never), try nodes.start(Self.never))
    try nodes.makeRoute("kept", at: first)
    try first.create("/services/kept/plugins", ["name": "key-auth"])
    try first.create("/consumers", ["username": "ada"])
    let key = [("apikey", "k")]
    try second.await("/kept", 401, headers: key)
    // That there is none is remembered, and forgotten.
    let id = try first.create("/consumers/ada/key-auth", ["key": "k"]).id
    try second.await("/kept", 200, headers: key)
    #expect(try second.get("/kept", headers: key).text == "ada")
    expect(try first.admin("DELETE", "/consumers/ada/key-auth/\(id)"), 204)
    try second.await("/kept", 401, headers: key)
  }

  @Test func nodesCountTogether() throws {
    let nodes = try PostgresNodes()
    defer { nodes.remove() }
    let (first, second) = (try nodes.start(Self.never), try nodes.start(Self.never))
    try nodes.makeRoute("counted", at: first)
    try second.await("/counted", 200)
    try first.create(
      "/services/counted/plugins",
      ["name": "rate-limiting", "config": ["hour": 6, "policy": "cluster", "limit_by": "service"]])
    try Deadline.wait(for: "the plugin") { try second.get("/counted")["X-RateLimit-Limit-Hour"] == "6" }
    let statuses = try (0..<12).map { try ($0 % 2 == 0 ? first : second).get("/counted").status }
    // The one that showed the plugin at work counts too.
    #expect(statuses.filter { $0 == 200 }.count == 5, "\(statuses)")
    #expect(statuses.last == 429)
  }

  @Test func nodesThatStartAtOnceSetTheDatabaseUpOnce() throws {
    let nodes = try PostgresNodes()
    defer { nodes.remove() }
    let started = Started()
    let ended = Gate()
    for _ in 0..<5 {
      Thread {
        started.add(Result { try nodes.start(Self.never) })
        ended.open()
      }.start()
    }
    for _ in 0..<5 { try ended.wait(seconds: 60) }
    let gateways = try started.all.map { try $0.get() }
    let lines = gateways.flatMap { gateway in
      contents(of: gateway.folder.file("logs/error.log")).split(separator: "\n")
        .filter { $0.contains("running migration") }
    }
    let names = Set(lines.compactMap { $0.split(separator: " ").last })
    #expect(!lines.isEmpty && lines.count == names.count, "\(lines)")
    try nodes.makeRoute("r", at: gateways[0])
    for gateway in gateways { try gateway.await("/r", 200) }
  }

  @Test func aFeedThatIsCutIsCaughtUpWith() throws {
    let nodes = try PostgresNodes()
    defer { nodes.remove() }
    let (first, second) = (try nodes.start(Self.never), try nodes.start(Self.never))
    for round in 0..<3 {
      try nodes.cluster.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gibbon change feed' "
          + "AND datname = '\(nodes.database)'", database: "postgres")
      try nodes.makeRoute("round-\(round)", at: first)
      try second.await("/round-\(round)", 200)
    }
  }

  @Test func whatNobodyToldIsFoundByLooking() throws {
    let nodes = try PostgresNodes()
    defer { nodes.remove() }
    let (first, second) = (try nodes.start(), try nodes.start(["db_update_frequency": "1"]))
    try nodes.makeRoute("before", at: first)
    try second.await("/before", 200)
    // The same that a commit does, without a word.
    try nodes.cluster.run(
      """
      WITH r AS (UPDATE feed_revision SET revision = revision + 1 RETURNING revision), \
      d AS (DELETE FROM routes WHERE name = 'before' RETURNING id) \
      INSERT INTO changes SELECT r.revision, 'routes', d.id, 0 FROM r, d
      """, database: nodes.database)
    try second.await("/before", 404)
  }

  @Test func aNodeKilledInTheMiddleOfWritesLeavesNoHalfEntity() throws {
    let nodes = try PostgresNodes()
    defer { nodes.remove() }
    let (first, second) = (try nodes.start(Self.never), try nodes.start(Self.never))
    let acknowledged = Mutex<[String]>([])
    let ended = Gate()
    for writer in 0..<4 {
      Thread {
        for number in 0..<100_000 {
          let name = "w\(writer)-\(number)"
          let body: JSON = ["name": .string(name), "host": "h", "tags": ["a", .string(name)]]
          guard let reply = try? first.admin("POST", "/services", .json(body)), reply.status == 201 else { break }
          acknowledged.withLock { $0.append(name) }
        }
        ended.open()
      }.start()
    }
    try Deadline.wait(for: "writes", seconds: 30) { acknowledged.withLock { $0.count } > 60 }
    first.signal(SIGKILL)
    for _ in 0..<4 { try ended.wait() }
    for name in acknowledged.withLock({ $0 }) { expect(try second.admin("GET", "/services/\(name)"), 200) }
    // Everything that was begun is there whole, or not at all: rows, tags, and entries of the feed go together.
    let counts = try nodes.cluster.run(
      """
      SELECT (SELECT count(*) FROM services), (SELECT count(*) / 2 FROM tags), \
      (SELECT count(*) FROM changes WHERE entity_name = 'services'), \
      (SELECT revision - count(*) FROM feed_revision, changes GROUP BY revision)
      """, database: nodes.database
    ).split(separator: "|")
    #expect(counts.count == 4 && Set(counts.prefix(3)).count == 1 && counts[3] == "0", "\(counts)")
    // Nobody holds what it held.
    try second.create("/services", ["name": "after", "host": "h"])
  }
}

/// What threads started.
private final class Started: Sendable {
  private let gateways = Mutex<[Result<GatewayProcess, any Error>]>([])

  var all: [Result<GatewayProcess, any Error>] { self.gateways.withLock { $0 } }

  func add(_ gateway: Result<GatewayProcess, any Error>) { self.gateways.withLock { $0.append(gateway) } }
}
