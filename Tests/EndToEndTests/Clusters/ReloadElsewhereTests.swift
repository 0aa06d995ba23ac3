// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Synchronization
import Testing

/// A datastore that is elsewhere after a reload.
@Suite struct ReloadElsewhereTests {
  private static let never = ["db_update_frequency": "3600"]

  @Test(arguments: SharedDatastore.there)
  func anotherDatabaseIsServedWithoutAGap(of datastore: SharedDatastore) throws {
    let nodes = try datastore.nodes()
    defer { nodes.remove() }
    let elsewhere = try datastore.nodes()
    defer { elsewhere.remove() }
    let gateway = try nodes.start(Self.never)
    for name in ["first", "second", "both"] { try nodes.makeRoute(name, at: gateway) }
    try gateway.create("/services/both/plugins", ["name": "key-auth"])
    let other = try elsewhere.start(Self.never)
    // Fewer writes: its revision is one that the node was at before.
    try elsewhere.makeRoute("both", at: other)
    try gateway.create("/consumers", ["username": "ada"])
    try gateway.create("/consumers/ada/key-auth", ["key": "k"])
    try gateway.await("/both", 200, headers: [("apikey", "k")])

    let connections = try ProxyConnections(gateway)
    let isOver = Atomic(false)
    let seen = Mutex<Set<Int>>([])
    let ended = Gate()
    Thread {
      while !isOver.load(ordering: .relaxed) {
        let statuses = (try? connections.statuses("/both", headers: [("apikey", "k")])) ?? [0]
        seen.withLock { $0.formUnion(statuses) }
      }
      ended.open()
    }.start()
    try gateway.change(elsewhere.settings)
    let result = try gateway.reload()
    #expect(result.exitCode == 0, "\(result.allOutput)")
    try gateway.await("/first", 404)
    try gateway.await("/both", 200)
    #expect(try gateway.admin("GET", "/services").json["data"].array.count == 1)
    // Both directions, and at once.
    try elsewhere.makeRoute("here", at: gateway)
    try other.await("/here", 200)
    try elsewhere.makeRoute("there", at: other)
    try gateway.await("/there", 200)
    isOver.store(true, ordering: .relaxed)
    try ended.wait()
    #expect(seen.withLock { $0 } == [200])
    try nodes.expectNobody()
  }
}
