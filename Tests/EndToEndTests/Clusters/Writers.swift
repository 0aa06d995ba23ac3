// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Synchronization

/// Threads that make services, each with two tags, until they are told to stop or their gateway does not answer.
final class Writers: Sendable {
  private struct Seen {
    var acknowledged: [String] = []
    var refusals: [AdminReply] = []
    var running: Int
  }

  private let seen: Mutex<Seen>
  private let isOver = Atomic(false)

  /// - Parameter count: threads at each gateway.
  init(_ count: Int, at gateways: [GatewayProcess]) {
    self.seen = Mutex(Seen(running: count * gateways.count))
    for writer in 0..<count * gateways.count {
      let gateway = gateways[writer % gateways.count]
      Thread {
        self.write("w\(writer)", at: gateway)
        self.seen.withLock { $0.running -= 1 }
      }.start()
    }
  }

  /// The names of services that the answer was 201 for.
  var acknowledged: [String] { self.seen.withLock { $0.acknowledged } }
  /// All other answers.
  var refusals: [AdminReply] { self.seen.withLock { $0.refusals } }

  func stop() throws {
    self.isOver.store(true, ordering: .relaxed)
    try self.awaitEnd()
  }

  func awaitEnd() throws {
    try Deadline.wait(for: "the writers to end", seconds: 60) { self.seen.withLock { $0.running == 0 } }
  }

  private func write(_ prefix: String, at gateway: GatewayProcess) {
    for number in 0..<100_000 where !self.isOver.load(ordering: .relaxed) {
      let name = "\(prefix)-\(number)"
      let body: JSON = ["name": .string(name), "host": "h", "tags": ["a", .string(name)]]
      guard let reply = try? gateway.admin("POST", "/services", .json(body)) else { return }
      self.seen.withLock {
        if reply.status == 201 { $0.acknowledged.append(name) } else { $0.refusals.append(reply) }
      }
    }
  }
}

/// A thread that asks a gateway for the same again and again, on connections to all of its workers.
final class Traffic: Sendable {
  private let isOver = Atomic(false)
  private let seen = Mutex<Set<Int>>([])
  private let ended = Gate()

  init(_ target: String, headers: [(String, String)] = [], at gateway: GatewayProcess) throws {
    let connections = try ProxyConnections(gateway)
    Thread {
      while !self.isOver.load(ordering: .relaxed) {
        let statuses = (try? connections.statuses(target, headers: headers)) ?? [0]
        self.seen.withLock { $0.formUnion(statuses) }
      }
      self.ended.open()
    }.start()
  }

  /// Ends it.
  ///
  /// - Returns: the statuses that came, each once; 0 where no answer did.
  func stop() throws -> Set<Int> {
    self.isOver.store(true, ordering: .relaxed)
    try self.ended.wait()
    return self.seen.withLock { $0 }
  }
}
