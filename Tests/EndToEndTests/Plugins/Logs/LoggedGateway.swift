// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Synchronization

/// A gateway with an origin behind it and a logging plugin on everything.
struct LoggedGateway {
  let origin: Origin
  let gateway: GatewayProcess

  /// - Parameter config: the plugin's, as members of a YAML flow mapping.
  init(_ plugin: String, _ config: String, others: String = "") throws {
    self.origin = try Origin()
    let plugins = "plugins:\n- {name: \(plugin), config: {\(config)}}\n\(others)"
    self.gateway = try GatewayProcess(
      Declarative.service(port: self.origin.port, service: "retries: 1", route: "paths: [/in]", global: plugins))
  }
}

/// An HTTP server that keeps the bodies it gets.
final class LogServer: Sendable {
  private let origin: Origin
  private let box: Bodies

  init(port: Int = 0) throws {
    let box = Bodies()
    self.box = box
    self.origin = try Origin(port: port) { exchange in
      let body = JSON(parsing: try exchange.readBody())
      box.add(exchange.head, body)
      try exchange.respond()
    }
  }

  private final class Bodies: Sendable {
    private let held = Mutex<[(head: MessageHead, body: JSON)]>([])
    func add(_ head: MessageHead, _ body: JSON) { self.held.withLock { $0.append((head, body)) } }
    var all: [(head: MessageHead, body: JSON)] { self.held.withLock { $0 } }
  }

  var port: Int { self.origin.port }
  var url: String { "http://127.0.0.1:\(self.port)" }
  var all: [(head: MessageHead, body: JSON)] { self.box.all }

  /// Waits for that many requests.
  func wait(_ count: Int, seconds: Double = Deadline.defaultSeconds) throws -> [(head: MessageHead, body: JSON)] {
    try Deadline.wait(for: "\(count) logs, has \(self.all.count)", seconds: seconds) { self.all.count >= count }
    return self.all
  }
}
