// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Synchronization
import Testing

/// A datastore that goes and comes back.
@Suite struct OutageTests {
  @Test(arguments: SharedDatastore.disturbed)
  func trafficGoesOnWithoutTheDatabase(_ datastore: SharedDatastore) throws {
    let nodes = try datastore.nodes(.stop)
    let gateway = try nodes.start()
    try nodes.makeRoute("open", at: gateway)
    try nodes.makeClosedRoute("closed", key: "k", at: gateway)
    let key = [("apikey", "k")]
    try gateway.await("/closed", 200, headers: key)
    let served = try gateway.admin("GET", "/status").json
    #expect(served["database"]["reachable"] == true)
    #expect(served["configuration"]["hash"].string?.count == 32)

    // Under traffic, none of which may notice.
    let traffic = try Traffic("/closed", headers: key, at: gateway)
    nodes.stopServer()
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
    // Ready is who serves: all nodes would else be taken out at once. That the datastore is away is told beside it.
    let ready = try gateway.statusAPI("GET", "/status/ready")
    #expect(ready.status == 200 && ready.json["message"] == "ready")
    try Deadline.wait(for: "readiness to tell of the datastore", seconds: 30) {
      try gateway.statusAPI("GET", "/status/ready").json["database"]["condition"].string != nil
    }
    #expect(try gateway.get("/open").text == "origin")
    #expect(try gateway.get("/closed", headers: key).text == "ada")
    let aside = try nodes.aside.map { try nodes.start($0) }
    if let aside { try nodes.makeRoute("meanwhile", at: aside) }

    try nodes.startServer()
    try Deadline.wait(for: "writes to be taken again", seconds: 30) {
      try gateway.admin("POST", "/services", .json(["name": "new", "host": "h"])).status == 201
    }
    try Deadline.wait(for: "the database to be reachable") { try gateway.isDatabaseReachable }
    expect(try gateway.statusAPI("GET", "/status/ready"), 200)
    if aside != nil { try gateway.await("/meanwhile", 200) }
    #expect(try traffic.stop() == [200])
    // And hears of what others do.
    let other = try aside ?? nodes.start()
    try nodes.makeRoute("later", at: other)
    try gateway.await("/later", 200)
    // Nodes that serve the same say so.
    try Deadline.wait(for: "the same revision") { gateway.revision == other.revision }
    let hashes = try [gateway, other].map { try $0.admin("GET", "/status").json["configuration"]["hash"] }
    #expect(hashes[0] == hashes[1] && hashes[0] != served["configuration"]["hash"])
  }

  @Test(arguments: SharedDatastore.disturbed)
  func aDatabaseThatSaysNothingIsAwayToo(_ datastore: SharedDatastore) throws {
    let nodes = try datastore.nodes(.hold)
    defer { nodes.remove() }
    let gateway = try nodes.start()
    try nodes.makeRoute("r", at: gateway)
    nodes.holdServer()
    // A client that asks waits less long than the node does for its statements.
    for _ in 0..<3 {
      #expect(try !gateway.isDatabaseReachable)
      #expect(try gateway.statusAPI("GET", "/status/ready").status == 200)
      #expect(try gateway.get("/r").status == 200)
    }
    nodes.releaseServer()
    try Deadline.wait(for: "the database to answer", seconds: 30) { try gateway.isDatabaseReachable }
    // A statement that was under way when the server fell silent may still be given up now.
    try Deadline.wait(for: "writes to be taken again", seconds: 30) {
      try gateway.admin("POST", "/services", .json(["name": "new", "host": "h"])).status == 201
    }
    try nodes.makeRoute("later", at: gateway)
    try gateway.await("/later", 200)
    gateway.stop()
  }

  @Test(arguments: SharedDatastore.disturbed)
  func aNodeWaitsForTheDatabase(_ datastore: SharedDatastore) throws {
    let nodes = try datastore.nodes(.stop)
    nodes.stopServer()
    let started = Mutex<Result<GatewayProcess, any Error>?>(nil)
    let folder = try TemporaryFolder()
    Thread {
      let result = Result { try nodes.start(in: folder) }
      started.withLock { $0 = result }
    }.start()
    let word = "waiting for \(nodes.server)"
    try Deadline.wait(for: "a word about it") { contents(of: folder.file("logs/error.log")).contains(word) }
    #expect(started.withLock { $0 == nil })
    try nodes.startServer()
    try Deadline.wait(for: "the gateway", seconds: 60) { started.withLock { $0 != nil } }
    let gateway = try #require(try started.withLock { $0 }?.get())
    try nodes.makeRoute("r", at: gateway)
    #expect(try gateway.get("/r").status == 200)
  }

  @Test(arguments: SharedDatastore.allCases)
  func aDatabaseThatNeverComesEndsTheStart(_ datastore: SharedDatastore) throws {
    let port = try FreePort()
    let text = try StartFailure.text(datastore.settings(port: port.number), ["--db-timeout", "1"])
    #expect(text.contains("127.0.0.1:\(port.number)") && text.contains("refused"), "\(text)")
    #expect(text.contains("--db-timeout"), "\(text)")
  }
}

enum StartFailure {
  /// What a start with these settings says, which must fail.
  static func text(_ settings: [String: String], _ arguments: [String] = []) throws -> String {
    let folder = try TemporaryFolder()
    let text = GatewayProcess.configuration(folder: folder, port: try FreePort().number, settings: settings)
    let conf = try folder.write(text, to: "gibbon.conf")
    let result = try GatewayCommand.run(
      ["start", "--foreground", "-c", conf.path, "-p", folder.url.path] + arguments, folder: folder.url)
    #expect(result.exitCode == 1, "\(result.allOutput)")
    return result.errorOutput
  }
}
