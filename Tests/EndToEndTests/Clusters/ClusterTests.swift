// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Synchronization
import Testing

/// Several gateways on one datastore.
@Suite struct ClusterTests {
  /// Looks for changes once an hour: what arrives was told by the server, or seen at the end of the log.
  private static let never = ["db_update_frequency": "3600"]

  @Test(arguments: SharedDatastore.there)
  func aWriteAtOneIsServedByTheOthers(on datastore: SharedDatastore) throws {
    let nodes = try datastore.nodes()
    defer { nodes.remove() }
    let gateways = try (0..<3).map { _ in try nodes.start(Self.never) }
    for (number, writer) in gateways.enumerated() {
      try nodes.makeRoute("of-\(number)", at: writer)
      for gateway in gateways { try gateway.await("/of-\(number)", 200) }
    }
    expect(try gateways[1].admin("DELETE", "/routes/of-0"), 204)
    for gateway in gateways { try gateway.await("/of-0", 404) }
  }

  @Test(arguments: SharedDatastore.there)
  func aCredentialThatIsDeletedAtOneIsForgottenByTheOthers(on datastore: SharedDatastore) throws {
    let nodes = try datastore.nodes()
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

  @Test(arguments: SharedDatastore.there)
  func nodesCountTogether(on datastore: SharedDatastore) throws {
    let nodes = try datastore.nodes()
    defer { nodes.remove() }
    let settings = nodes.exact.merging(Self.never) { $1 }
    let (first, second) = (try nodes.start(settings), try nodes.start(settings))
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

  @Test(arguments: SharedDatastore.there)
  func nodesThatStartAtOnceSetTheDatabaseUpOnce(on datastore: SharedDatastore) throws {
    let nodes = try datastore.nodes()
    defer { nodes.remove() }
    let started = Started()
    let ended = Gate()
    for _ in 0..<5 {
      Thread {
        started.add(Result { try nodes.start(Self.never) })
        ended.open()
      }.start()
    }
    for _ in 0..<5 { try ended.wait(seconds: 120) }
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

  @Test(arguments: SharedDatastore.there)
  func aNodeKilledInTheMiddleOfWritesLeavesNoHalfEntity(on datastore: SharedDatastore) throws {
    let nodes = try datastore.nodes()
    defer { nodes.remove() }
    let (first, second) = (try nodes.start(Self.never), try nodes.start(Self.never))
    let writers = Writers(4, at: [first])
    try Deadline.wait(for: "writes", seconds: 60) { writers.acknowledged.count > 60 }
    first.signal(SIGKILL)
    try writers.awaitEnd()
    let names = writers.acknowledged
    for name in names { expect(try second.admin("GET", "/services/\(name)"), 200) }
    // Everything that was begun is there whole, or not at all: by its name, by its tag, and in the list.
    try nodes.expectWhole()
    let listed = try second.names("/services?size=1000")
    for name in listed { expect(try second.admin("GET", "/services/\(name)"), 200) }
    #expect(Set(try second.names("/services?tags=a&size=1000")) == Set(listed))
    #expect(Set(names).isSubset(of: listed))
    // Nobody holds what it held.
    try second.create("/services", ["name": "after", "host": "h"])
  }

  @Test(arguments: SharedDatastore.there)
  func commandsWorkOnTheDatabase(_ datastore: SharedDatastore) throws {
    let nodes = try datastore.nodes()
    defer { nodes.remove() }
    let gateway = try nodes.start()
    try nodes.makeRoute("r", at: gateway)
    let conf = gateway.configurationFile.path
    let status = try gateway.command("migrations", "status", "-c", conf)
    #expect(status.output.contains("\"up_to_date\":true"), "\(status.allOutput)")
    let export = try gateway.command("config", "db_export", "-", "-c", conf)
    #expect(export.output.contains("name: r"), "\(export.allOutput)")
    let file = try gateway.folder.write(Declarative.service(port: nodes.origin.port), to: "import.yml")
    let imported = try gateway.command("config", "db_import", file.path, "-c", conf)
    #expect(imported.exitCode == 0, "\(imported.allOutput)")
    try gateway.await("/anything", 200)
  }
}

extension GatewayProcess {
  /// The names on the first page of a list.
  func names(_ target: String) throws -> [String] {
    try self.admin("GET", target).json["data"].array.compactMap { $0["name"].string }
  }
}

/// What threads started.
private final class Started: Sendable {
  private let gateways = Mutex<[Result<GatewayProcess, any Error>]>([])

  var all: [Result<GatewayProcess, any Error>] { self.gateways.withLock { $0 } }

  func add(_ gateway: Result<GatewayProcess, any Error>) { self.gateways.withLock { $0.append(gateway) } }
}
