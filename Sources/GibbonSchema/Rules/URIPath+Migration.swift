// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

extension URIPath {
  /// A route's path of declarative format 1.1 or 2.1 as format 3.0 writes it: what looks like a regular
  /// expression gets a `~`, what does not is normalised.
  public static func migratedFromFormat2(_ path: String) -> String {
    let bytes = Array(path.utf8)
    let isPlain = bytes.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || ".-_~/%".utf8.contains($0) }
    if isPlain { return Self.normalized(path, mergingSlashes: true) }
    // Format 3.0 decodes no escapes in expressions, so they are decoded once here; what then would have a
    // meaning in the expression is escaped.
    let decoded = Self.decodingUnreserved(bytes) { byte in
      ".^-{}\\|".utf8.contains(byte) ? [UInt8(ascii: "\\"), byte] : nil
    }
    return "~" + String(decoding: decoded, as: UTF8.self)
  }
}
