// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

/// A parsed response head: facts, and places in the input it was parsed from. Owned by a connection
/// and used again for each of its responses; the array of fields keeps its memory.
@frozen
public struct ResponseHead: Sendable {
  public var version = HTTPVersion.http11
  /// The upstream would keep the connection open (RFC 9112, section 9.3). A response whose framing is
  /// `untilClose` ends the connection all the same.
  public var isPersistent = false
  /// 100–999.
  public var status: UInt16 = 0
  public var flags: HeadFlags = []
  /// May be empty.
  public var reason = ByteRange(offset: 0, count: 0)
  /// What the fields say of the content's end, `untilClose` if nothing; see `framing(answering:)` for
  /// what holds.
  public var declaredFraming = BodyFraming.untilClose
  public var fields: [HeaderField] = []
  @usableFromInline var present: UInt64 = 0

  @inlinable
  public init() {}

  /// Forgets everything and keeps the memory.
  @inlinable
  public mutating func reset() {
    var fields = self.fields
    self = ResponseHead()
    fields.removeAll(keepingCapacity: true)
    self.fields = fields
  }
}

extension ResponseHead {
  /// An interim response, after which the final one follows: 1xx, but not 101, which ends HTTP on
  /// this connection.
  @inlinable public var isInterim: Bool { self.status < 200 && self.status != 101 }
  @inlinable public var connectionHasClose: Bool { self.flags.contains(.connectionHasClose) }
  @inlinable public var connectionHasUpgrade: Bool { self.flags.contains(.connectionHasUpgrade) }
  /// `Connection` has options other than `close`, `keep-alive` and `upgrade`.
  @inlinable public var connectionNamesFields: Bool { self.flags.contains(.connectionNamesFields) }
  /// `Upgrade: websocket` with `Connection: upgrade`.
  @inlinable public var upgradesToWebSocket: Bool {
    self.flags.isSuperset(of: [.connectionHasUpgrade, .upgradeNamesWebSocket])
  }

  /// How the content ends of this response to a request of that method (RFC 9112, section 6.3).
  @inlinable
  public func framing(answering method: HTTPMethod) -> BodyFraming {
    if method == .head || self.status < 200 || self.status == 204 || self.status == 304 { return .none }
    if method == .connect, self.status < 300 { return .none }
    return self.declaredFraming
  }

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
