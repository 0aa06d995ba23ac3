// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonSchema
import GibbonTesting
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

/// The statsd plugin: its lines, and how they travel.
@Suite struct StatsdTests {
  private static let workspace = "\(Workspace.defaultID)"

  private static func lines(_ config: JSONValue, _ request: FakeRequest, hostname: String = "node_1") throws -> [String]
  {
    let lines = StatsdLines(try configured(StatsdPlugin.self, config), hostname: hostname)
    defer { withExtendedLifetime(request) {} }
    return String(decoding: lines.lines(request.context), as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private static func request(service name: String? = "shop.v1", consumer: Bool = true) throws -> FakeRequest {
    let request = try finished()
    request.receivedBytes = 88
    request.sentBytes = 512
    request.latencies = RequestLatencies(kong: 3, proxy: 20, request: 25, receive: 2)
    request.matchedRoute = Route(name: "r")
    request.matchedService = Service(name: name, host: "a.test")
    if consumer { request.consumer = Consumer(username: "ann", customID: "c-1") }
    return request
  }

  private static func metric(_ name: String, _ type: String, _ others: JSONObject = [:]) -> JSONValue {
    var metric: JSONObject = ["name": .string(name), "stat_type": .string(type), "sample_rate": 1]
    for member in others { metric[member.key] = member.value }
    return .object(metric)
  }

  // MARK: Names of people

  @Test(arguments: [
    ("ann.b", "ann.b"), ("a:1|c", "a_1_c"), ("a\nevil:1|c", "a_evil_1_c"), ("a b#c,d=e", "a_b_c_d_e"),
    ("[x]{y}\"z\"\\", "_x__y__z__"), ("a@b", "a@b"), ("é\u{7F}", "é_"), ("\r\n\u{0}", "___"),
  ]) func whatSeparatesIsEncoded(name: String, encoded: String) throws {
    #expect(StatsdLines.encoded(name) == encoded)
    let request = try Self.request()
    request.consumer = Consumer(username: "u", customID: name)
    for style in [nil, "dogstatsd", "influxdb", "librato", "signalfx"] as [String?] {
      let lines = try Self.lines(["tag_style": style.map { .string($0) } ?? .null], request)
      #expect(lines.allSatisfy { $0.hasPrefix("kong.") } && lines.contains { $0.contains(encoded) }, "\(lines)")
    }
  }

  // MARK: Lines

  @Test func theUsualMetrics() throws {
    let request = try Self.request()
    let route = try #require(request.matchedRoute).id
    #expect(
      try Self.lines([:], request) == [
        "kong.service.shop_v1.request.count:1|c", "kong.service.shop_v1.latency:25|ms",
        "kong.service.shop_v1.request.size:88|c", "kong.service.shop_v1.status.200:1|c",
        "kong.service.shop_v1.response.size:512|c", "kong.service.shop_v1.user.uniques:c-1|s",
        "kong.service.shop_v1.user.c-1.request.count:1|c", "kong.service.shop_v1.upstream_latency:20|ms",
        "kong.service.shop_v1.kong_latency:3|ms", "kong.service.shop_v1.user.c-1.status.200:1|c",
        "kong.service.shop_v1.workspace.\(Self.workspace).status.200:1|c",
        "kong.route.\(route).user.c-1.status.200:1|c",
      ])
  }

  @Test func withoutServiceAndConsumer() throws {
    let request = try finished(status: 404)
    request.latencies = RequestLatencies(kong: 3, proxy: -1, request: 3, receive: 0)
    #expect(
      try Self.lines(["prefix": "p"], request) == [
        "p.global.unmatched.request.count:1|c", "p.global.unmatched.latency:3|ms",
        "p.global.unmatched.request.size:100|c", "p.global.unmatched.status.404:1|c",
        "p.global.unmatched.response.size:200|c", "p.global.unmatched.kong_latency:3|ms",
        "p.global.unmatched.workspace.\(Self.workspace).status.404:1|c",
      ])
  }

  @Test func identifiersOfTheService() throws {
    func name(_ identifier: String, _ service: String?) throws -> String? {
      let metric = Self.metric("request_count", "counter", ["service_identifier": .string(identifier)])
      return try Self.lines(["metrics": [metric]], try Self.request(service: service)).first
    }
    #expect(try name("service_name", "s") == "kong.service.s.request.count:1|c")
    #expect(try name("service_name", nil) == "kong.service.unnamed.request.count:1|c")
    #expect(try name("service_host", "s") == "kong.service.a_test.request.count:1|c")
    #expect(try name("service_name_or_host", nil) == "kong.service.a_test.request.count:1|c")
    #expect(try name("service_id", "s")?.utf8.count == "kong.service..request.count:1|c".utf8.count + 36)
  }

