// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonPluginAPI
import GibbonPlugins
import GibbonSchema
import Testing

@Suite struct BundledPluginsTests {
  /// A change here changes what requests go through: Kong's order, facts of the plugins, section 0.
  @Test func theOrderOfExecutionIsKongs() {
    let order = BundledPlugins.all.map { $0.descriptor }.sorted().map { "\($0.priority) \($0.name)" }
    #expect(
      order == [
        "100001 correlation-id", "2500 bot-detection", "2000 cors", "1450 jwt", "1250 key-auth", "1100 basic-auth",
        "1030 hmac-auth", "998 grpc-gateway", "990 ip-restriction", "951 request-size-limiting", "950 acl",
        "910 rate-limiting",
        "900 response-ratelimiting", "801 request-transformer", "800 response-transformer", "779 redirect",
        "100 proxy-cache",
        "13 prometheus", "12 http-log", "11 statsd", "9 file-log", "8 udp-log", "7 tcp-log", "4 syslog", "3 grpc-web",
        "2 request-termination",
      ])
  }

  @Test func equalPrioritiesRunByNameDescending() {
    func descriptor(_ name: String, _ priority: Int) -> PluginDescriptor {
      PluginDescriptor(
        version: "1.0.0", priority: priority, phases: .access, schema: PluginSchema(name, config: [Field]()))
    }
    let sorted = [descriptor("a", 1), descriptor("c", 1), descriptor("b", 2)].sorted().map(\.name)
    #expect(sorted == ["b", "c", "a"])
  }

  @Test func namesAndPrioritiesAreDistinct() {
    let all = BundledPlugins.all.map { $0.descriptor }
    #expect(Set(all.map(\.name)).count == all.count)
    #expect(Set(all.map(\.priority)).count == all.count)
  }

  @Test func theyReportKongsVersion() {
    for plugin in BundledPlugins.all { #expect(plugin.descriptor.version == "3.9.3", "\(plugin.descriptor.name)") }
  }

  @Test func eachListsThePhasesItTakesPartIn() {
    let phases = BundledPlugins.all.map { ($0.descriptor.name, $0.descriptor.phases) }
    #expect(
      Dictionary(uniqueKeysWithValues: phases) == [
        "acl": .access, "basic-auth": .access, "bot-detection": .access, "correlation-id": [.access, .headerFilter],
        "cors": [.access, .headerFilter], "grpc-gateway": [.access, .headerFilter, .bodyFilter],
        "grpc-web": [.access, .headerFilter, .bodyFilter],
        "hmac-auth": .access, "ip-restriction": .access, "jwt": .access,
        "key-auth": .access, "proxy-cache": [.access, .headerFilter, .bodyFilter], "rate-limiting": .access,
        "redirect": .access, "request-size-limiting": .access,
        "request-termination": .access, "request-transformer": .access,
        "response-ratelimiting": [.access, .headerFilter, .log],
        "response-transformer": [.access, .headerFilter, .bodyFilter], "file-log": .log, "http-log": .log,
        "prometheus": .log,
        "statsd": .log,
        "syslog": .log, "tcp-log": .log, "udp-log": .log,
      ])
  }

  @Test func theyRunOnTheHTTPFamily() throws {
    // As in Kong, some accept streams as well.
    for plugin in BundledPlugins.all where plugin.descriptor.schema.protocols == .http {
      let name = plugin.descriptor.name
      let entity = try validate(name, leastConfig(of: name)).get()
      #expect(entity["protocols"]?.description == #"["grpc","grpcs","http","https"]"#, "\(name)")
      #expect(outcome(name, leastConfig(of: name), ["protocols": ["tcp"]]).contains("protocols"), "\(name)")
    }
  }

  @Test func anUnknownPluginIsRefusedWithKongsWords() {
    let reason = "plugin 'no-such-plugin' not enabled; add it to the 'plugins' configuration property"
    #expect(outcome("no-such-plugin", [:]) == "schema violation (name: \(reason))")
  }

  /// An instance is made of every valid configuration: the schema and the type agree.
  @Test func defaultsDecodeForEveryPlugin() throws {
    for plugin in BundledPlugins.all { try Self.decode(plugin) }
  }

  private static func decode<P: Plugin>(_ plugin: P.Type) throws {
    let least = leastConfig(of: P.descriptor.name)
    _ = try configured(plugin, least)
    _ = try instance(plugin, least)
  }
}

/// The least that a plugin's configuration must say.
private func leastConfig(of plugin: String) -> JSONValue {
  switch plugin {
  case "acl": ["allow": ["a"]]
  case "file-log": ["path": "/dev/null"]
  case "http-log": ["http_endpoint": "http://127.0.0.1:1/"]
  case "tcp-log", "udp-log": ["host": "127.0.0.1", "port": 1]
  case "ip-restriction": ["allow": ["127.0.0.1"]]
  case "proxy-cache": ["strategy": "memory"]
  case "rate-limiting": ["minute": 1]
  case "response-ratelimiting": ["limits": ["video": ["minute": 1]]]
  case "redirect": ["location": "https://elsewhere.example"]
  default: [:]
  }
}
