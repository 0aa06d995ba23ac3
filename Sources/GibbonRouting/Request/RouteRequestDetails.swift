// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

/// What the request came over: the values of Kong's `net.protocol`.
public enum RouteScheme: String, Sendable, CaseIterable {
  case http, https, tcp, udp, tls

  var isStream: Bool { self == .tcp || self == .udp || self == .tls }
}

/// An address and a port of the connection.
public struct RouteEndpoint: Sendable, Hashable {
  public let address: IPAddress
  public let port: UInt16

  public init(address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }
}

/// The rarely needed parts of a request. The router asks only when a route that could win uses them.
public protocol RouteRequestDetails: AnyObject {
  var scheme: RouteScheme { get }

  /// The server name of the TLS handshake.
  var sni: String? { get }
  var source: RouteEndpoint? { get }
  var destination: RouteEndpoint? { get }

  /// How many header fields there are, and how many bytes of a query: what a visit costs.
  var headerCount: Int { get }
  var queryLength: Int { get }

  /// Calls `visit` with every value of a header until it answers false.
  ///
  /// `name` is lower case. Meant are the fields of that name in any case of letters; where there is none, and the name
  /// has `_`, those with `-` in each such place. So `x_user` finds `X_User`, or else `X-User`, as in Kong.
  func visitHeaderValues(_ name: String, _ visit: (Span<UInt8>) -> Bool)

  /// Calls `visit` with every decoded value of a query argument until it answers false. The name
  /// compares byte for byte; an argument without `=` has the empty value.
  func visitQueryValues(_ name: String, _ visit: (Span<UInt8>) -> Bool)
}

/// Comparing a header field's name with one that the router asks for.
public enum RouteHeaderName {
  /// - Parameters:
  ///   - wanted: lower case.
  ///   - dashed: whether `_` of the wanted name stands for `-`.
  public static func isSame(_ field: Span<UInt8>, _ wanted: Span<UInt8>, dashed: Bool) -> Bool {
    guard field.count == wanted.count else { return false }
    for index in field.indices {
      let byte = wanted[index]
      let expected = dashed && byte == UInt8(ascii: "_") ? UInt8(ascii: "-") : byte
      guard field[index].asciiLowercased == expected else { return false }
    }
    return true
  }

  /// Whether a name may be looked for with `-`.
  public static func mayBeDashed(_ wanted: Span<UInt8>) -> Bool {
    for index in wanted.indices where wanted[index] == UInt8(ascii: "_") { return true }
    return false
  }
}
