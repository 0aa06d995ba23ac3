// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// The fields by which services are told who sent a request. Once somebody is known, or is known to be nobody, what
/// the client says in them goes no further.
package enum IdentityFields {
  /// Beginnings of names, in lower case. All of them begin with `x-`.
  private static let families: [[UInt8]] = ["consumer-", "credential-", "authenticated-", "anonymous-consumer"].map {
    Array($0.utf8)
  }

  /// Whether a name is one of these, or is taken for one by services that do not tell `_` from `-` (CGI and its heirs).
  package static func contains(_ name: Span<UInt8>) -> Bool {
    guard name.count > 2, name[0] | 0x20 == UInt8(ascii: "x"), Self.isDash(name[1]) else { return false }
    return Self.families.contains { family in
      guard family.count <= name.count - 2 else { return false }
      for index in family.indices {
        let byte = name[index + 2]
        guard Self.isDash(byte) ? family[index] == UInt8(ascii: "-") : byte.asciiLowercased == family[index] else {
          return false
        }
      }
      return true
    }
  }

  private static func isDash(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") }
}
