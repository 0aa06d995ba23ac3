// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Synchronization
import Testing

/// Whoever watches a node has its word also while a large configuration is read.
@Suite struct ReloadingAdminTests {
  private static func large(_ generation: Int) -> String {
    var text = "_format_version: \"3.0\"\nservices:\n- name: s\n  url: http://127.0.0.1:1\n  routes:\n"
    for number in 0..<8000 { text += "  - {name: r\(number), paths: [/g\(generation)/\(number)]}\n" }
    return text
  }

  @Test func statusAndEntitiesAreAnsweredWhileAConfigurationIsTakenOver() throws {
    let gateway = try GatewayProcess(administered: nil, declarative: Self.large(0))
    let before = try gateway.admin("GET", "/status").json["configuration_hash"]
    #expect(try gateway.admin("GET", "/routes/r1").json["paths"] == ["/g0/1"])
    try gateway.rewrite(Self.large(1))
    let isOver = Mutex(false)
    let reload = Thread {
      _ = try? gateway.command("reload")
      isOver.withLock { $0 = true }
    }
    reload.start()
    // Many answers fit into one reload; each is either the old configuration or the new one.
    var seen: Set<String> = []
    var answers = 0
    while !isOver.withLock({ $0 }) {
      let status = try gateway.admin("GET", "/status")
      #expect(status.status == 200)
      seen.insert("\(status.json["configuration_hash"])")
      let route = try gateway.admin("GET", "/routes/r1")
      #expect(route.json["paths"] == ["/g0/1"] || route.json["paths"] == ["/g1/1"])
      answers += 1
    }
    #expect(answers > 5, "asked \(answers) times during a reload")
    #expect(seen.contains("\(before)"))
    #expect(try gateway.admin("GET", "/routes/r1").json["paths"] == ["/g1/1"])
    #expect(try gateway.get("/g1/1").status == 502)
  }
}
