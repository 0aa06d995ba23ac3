// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Synchronization
import Testing

/// A datastore that goes and comes back.
@Suite struct PostgresOutageTests {
  @Test func trafficGoesOnWithoutTheDatabase() throws {
    let nodes = try PostgresNodes(isOwn: true)
    let gateway = try nodes.start()
    try nodes.makeRoute("open", at: gateway)
    try nodes.makeRoute("closed", at: gateway)
    try gateway.create("/services/closed/plugins", ["name": "key-auth"])
    try gateway.create("/consumers", ["username": "ada"])
    try gateway.create("/consumers/ada/key-auth", ["key": "k"])
    let key = [("apikey", "k")]
    try gateway.await("/closed", 200, headers: key)
    let served = try gateway.admin("GET", "/status").json
    #expect(served["database"]["reachable"] == true)
    #expect(served["configuration"]["hash"].string?.count == 32)

    // Under traffic, none of which may notice.
    let connections = try ProxyConnections(gateway)
    let isOver = Atomic(false)
    let seen = Mutex<Set<Int>>([])
    let ended = Gate()
    Thread {
      while !isOver.load(ordering: .relaxed) {
        let statuses = (try? connections.statuses("/closed", headers: key)) ?? [0]
        seen.withLock { $0.formUnion(statuses) }
      }
      ended.open()
    }.start()
    nodes.cluster.stop()
    let refused = try gateway.admin("POST", "/services", .json(["name": "new", "host": "h"]))
    #expect(refused.status == 503)
    #expect(refused.json["message"].string?.contains("datastore is not available") == true, "\(refused)")
    for reply in [try gateway.admin("GET", "/status"), try gateway.statusAPI("GET", "/status")] {
      #expect(reply.status == 200 && reply.json["database"]["reachable"] == false)
      // What it goes on with is the same, and grows older.
      for name in ["hash", "revision"] {
        #expect(reply.json["configuration"][name] == served["configuration"][name])
      }
      #expect(reply.json["configuration"]["age_seconds"].integer ?? -1 >= 0)
    }
    expect(try gateway.statusAPI("GET", "/status/ready"), 503)
    #expect(try gateway.get("/open").text == "origin")
    #expect(try gateway.get("/closed", headers: key).text == "ada")

    try nodes.cluster.start()
    try Deadline.wait(for: "writes to be taken again") {
      try gateway.admin("POST", "/services", .json(["name": "new", "host": "h"])).status == 201
    }
    #expect(try gateway.admin("GET", "/status").json["database"]["reachable"] == true)
    expect(try gateway.statusAPI("GET", "/status/ready"), 200)
    isOver.store(true, ordering: .relaxed)
    try ended.wait()
    #expect(seen.withLock { $0 } == [200])
    // And hears of what others do.
    let other = try nodes.start()
    try nodes.makeRoute("later", at: other)
    try gateway.await("/later", 200)
    // Nodes that serve the same say so.
    try Deadline.wait(for: "the same revision") { gateway.revision == other.revision }
    let hashes = try [gateway, other].map { try $0.admin("GET", "/status").json["configuration"]["hash"] }
    #expect(hashes[0] == hashes[1] && hashes[0] != served["configuration"]["hash"])
  }

  @Test func aDatabaseThatSaysNothingIsAwayToo() throws {
    let nodes = try PostgresNodes()
    defer { nodes.remove() }
    let relay = try PostgresRelay(to: nodes.cluster.port)
    defer { relay.close() }
    let gateway = try nodes.start(["pg_port": "\(relay.port)"])
    try nodes.makeRoute("r", at: gateway)
    relay.hold()
    // A client that asks waits less long than the node does for its statements.
    for _ in 0..<3 {
      #expect(try gateway.admin("GET", "/status").json["database"]["reachable"] == false)
      expect(try gateway.statusAPI("GET", "/status/ready"), 503)
      #expect(try gateway.get("/r").status == 200)
    }
    relay.release()
    try Deadline.wait(for: "the database to answer") {
      try gateway.admin("GET", "/status").json["database"]["reachable"] == true
    }
    // A statement that was under way when the server fell silent may still be given up now.
    try Deadline.wait(for: "writes to be taken again") {
      try gateway.admin("POST", "/services", .json(["name": "new", "host": "h"])).status == 201
    }
    try nodes.makeRoute("later", at: gateway)
    try gateway.await("/later", 200)
    gateway.stop()
  }

  @Test func aNodeWaitsForTheDatabase() throws {
    let nodes = try PostgresNodes(isOwn: true)
    nodes.cluster.stop()
    let started = Mutex<Result<GatewayProcess, any Error>?>(nil)
    let folder = try TemporaryFolder()
    let settings = nodes.cluster.settings(database: nodes.database)
    Thread {
      let result = Result { try GatewayProcess(administered: folder, settings: settings) }
      started.withLock { $0 = result }
    }.start()
    try Deadline.wait(for: "a word about it") {
      contents(of: folder.file("logs/error.log")).contains("waiting for PostgreSQL at 127.0.0.1:\(nodes.cluster.port)")
    }
    #expect(started.withLock { $0 == nil })
    try nodes.cluster.start()
    try Deadline.wait(for: "the gateway", seconds: 20) { started.withLock { $0 != nil } }
    let gateway = try #require(try started.withLock { $0 }?.get())
    try nodes.makeRoute("r", at: gateway)
    #expect(try gateway.get("/r").status == 200)
  }

  /// What a start with these settings says, which must fail.
  private func failure(_ settings: [String: String], _ arguments: [String] = []) throws -> String {
    let folder = try TemporaryFolder()
    let text = GatewayProcess.configuration(folder: folder, port: try FreePort().number, settings: settings)
    let conf = try folder.write(text, to: "gibbon.conf")
    let result = try GatewayCommand.run(
      ["start", "--foreground", "-c", conf.path, "-p", folder.url.path] + arguments, folder: folder.url)
    #expect(result.exitCode == 1, "\(result.allOutput)")
    return result.errorOutput
  }

  @Test func whatWaitingDoesNotHelpIsSaidAtOnce() throws {
    let nodes = try PostgresNodes()
    defer { nodes.remove() }
    let settings = nodes.cluster.settings(database: nodes.database)
    func failure(_ name: String, _ value: String) throws -> String {
      try self.failure(settings.merging([name: value]) { _, new in new })
    }
    #expect(try failure("pg_password", "wrong").contains("password authentication failed"))
    #expect(try failure("pg_database", "nowhere").contains("\"nowhere\" does not exist"))
    #expect(!(try failure("pg_password", "secret-text").contains("secret-text")))
  }

  @Test func aDatabaseThatNeverComesEndsTheStart() throws {
    let port = try FreePort()
    let settings = ["database": "postgres", "pg_host": "127.0.0.1", "pg_port": "\(port.number)"]
    let text = try self.failure(settings, ["--db-timeout", "1"])
    #expect(text.contains("127.0.0.1:\(port.number)") && text.contains("refused"), "\(text)")
    #expect(text.contains("--db-timeout"), "\(text)")
  }

  @Test func commandsWorkOnTheDatabase() throws {
    let nodes = try PostgresNodes()
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
