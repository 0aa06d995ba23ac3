// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Dispatch
import GibbonCore
import GibbonModel
import GibbonSchema
import GibbonTesting
import Synchronization
import Testing

@testable import GibbonPluginAPI

/// What plugins say to the error log.
final class Reports: Sendable {
  private let held = Mutex<[String]>([])

  var host: PluginHost { PluginHost { level, text in self.held.withLock { $0.append("\(level) \(text)") } } }
  var lines: [String] { self.held.withLock { $0 } }

  func has(_ text: String) -> Bool { self.lines.contains { $0.contains(text) } }
}

extension PluginEnvironment {
  /// Of a plugin of that name.
  static func testing(_ name: String = "test", config: JSONValue = [:], host: PluginHost = PluginHost())
    -> PluginEnvironment
  {
    PluginEnvironment(
      plugin: PluginEntity(name: name, config: config), nodeID: .random(), directory: FakeDirectory(), host: host)
  }
}

/// An instance of a plugin with this configuration, on a node.
func instance<P: Plugin>(_ plugin: P.Type, _ config: JSONValue, host: PluginHost) throws -> P {
  try P(
    configuration: configured(plugin, config),
    environment: .testing(P.descriptor.name, config: config, host: host))
}

/// Runs what waits on a thread of its own, so that the tasks under test have theirs.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    DispatchQueue(label: "gibbon.test").async { continuation.resume(with: Result { try body() }) }
  }
}

/// Waits until something holds.
func eventually(_ what: String, _ condition: @escaping @Sendable () -> Bool) async throws {
  try await blocking { try Deadline.wait(for: what) { condition() } }
}

/// Runs the log phase for a finished request.
func log(_ plugin: some Plugin, _ request: FakeRequest) throws {
  try plugin.log(request.context)
  withExtendedLifetime(request) {}
}

/// A request that was answered with this status by a service.
func finished(_ target: String = "/path", status: UInt16 = 200, headers: [(String, String)] = []) throws -> FakeRequest
{
  let request = try FakeRequest(target, headers: headers)
  request.status = status
  request.responseSource = .service
  return request
}

/// What a log server got, parsed.
func parsed(_ bytes: some Sequence<UInt8>) throws -> JSONValue { try JSONParser.parse(Array(bytes)).get() }
