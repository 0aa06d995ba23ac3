// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Synchronization
import Testing

/// Several gateways on one Cassandra.
@Suite(.enabled(if: CassandraServer.given != nil, Comment(rawValue: CassandraServer.absence)))
struct CassandraClusterTests {
  /// Looks for changes once an hour: what arrives was seen at the end of the log.
  private static let never = ["db_update_frequency": "3600"]

  @Test func aWriteAtOneIsServedByTheOther() throws {
    let nodes = try CassandraNodes()
    let gateways = [try nodes.start(Self.never), try nodes.start(Self.never)]
    var times: [Duration] = []
    for (number, writer) in gateways.enumerated() {
      for round in 0..<5 {
        try nodes.makeRoute("of-\(number)-\(round)", at: writer)
        let start = ContinuousClock.now
        try gateways[1 - number].await("/of-\(number)-\(round)", 200)
        times.append(ContinuousClock.now - start)
      }
    }
    // A figure for people, and no limit: how long after the answer the other one serves it.
    let text = times.map { "\($0)" }.joined(separator: ", ")
    FileHandle.standardError.write(Data("Cassandra: a write is served by another gateway after \(text)\n".utf8))
    expect(try gateways[1].admin("DELETE", "/routes/of-0-0"), 204)
    for gateway in gateways { try gateway.await("/of-0-0", 404) }
  }

  @Test func aCredentialThatIsDeletedAtOneIsForgottenByTheOther() throws {
    let nodes = try CassandraNodes()
    let (first, second) = (try nodes.start(Self.never), try nodes.start(Self.never))
    try nodes.makeRoute("kept", at: first)
    try first.create("/services/kept/plugins", ["name": "key-auth"])
    try first.create("/consumers", ["username": "ada"])
    let key = [("apikey", "k")]
    try second.await("/kept", 401, headers: key)
    let id = try first.create("/consumers/ada/key-auth", ["key": "k"]).id
    try second.await("/kept", 200, headers: key)
    expect(try first.admin("DELETE", "/consumers/ada/key-auth/\(id)"), 204)
    try second.await("/kept", 401, headers: key)
  }

  @Test func nodesCountTogether() throws {
    let nodes = try CassandraNodes()
    let (first, second) = (try nodes.start(Self.never), try nodes.start(Self.never))
    try nodes.makeRoute("counted", at: first)
    try second.await("/counted", 200)
    try first.create(
      "/services/counted/plugins",
      ["name": "rate-limiting", "config": ["hour": 6, "policy": "cluster", "limit_by": "service"]])
    try Deadline.wait(for: "the plugin") { try second.get("/counted")["X-RateLimit-Limit-Hour"] == "6" }
    let statuses = try (0..<12).map { try ($0 % 2 == 0 ? first : second).get("/counted").status }
    #expect(statuses.filter { $0 == 200 }.count == 5, "\(statuses)")
    #expect(statuses.last == 429)
  }

  @Test func aNodeKilledInTheMiddleOfWritesLeavesNoHalfEntity() throws {
    let nodes = try CassandraNodes()
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
    try Deadline.wait(for: "writes", seconds: 60) { acknowledged.withLock { $0.count } > 60 }
    first.signal(SIGKILL)
    for _ in 0..<4 { try ended.wait() }
    let names = acknowledged.withLock { $0 }
    for name in names { expect(try second.admin("GET", "/services/\(name)"), 200) }
    // Nobody holds what it held, and what it began is there whole: by its name, by its tag, and in the list.
    try second.create("/services", ["name": "after", "host": "h"])
    let listed = try Self.all("/services?size=1000", second)
    for name in listed where name != "after" { expect(try second.admin("GET", "/services/\(name)"), 200) }
    let tagged = try Self.all("/services?tags=a&size=1000", second)
    #expect(Set(tagged) == Set(listed).subtracting(["after"]))
    #expect(Set(names).isSubset(of: listed))
  }

  private static func all(_ path: String, _ gateway: GatewayProcess) throws -> [String] {
    let reply = try gateway.admin("GET", path)
    return reply.json["data"].array.compactMap { $0["name"].string }
  }

  /// Under traffic, none of which may notice.
  @Test func trafficGoesOnWithoutTheDatabase() throws {
    let nodes = try CassandraNodes()
    let relay = try Relay(to: nodes.server.port, host: nodes.server.host)
    let gateway = try nodes.start(["cassandra_port": "\(relay.port)", "cassandra_timeout": "5000"])
    try nodes.makeRoute("open", at: gateway)
    try nodes.makeRoute("closed", at: gateway)
    try gateway.create("/services/closed/plugins", ["name": "key-auth"])
    try gateway.create("/consumers", ["username": "ada"])
    try gateway.create("/consumers/ada/key-auth", ["key": "k"])
    let key = [("apikey", "k")]
    try gateway.await("/closed", 200, headers: key)
    #expect(try gateway.admin("GET", "/status").json["database"]["reachable"] == true)
    relay.cut()
    let refused = try gateway.admin("POST", "/services", .json(["name": "new", "host": "h"]))
    #expect(refused.status == 503)
    #expect(refused.json["message"].string?.contains("datastore is not available") == true, "\(refused)")
    #expect(try gateway.admin("GET", "/status").json["database"]["reachable"] == false)
    expect(try gateway.statusAPI("GET", "/status/ready"), 503)
    #expect(try gateway.get("/open").text == "origin")
    #expect(try gateway.get("/closed", headers: key).text == "ada")
    let other = try nodes.start()
    try nodes.makeRoute("meanwhile", at: other)
    try relay.mend()
    try gateway.await("/meanwhile", 200)
    try Deadline.wait(for: "writes to be taken again", seconds: 30) {
      try gateway.admin("POST", "/services", .json(["name": "new", "host": "h"])).status == 201
    }
    #expect(try gateway.admin("GET", "/status").json["database"]["reachable"] == true)
    try nodes.makeRoute("later", at: other)
    try gateway.await("/later", 200)
  }

  @Test func aNodeWaitsForTheDatabase() throws {
    let nodes = try CassandraNodes()
    let relay = try Relay(to: nodes.server.port, host: nodes.server.host)
    relay.cut()
    let started = Mutex<Result<GatewayProcess, any Error>?>(nil)
    let folder = try TemporaryFolder()
    Thread {
      let result = Result { try nodes.start(["cassandra_port": "\(relay.port)"], in: folder) }
      started.withLock { $0 = result }
    }.start()
    let word = "waiting for Cassandra at \(nodes.server.host):\(relay.port)"
    try Deadline.wait(for: "a word about it") { contents(of: folder.file("logs/error.log")).contains(word) }
    #expect(started.withLock { $0 == nil })
    try relay.mend()
    try Deadline.wait(for: "the gateway", seconds: 60) { started.withLock { $0 != nil } }
    let gateway = try #require(try started.withLock { $0 }?.get())
    try nodes.makeRoute("r", at: gateway)
    #expect(try gateway.get("/r").status == 200)
  }

  @Test func commandsWorkOnTheDatabase() throws {
    let nodes = try CassandraNodes()
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
