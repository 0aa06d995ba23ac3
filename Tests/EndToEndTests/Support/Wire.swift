// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting

/// What the gateway says of itself on the wire: Kong's name and version, because clients compare them.
enum Wire {
  static let serverToken = "kong/3.9.3"
  static let via = "1.1 kong/3.9.3"

  /// 32 lower-case hexadecimal digits.
  static func isRequestID(_ text: String?) -> Bool {
    guard let text else { return false }
    return text.utf8.count == 32
      && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (97...102).contains($0) }
  }

  /// A whole number of milliseconds.
  static func isLatency(_ text: String?) -> Bool {
    text.map { !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } } ?? false
  }
}

/// An origin and a gateway in front of it.
final class Fixture: Sendable {
  let origin: Origin
  let gateway: GatewayProcess

  /// One service with one route for everything; see `Declarative.service`.
  init(
    path: String? = nil, service: String = "", route: String = "", global: String = "",
    settings: [String: String] = [:], handler: @escaping Origin.Handler = { try $0.echo() }
  ) throws {
    let origin = try Origin(handler)
    self.origin = origin
    let text = Declarative.service(port: origin.port, path: path, service: service, route: route, global: global)
    self.gateway = try GatewayProcess(text, settings: settings)
  }

  /// A declarative file made from the origin's port.
  init(
    declarative: (Int) -> String, settings: [String: String] = [:],
    handler: @escaping Origin.Handler = { try $0.echo() }
  ) throws {
    self.origin = try Origin(handler)
    self.gateway = try GatewayProcess(declarative(self.origin.port), settings: settings)
  }
}
