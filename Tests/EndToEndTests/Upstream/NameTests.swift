// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Names of targets and services over time.
@Suite struct NameTests {
  private static let name = "pool.gibbon-test.example"

  /// A gateway without a datastore whose one service goes to an upstream of these targets.
  private static func gateway(
    _ targets: [String], _ names: NameServer, service: String = "", settings: [String: String] = [:]
  ) throws -> GatewayProcess {
    let list = targets.map { "  - target: \($0)\n" }.joined()
    return try GatewayProcess(
      administered: nil,
      declarative: """
        _format_version: "3.0"
        upstreams:
        - name: pool.test
          targets:
        \(list)
        services:
        - name: pool
          host: pool.test
          routes:
          - name: all
            paths: [/]
        \(service)
        """,
      settings: ["dns_resolver": "127.0.0.1:\(names.port)"].merging(settings) { _, new in new })
  }

  @Test func aNameIsAskedForAgainWithoutTraffic() throws {
    let (one, two) = (try Origin { try $0.respond(body: "one") }, try Origin { try $0.respond(body: "two") })
    let names = try NameServer(records: [
      Self.name: .init(services: [.init("one.gibbon-test.example", port: one.port)], ttl: 1),
      "one.gibbon-test.example": .init(["127.0.0.1"], ttl: 1),
    ])
    let gateway = try Self.gateway(["\(Self.name):80"], names)
    #expect(try gateway.get().text == "one")
    names.set(Self.name, .init(services: [.init("one.gibbon-test.example", port: two.port)], ttl: 1))
    let asked = names.questions.count
    try Deadline.wait(for: "questions without traffic") { names.questions.count > asked + 3 }
    #expect(try gateway.get().text == "two")
  }

  @Test func portsAndWeightsOfServiceRecordsCount() throws {
    let origins = try (0..<2).map { number in
      try Origin { try $0.respond(body: "\(number)\($0.head["Host"] ?? "")") }
    }
    let names = try NameServer(records: [
      "_web._tcp.gibbon-test.example": .init(
        services: [
          .init("a.gibbon-test.example", port: origins[0].port, weight: 1),
          .init("a.gibbon-test.example", port: origins[1].port, weight: 3),
        ]), "a.gibbon-test.example": .init(["127.0.0.1"]),
    ])
    let gateway = try Self.gateway(["_web._tcp.gibbon-test.example:80"], names)
    var texts: [String: Int] = [:]
    for _ in 0..<8 { texts[try gateway.get().text, default: 0] += 1 }
    let host = "_web._tcp.gibbon-test.example"
    #expect(texts == ["0\(host):\(origins[0].port)": 2, "1\(host):\(origins[1].port)": 6])
  }

  @Test func aTargetThatCannotBeResolvedIsPassedBy() throws {
    let origin = try Origin { try $0.respond(body: "here") }
    let names = try NameServer([:])
    let gateway = try Self.gateway(["nobody.gibbon-test.example:80", "127.0.0.1:\(origin.port)"], names)
    for _ in 0..<6 { #expect(try gateway.get().status == 200) }
    let health = try gateway.admin("GET", "/upstreams/pool.test/health").data
    let missing = health.first { $0["target"] == "nobody.gibbon-test.example:80" }
    #expect(missing?["health"] == "DNS_ERROR" && missing?["data"]["dns"] == "dns server error: 3 name error")
  }

  @Test func whenNoTargetCanBeResolvedTheLogSaysSoOfEach() throws {
    let names = try NameServer([:])
    let gateway = try Self.gateway(["nobody.gibbon-test.example:80", "none.gibbon-test.example:81"], names)
    let response = try gateway.get()
    #expect(response.status == 503)
    #expect(response.text.contains("failure to get a peer from the ring-balancer"))
    try Deadline.wait(for: "the reasons") {
      gateway.log.contains(
        "upstream 'pool.test' has no peer: nobody.gibbon-test.example:80: dns server error: 3 name error; "
          + "none.gibbon-test.example:81: dns server error: 3 name error")
    }
  }

  @Test func oldAnswersServeWhileTheServerIsSilentAndNoLonger() throws {
    let origin = try Origin { try $0.respond(body: "here") }
    let names = try NameServer(records: [Self.name: .init(["127.0.0.1"], ttl: 1)])
    let gateway = try Self.gateway(["\(Self.name):\(origin.port)"], names, settings: ["dns_stale_ttl": "3"])
    #expect(try gateway.get().status == 200)
    names.setSilent(true)
    let asked = names.questions.count
    try Deadline.wait(for: "a question that gets no answer") { names.questions.count > asked }
    #expect(try gateway.get().status == 200)
    try Deadline.wait(for: "the end of the old answer") { try gateway.get().status == 503 }
    names.setSilent(false)
    try Deadline.wait(for: "the return of the server", seconds: 30) { try gateway.get().status == 200 }
  }

  /// The same for the host of a service, which has no upstream.
  @Test func theEndOfAnOldAnswerDoesNotMove() throws {
    let origin = try Origin { try $0.respond(body: "here") }
    let names = try NameServer(records: [Self.name: .init(["127.0.0.1"], ttl: 1)])
    let gateway = try GatewayProcess(
      """
      _format_version: "3.0"
      services:
      - name: plain
        host: \(Self.name)
        port: \(origin.port)
        routes:
        - name: all
          paths: [/]
      """, settings: ["dns_resolver": "127.0.0.1:\(names.port)", "dns_stale_ttl": "2"])
    #expect(try gateway.get().status == 200)
    names.setSilent(true)
    try Deadline.wait(for: "the end of the old answer", seconds: 20) {
      try gateway.get("/", seconds: 30).status == 503
    }
  }

  @Test func anUpstreamThatIsDeletedIsAHostAgain() throws {
    let (one, two) = (try Origin { try $0.respond(body: "one") }, try Origin { try $0.respond(body: "two") })
    let names = try NameServer([Self.name: "127.0.0.1"])
    let gateway = try GatewayProcess(
      administered: nil, settings: ["dns_resolver": "127.0.0.1:\(names.port)"])
    try gateway.create("/upstreams", ["name": .string(Self.name)])
    try gateway.create("/upstreams/\(Self.name)/targets", ["target": .string("127.0.0.1:\(one.port)")])
    try gateway.create("/services", ["name": "s", "host": .string(Self.name), "port": .integer(two.port)])
    try gateway.create("/services/s/routes", ["paths": ["/"]])
    #expect(try gateway.get().text == "one")
    #expect(try gateway.admin("DELETE", "/upstreams/\(Self.name)").status == 204)
    #expect(try gateway.get().text == "two")
  }

  @Test func whatIsKnownOfNamesIsShownWithTheNewClient() throws {
    let origin = try Origin { try $0.respond(body: "here") }
    let names = try NameServer(records: [Self.name: .init(["127.0.0.1"])])
    let gateway = try Self.gateway(
      ["\(Self.name):\(origin.port)"], names,
      settings: ["new_dns_client": "on", "resolver_address": "127.0.0.1:\(names.port)"])
    #expect(try gateway.get().status == 200)
    let reply = try gateway.statusAPI("GET", "/status/dns")
    #expect(reply.status == 200)
    let shown = reply.json["names"].array.first { $0["name"].string == Self.name }
    #expect(shown?["type"] == "A" && shown?["addresses"][0]["ip"] == "127.0.0.1")
    #expect(reply.json["stats"]["queries"].integer ?? 0 > 0)
  }
}
