// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Synchronization
import Testing

/// Many clients at once.
@Suite struct AdminConcurrencyTests {
  /// Runs `work` on that many threads and collects what each returns.
  private func together<Value: Sendable>(
    _ count: Int, _ work: @escaping @Sendable (Int) -> Value
  ) throws -> [Value] {
    let results = Results<Value>()
    let ended = Gate()
    for number in 0..<count {
      Thread {
        results.add(work(number))
        ended.open()
      }.start()
    }
    for _ in 0..<count { try ended.wait(seconds: 30) }
    return results.all
  }

  @Test func changesOfTheSameEntityAllCount() throws {
    let gateway = try AdminGateway.shared()
    try gateway.create("/services", ["name": "contended", "host": "h"])
    let fields = ["retries", "connect_timeout", "read_timeout", "write_timeout", "port"]
    let failures = try self.together(fields.count) { number in
      (1...20).compactMap { value in
        let reply = try? gateway.admin("PATCH", "/services/contended", .json([fields[number]: .integer(value)]))
        return reply?.status == 200 ? nil : "\(reply.debugDescription)"
      }
    }
    #expect(failures.flatMap { $0 } == [])
    let service = try gateway.admin("GET", "/services/contended").json
    for field in fields { #expect(service[field] == 20, "\(field)") }
  }

  @Test func oneOfManyGetsTheName() throws {
    let gateway = try AdminGateway.shared()
    let statuses = try self.together(8) { _ in
      (try? gateway.admin("POST", "/consumers", .json(["username": "wanted"])))?.status ?? 0
    }
    #expect(statuses.sorted() == [201] + Array(repeating: 409, count: 7))
  }

  @Test func theParentOfNewChildrenIsNotDeletedUnderThem() throws {
    let gateway = try AdminGateway.shared()
    for round in 0..<10 {
      let name = "race-\(round)"
      try gateway.create("/services", ["name": .string(name), "host": "h"])
      let statuses = try self.together(2) { number in
        let reply =
          number == 0
          ? try? gateway.admin("DELETE", "/services/\(name)")
          : try? gateway.admin("POST", "/services/\(name)/routes", .json(["paths": ["/race"], "name": .string(name)]))
        return reply?.status ?? 0
      }
      let isThere = try gateway.admin("GET", "/services/\(name)").status == 200
      let hasRoute = try gateway.admin("GET", "/routes/\(name)").status == 200
      #expect(isThere == hasRoute, "\(statuses)")
    }
  }

  @Test func trafficGoesOnWhileEntitiesChange() throws {
    let origin = try Origin { try $0.respond(body: "origin") }
    let gateway = try GatewayProcess(administered: nil)
    try gateway.create("/services", ["name": "steady", "host": "127.0.0.1", "port": .integer(origin.port)])
    try gateway.create("/services/steady/routes", ["paths": ["/steady"]])
    let outcomes = try self.together(3) { number -> Set<String> in
      if number == 0 {
        let statuses = (0..<60).map { index in
          let path = "/busy-\(index)"
          let made = try? gateway.admin("POST", "/services/steady/routes", .json(["paths": [.string(path)]]))
          let seen = try? gateway.get(path)
          let gone = try? gateway.admin("DELETE", "/routes/\(made?.id ?? "")")
          return "\(made?.status ?? 0) \(seen?.status ?? 0) \(gone?.status ?? 0)"
        }
        return Set(statuses)
      }
      guard let client = try? RawClient(port: gateway.port) else { return ["no connection"] }
      let answers = (0..<300).map { _ -> String in
        guard (try? client.request("GET", "/steady")) != nil, let answer = try? client.response() else { return "none" }
        return "\(answer.status) \(answer.text)"
      }
      return Set(answers)
    }
    #expect(Set(outcomes) == [["201 200 204"], ["200 origin"]])
  }
}

/// What the threads of a test returned.
private final class Results<Value: Sendable>: Sendable {
  private let values = Mutex<[Value]>([])

  var all: [Value] { self.values.withLock { $0 } }

  func add(_ value: Value) { self.values.withLock { $0.append(value) } }
}
