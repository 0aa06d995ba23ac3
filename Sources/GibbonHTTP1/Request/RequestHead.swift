// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

/// A parsed request head: facts, and places in the input it was parsed from. Owned by a connection
/// and used again for each of its requests; the array of fields keeps its memory.
@frozen
public struct RequestHead: Sendable {
  public var method = HTTPMethod.other
  public var version = HTTPVersion.http11
  public var form = TargetForm.origin
  /// The connection may carry another request after this one (RFC 9112, section 9.3).
  public var isPersistent = false
  public var flags: HeadFlags = []
  /// The port of `authority`; nil when it has none.
  public var port: UInt16?

  public var methodName = ByteRange(offset: 0, count: 0)
  /// As received, a fragment included.
  public var target = ByteRange(offset: 0, count: 0)
  /// The scheme of an absolute-form target as received, or `:scheme` of HTTP/2; empty for the other forms.
  public var scheme = ByteRange(offset: 0, count: 0)
  /// As received, without query. May be empty in absolute form (which means `/`); empty in authority
  /// form; `*` in asterisk form.
  public var path = ByteRange(offset: 0, count: 0)
  /// What follows `?`; nil when there is none.
  public var query: ByteRange?
  /// Host and port the request is for: those of an absolute-form or authority-form target, else the
  /// value of `Host`; empty if neither is there (HTTP/1.0).
  public var authority = ByteRange(offset: 0, count: 0)
  /// `authority` without the port and without the dot that may end a name; an IPv6 literal keeps its brackets.
  public var hostName = ByteRange(offset: 0, count: 0)

  public var framing = BodyFraming.none
  public var fields: [HeaderField] = []
  @usableFromInline var present: UInt64 = 0

  @inlinable
  public init() {}

  /// Forgets everything and keeps the memory.
  @inlinable
  public mutating func reset() {
    var fields = self.fields
    self = RequestHead()
    fields.removeAll(keepingCapacity: true)
    self.fields = fields
  }
}

extension RequestHead {
  /// `Expect: 100-continue`, which HTTP/1.0 does not have (RFC 9110, section 10.1.1).
  @inlinable public var expectsContinue: Bool { self.flags.contains(.expectsContinue) && self.version != .http10 }
  @inlinable public var connectionHasClose: Bool { self.flags.contains(.connectionHasClose) }
  @inlinable public var connectionHasUpgrade: Bool { self.flags.contains(.connectionHasUpgrade) }
  /// `Connection` has options other than `close`, `keep-alive` and `upgrade`.
  @inlinable public var connectionNamesFields: Bool { self.flags.contains(.connectionNamesFields) }
  /// `Upgrade: websocket` with `Connection: upgrade`, in HTTP/1.1; in HTTP/2 the extended CONNECT for it.
  @inlinable public var upgradesToWebSocket: Bool {
    self.flags.isSuperset(of: [.connectionHasUpgrade, .upgradeNamesWebSocket]) && self.version != .http10
  }
  /// An extended CONNECT of HTTP/2 (RFC 8441), which is shown as the GET it stands for.
  @inlinable public var isExtendedConnect: Bool { self.flags.contains(.isExtendedConnect) }
  /// The target has bytes beyond ASCII, which leave the gateway percent-encoded.
  @inlinable public var targetHasHighBytes: Bool { self.flags.contains(.targetHasHighBytes) }
  /// `TE: trailers`.
  @inlinable public var acceptsTrailers: Bool { self.flags.contains(.acceptsTrailers) }

  /// Whether a field of this name is there. Never for `other`.
  @inlinable
  public func has(_ known: KnownField) -> Bool { self.present & known.bit != 0 }

  /// The first field of this name, at the cost of one bit test when there is none.
  @inlinable
  public func first(_ known: KnownField) -> HeaderField? {
    if self.present & known.bit == 0 { return nil }
    for field in self.fields where field.known == known { return field }
    return nil
  }

  /// Appends a field line.
  @inlinable
  public mutating func append(_ field: HeaderField) {
    self.fields.append(field)
    self.present |= field.known.bit
  }
}
