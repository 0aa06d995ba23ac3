// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1

/// Fields that concern one hop only.
enum HopFields {
  /// Whether a `Connection` of the message names this field.
  static func isNamed(_ name: Span<UInt8>, in fields: [HeaderField], _ bytes: ByteBuffer) -> Bool {
    for field in fields where field.known == .connection {
      var tokens = FieldTokens(field.value)
      while let token = tokens.next(in: bytes.span) {
        if bytes[token].equalsIgnoringCase(name) { return true }
      }
    }
    return false
  }
}
