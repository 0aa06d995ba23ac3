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

  /// Calls `visit` with every value of a header until it answers false.
  ///
  /// `name` is lower case with `_` for `-` (Kong's spelling in expressions); a header of the request
  /// has that name when it is equal after the same change.
  func visitHeaderValues(_ name: String, _ visit: (Span<UInt8>) -> Bool)

  /// Calls `visit` with every decoded value of a query argument until it answers false. The name
  /// compares byte for byte; an argument without `=` has the empty value.
  func visitQueryValues(_ name: String, _ visit: (Span<UInt8>) -> Bool)
}
