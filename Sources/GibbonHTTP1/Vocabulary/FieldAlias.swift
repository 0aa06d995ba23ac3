// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

/// Names that services take for others: those that hand fields on as variables (CGI and its heirs) do not tell `_` from
/// `-`. A client could say in `X_Real_IP` what the gateway says in `X-Real-IP`.
extension KnownField {
  /// Which known name a service may take this one for: nil for one without `_`.
  public static func takenFor(_ name: Span<UInt8>) -> KnownField? {
    guard let alias = FieldAlias.dashed(name) else { return nil }
    return KnownField.of(alias.span)
  }
}

public enum FieldAlias {
  /// The name with `-` for each `_`; nil for one without `_`.
  public static func dashed(_ name: Span<UInt8>) -> ByteBuffer? {
    var hasUnderscore = false
    for index in name.indices where name[index] == UInt8(ascii: "_") { hasUnderscore = true }
    guard hasUnderscore else { return nil }
    var dashed = ByteBuffer()
    for index in name.indices { dashed.append(name[index] == UInt8(ascii: "_") ? UInt8(ascii: "-") : name[index]) }
    return dashed
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
    if let alias = FieldAlias.dashed(name) { return self.begins(alias.span) }
    return self.begins(name)
  }

  private static func begins(_ name: Span<UInt8>) -> Bool {
    for family in self.families where name.count >= family.utf8CodeUnitCount {
      if name.extracting(0..<family.utf8CodeUnitCount).equalsIgnoringCase(family) { return true }
    }
    return false
  }

  /// The same for `X-Forwarded-`, of which every field says something of the client or the way it came.
  public static func isForwarded(_ name: Span<UInt8>) -> Bool {
    guard name.count > 12 else { return false }
    if let alias = FieldAlias.dashed(name) { return alias.span.extracting(0..<12).equalsIgnoringCase("x-forwarded-") }
    return name.extracting(0..<12).equalsIgnoringCase("x-forwarded-")
  }
}