  @Test func identifiersOfConsumersAndWorkspaces() throws {
    let request = try Self.request()
    let id = try #require(request.consumer).id
    func line(_ name: String, _ others: JSONObject) throws -> String? {
      try Self.lines(["metrics": [Self.metric(name, "counter", others)]], request).first
    }
    #expect(
      try line("unique_users", ["consumer_identifier": "username"]) == "kong.service.shop_v1.user.uniques:ann|s")
    #expect(
      try line("request_per_user", ["consumer_identifier": "consumer_id"])
        == "kong.service.shop_v1.user.\(id).request.count:1|c")
    #expect(
      try line("status_count_per_workspace", ["workspace_identifier": "workspace_name"])
        == "kong.service.shop_v1.workspace.default.status.200:1|c")
    let defaults: JSONValue = [
      "metrics": [Self.metric("unique_users", "set")], "consumer_identifier_default": "username",
    ]
    #expect(try Self.lines(defaults, request) == ["kong.service.shop_v1.user.uniques:ann|s"])
  }

  @Test func typesAndRates() throws {
    let request = try Self.request()
    func suffix(_ type: String, _ rate: JSONValue) throws -> Substring? {
      let metrics: JSONValue = [Self.metric("latency", type, ["sample_rate": rate])]
      return try Self.lines(["metrics": metrics], request).first?.split(separator: ":").last
    }
    #expect(try suffix("counter", 0.5) == "25|c|@0.5" && suffix("gauge", 1) == "25|g")
    #expect(try suffix("timer", .null) == "25|ms" && suffix("histogram", .null) == "25|h")
    #expect(try suffix("meter", .null) == "25|m" && suffix("set", .null) == "25|s")
    // Counters whatever is configured.
    let status: JSONValue = ["metrics": [Self.metric("status_count", "gauge", ["sample_rate": 0.1])]]
    #expect(try Self.lines(status, request) == ["kong.service.shop_v1.status.200:1|c|@0.1"])
  }

  @Test func theHostnameInThePrefix() throws {
    let config: JSONValue = ["hostname_in_prefix": true, "metrics": [Self.metric("request_count", "counter")]]
    #expect(try Self.lines(config, try Self.request()) == ["kong.node.node_1.service.shop_v1.request.count:1|c"])
  }

  @Test(
    arguments: [
      ("dogstatsd", "kong.request.count:1|c|#", ":", ""), ("influxdb", "kong.request.count,", "=", ":1|c"),
      ("librato", "kong.request.count#", "=", ":1|c"), ("signalfx", "kong.request.count[", "=", "]:1|c"),
    ]) func tags(style: String, before: String, separator: String, after: String) throws
  {
    let metrics: JSONValue = [
      Self.metric("request_count", "counter"), Self.metric("status_count", "counter"),
      Self.metric("unique_users", "set"), Self.metric("shdict_usage", "gauge"),
    ]
    let config: JSONValue = ["metrics": metrics, "tag_style": .string(style), "hostname_in_prefix": true]
    let tags = [
      "service:shop.v1", "route:r", "workspace:\(Self.workspace)", "consumer:c-1", "node:node_1", "status:200",
    ].map { $0.replacing(":", with: separator) }.joined(separator: ",")
    #expect(try Self.lines(config, try Self.request()) == ["\(before)\(tags)\(after)"])
    #expect(try Self.lines(config, try finished()) == ["kong.request.count:1|c"])
  }

  @Test func namesDoNotBeginLines() throws {
    let request = try Self.request()
    request.consumer = Consumer(username: "a\nforged:1|c", customID: "b\r\nc")
    let lines = try Self.lines(["metrics": [Self.metric("unique_users", "set")]], request)
    #expect(lines == ["kong.service.shop_v1.user.uniques:b__c|s"])
  }

  // MARK: On the wire

  private static func config(port: Int, _ others: JSONObject = [:]) -> JSONValue {
    var config: JSONObject = ["host": "127.0.0.1", "port": .int(Int64(port))]
    for member in others { config[member.key] = member.value }
    return .object(config)
  }

  @Test func eachLineIsADatagram() async throws {
    let receiver = try DatagramReceiver()
    let plugin = try instance(StatsdPlugin.self, Self.config(port: receiver.port))
    try log(plugin, try Self.request())
    let seen = try await blocking { try (0..<12).map { _ in try receiver.receiveText() } }
    #expect(
      seen.contains("kong.service.shop_v1.request.count:1|c") && seen.contains("kong.service.shop_v1.latency:25|ms"))
  }

  @Test func linesArePacked() async throws {
    let receiver = try DatagramReceiver()
    let plugin = try instance(StatsdPlugin.self, Self.config(port: receiver.port, ["udp_packet_size": 65507]))
    try log(plugin, try Self.request())
    let seen = try await blocking { try receiver.receiveText() }
    #expect(seen.split(separator: "\n").count == 12 && !seen.hasSuffix("\n"))
  }

  @Test func linesGoOverTCP() async throws {
    let listener = try ListeningSocket()
    let plugin = try instance(StatsdPlugin.self, Self.config(port: listener.port, ["use_tcp": true]))
    for _ in 0..<2 { try log(plugin, try Self.request()) }
    let lines = try await blocking {
      guard let socket = listener.accept(seconds: Deadline.defaultSeconds) else {
        throw HarnessError(.timedOut, "nobody connected")
      }
      let reader = MessageReader(socket)
      return try (0..<24).map { _ in String(decoding: try reader.read(through: [0x0A]), as: UTF8.self) }
    }
    #expect(lines.count { $0 == "kong.service.shop_v1.request.count:1|c\n" } == 2)
  }

  @Test func aServerThatComesLateGetsWhatWaited() async throws {
    let port = try FreePort()
    let reports = Reports()
    let plugin = try instance(
      StatsdPlugin.self,
      Self.config(
        port: port.number, ["use_tcp": true, "queue": ["initial_retry_delay": 0.01, "max_retry_delay": 0.01]]),
      host: reports.host)
    try log(plugin, try Self.request())
    try await eventually("a failure") { reports.has("failed to connect to 127.0.0.1:\(port.number)") }
    let listener = try ListeningSocket(port: port.number)
    let line = try await blocking {
      guard let socket = listener.accept(seconds: Deadline.defaultSeconds) else {
        throw HarnessError(.timedOut, "nobody connected")
      }
      return String(decoding: try MessageReader(socket).read(through: [0x0A]), as: UTF8.self)
    }
    #expect(line == "kong.service.shop_v1.request.count:1|c\n")
  }

  @Test(arguments: [(10, ["aaa\nbbb\ncc", "ddddddddddddd", "e"]), (0, ["aaa", "bbb", "cc", "ddddddddddddd", "e"])])
  func packets(size: Int, expected: [String]) {
    let batch = ["aaa\nbbb", "cc\nddddddddddddd\ne"].map { Array($0.utf8) }
    #expect(StatsdPackets.datagrams(batch, size: size).map { String(decoding: $0, as: UTF8.self) } == expected)
    #expect(String(decoding: StatsdPackets.stream(batch), as: UTF8.self) == "aaa\nbbb\ncc\nddddddddddddd\ne\n")
  }

  @Test(
    arguments: [
      (.null, 200, true), (["200-299", "400-404"], 200, true), (["200-299", "400-404"], 404, true),
      (["200-299"], 301, false), ([], 200, false), (["299-200"], 250, false),
      (["99999999999999999999-1"], 200, false),
    ] as [(JSONValue, UInt16, Bool)])
  func onlySomeStatuses(codes: JSONValue, status: UInt16, isSent: Bool) async throws {
    let receiver = try DatagramReceiver()
    let metrics: JSONValue = [Self.metric("status_count", "counter")]
    let plugin = try instance(
      StatsdPlugin.self, Self.config(port: receiver.port, ["metrics": metrics, "allow_status_codes": codes]))
    try log(plugin, try finished(status: status))
    if !isSent {
      try log(
        try instance(StatsdPlugin.self, Self.config(port: receiver.port, ["metrics": metrics])),
        try finished(status: 599))
    }
    let seen = try await blocking { try receiver.receiveText() }
    #expect(seen == "kong.global.unmatched.status.\(isSent ? status : 599):1|c")
  }

  // MARK: Configuration

  @Test func defaultsAreKongs() throws {
    let object = try validate("statsd", [:]).get()
    let config = try #require(object["config"])
    #expect(config["host"] == "localhost" && config["port"] == 8125 && config["prefix"] == "kong")
    #expect(config["metrics"]?.arrayValue?.count == 13 && config["udp_packet_size"] == 0 && config["use_tcp"] == false)
    #expect(config["metrics"]?[1]?["sample_rate"] ?? .null == .null && config["metrics"]?[0]?["sample_rate"] == 1)
    #expect(
      config["consumer_identifier_default"] == "custom_id" && config["workspace_identifier_default"] == "workspace_id")
    #expect(config["service_identifier_default"] == "service_name_or_host" && config["tag_style"] == .null)
  }

  static let refused: [(JSONValue, String)] = [
    (["metrics": [["name": "request_count", "stat_type": "counter"]]], "required field missing"),
    (["metrics": [["stat_type": "counter", "sample_rate": 1]]], "required field missing"),
    (["metrics": [["name": "x", "stat_type": "timer"]]], "expected one of: kong_latency, latency, request_count"),
    (
      ["metrics": [["name": "latency", "stat_type": "x"]]],
      "expected one of: counter, gauge, histogram, meter, set, timer"
    ),
    (["metrics": [metric("latency", "timer", ["sample_rate": 0])]], "value must be greater than 0"),
    (
      ["metrics": [metric("latency", "timer", ["service_identifier": "x"])]],
      "expected one of: service_id, service_name"
    ),
    (["allow_status_codes": ["test"]], "invalid value: test"), (["allow_status_codes": ["200"]], "invalid value: 200"),
    (["udp_packet_size": -1], "value should be between 0 and 65507"),
    (["udp_packet_size": 65508], "value should be between 0 and 65507"),
    (["udp_packet_size": "a"], "expected a number"),
    (["consumer_identifier_default": "x"], "expected one of: consumer_id, custom_id, username"),
    (["tag_style": "x"], "expected one of: dogstatsd, influxdb, librato, signalfx"),
  ]

  @Test(arguments: Self.refused) func refusedConfigurations(config: JSONValue, message: String) {
    #expect(outcome("statsd", config).contains(message), "\(outcome("statsd", config))")
  }
}
