// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Names that services take for others: those that hand fields on as variables (CGI and its heirs) do not tell `_` from
/// `-`. A client could say in `X_Real_IP` what the gateway says in `X-Real-IP`.
extension KnownField {
  /// Which known name a service may take this one for: nil for one without `_`.
  public static func takenFor(_ name: Span<UInt8>) -> KnownField? {
    var hasUnderscore = false
    for index in name.indices where name[index] == UInt8(ascii: "_") { hasUnderscore = true }
    guard hasUnderscore else { return nil }
    var dashed = ByteBuffer()
    for index in name.indices { dashed.append(name[index] == UInt8(ascii: "_") ? UInt8(ascii: "-") : name[index]) }
    return KnownField.of(dashed.span)
  }
}

/// Fields by which a gateway tells a service who the client is, beside the known ones.
public enum IdentityField {
  /// Beginnings of names, in lower case.
  private static let families: [StaticString] = [
    "x-consumer-", "x-credential-", "x-authenticated-", "x-anonymous-consumer", "x-client-cert", "client-cert",
    "ssl-client-", "x-ssl-client-", "x-forwarded-client-cert",
  ]

  /// Whether a name begins like one of these, or may be taken for such a name (`_` for `-`).
  public static func contains(_ name: Span<UInt8>) -> Bool {
    guard name.count > 0 else { return false }
    switch name[0] | 0x20 {
    case UInt8(ascii: "x"), UInt8(ascii: "c"), UInt8(ascii: "s"): break
    default: return false
    }
    for family in self.families where name.count >= family.utf8CodeUnitCount {
      if name.extracting(0..<family.utf8CodeUnitCount).isTaken(for: family) { return true }
    }
    return false
  }

  /// The same for `X-Forwarded-`, of which every field says something of the client or the way it came.
  public static func isForwarded(_ name: Span<UInt8>) -> Bool {
    name.count > 12 && name.extracting(0..<12).isTaken(for: "x-forwarded-")
  }
}

extension Span<UInt8> {
  /// Whether these bytes are the lower-case literal's but for case and `_` for `-`.
  fileprivate func isTaken(for literal: StaticString) -> Bool {
    guard self.count == literal.utf8CodeUnitCount else { return false }
    // Safety: a StaticString's UTF-8 is immortal and `count` bytes long.
    let expected = unsafe UnsafeBufferPointer(start: literal.utf8Start, count: self.count)
    for index in self.indices {
      let byte = self[index] == UInt8(ascii: "_") ? UInt8(ascii: "-") : self[index].asciiLowercased
      if unsafe byte != expected[index] { return false }
    }
    return true
  }
}
