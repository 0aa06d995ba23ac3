// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonAdmin
internal import GibbonConfig
internal import GibbonControl
internal import GibbonCore
internal import GibbonEngine
internal import GibbonPluginAPI
internal import GibbonSchema
internal import Glibc

extension NodeFacts {
  init(_ configuration: Configuration, _ entities: EntitySource, nodeID: EntityID) {
    self.init(
      nodeID: nodeID, hostname: Self.hostName(), version: Release.version,
      kongVersion: Release.kongVersion)
    self.processID = Int(getpid())
    self.workers = EngineSettings.count(configuration.workers.count) ?? sysconf(Int32(_SC_NPROCESSORS_ONLN))
    self.plugins = entities.plugins.descriptors.map { ($0.name, $0.version, $0.priority) }
    self.showsServer = configuration.responses.headers.contains(.server)
    self.showsLatency = configuration.responses.headers.contains(.responseLatency)
    self.serverLimits = ServerLimits(configuration.admin)
    self.allowedOrigins = configuration.admin.allowedOrigins
    self.allowedHosts = configuration.admin.allowedHosts
  }

  private static func hostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    // gethostname() writes at most the length it is given, which is the array's own less the closing zero.
    guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension ServerLimits {
  init(_ settings: AdminSettings) {
    self.init()
    self.bodyBytes = settings.bodyBytes
    self.headTimeout = settings.headTimeout
    self.bodyTimeout = settings.bodyTimeout
    self.sendTimeout = settings.sendTimeout
    self.idleTimeout = settings.idleTimeout
  }
}

extension Configuration {
  /// Every property by its name, in the JSON type that clients of Kong expect.
  var shown: JSONObject {
    var object: JSONObject = [:]
    for (name, value, _) in self.listing { object[name] = Self.value(value, of: name) }
    object["database"] = .string(self.database.rawValue)
    return object
  }

  private static func value(_ text: String, of name: String) -> JSONValue {
    if text == Property.redaction { return .string(text) }
    switch PropertyTable.property(named: name)?.type {
    case .flag: return .bool(["on", "true", "yes", "1"].contains(text.lowercased()))
    case .integer, .number:
      guard let number = Double(text) else { return .string(text) }
      return Int64(exactly: number).map { .int($0) } ?? .double(number)
    case .list, .words, .listeners:
      return .strings(text.split(separator: ",").map { String($0.drop { $0 == " " }) })
    default: return .string(text)
    }
  }
}
