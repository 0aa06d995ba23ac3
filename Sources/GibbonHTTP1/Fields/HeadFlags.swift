// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Yes-or-no facts that a head's fields state.
@frozen
public struct HeadFlags: OptionSet, Sendable {
  public var rawValue: UInt16

  @inlinable
  public init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// `Connection` has the option `close`.
  @inlinable public static var connectionHasClose: HeadFlags { HeadFlags(rawValue: 1) }
  /// `Connection` has the option `keep-alive`.
  @inlinable public static var connectionHasKeepAlive: HeadFlags { HeadFlags(rawValue: 2) }
  /// `Connection` has the option `upgrade`.
  @inlinable public static var connectionHasUpgrade: HeadFlags { HeadFlags(rawValue: 4) }
  /// `Connection` has options other than those three: fields that are hop-by-hop.
  @inlinable public static var connectionNamesFields: HeadFlags { HeadFlags(rawValue: 8) }
  /// `Upgrade` has the protocol `websocket`.
  @inlinable public static var upgradeNamesWebSocket: HeadFlags { HeadFlags(rawValue: 16) }
  /// `TE` has `trailers`.
  @inlinable public static var acceptsTrailers: HeadFlags { HeadFlags(rawValue: 32) }
  /// `Expect` is `100-continue`.
  @inlinable public static var expectsContinue: HeadFlags { HeadFlags(rawValue: 64) }
  /// The request target has bytes beyond ASCII, which are valid UTF-8.
  @inlinable public static var targetHasHighBytes: HeadFlags { HeadFlags(rawValue: 128) }
  /// The request came as an extended CONNECT (RFC 8441).
  @inlinable public static var isExtendedConnect: HeadFlags { HeadFlags(rawValue: 256) }
}
