// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

extension CQLValue {
  /// As a `[value]` for a bind marker.
  ///
  /// - Throws: `refused` for `unset` before v4.
  func append(to out: inout WireWriter, _ version: CQLVersion) throws(CQLError) {
    switch self {
    case .null: out.int(-1)
    case .unset:
      guard version >= .v4 else {
        throw .refused(code: ServerError.invalid, "protocol v3 cannot leave a value unset")
      }
      out.int(-2)
    default: try out.bytes(try self.serialized() ?? [])
    }
  }

  /// The bytes of section 5; nil for what has none.
  func serialized() throws(CQLError) -> [UInt8]? {
    var out = WireWriter()
    switch self {
    case .null, .unset: return nil
    case .text(let text): return Array(text.utf8)
    case .bigint(let number): out.long(number)
    case .int(let number): out.int(number)
    case .double(let number): out.long(Int64(bitPattern: number.bitPattern))
    case .boolean(let flag): out.byte(flag ? 1 : 0)
    case .blob(let bytes): return bytes
    case .uuid(let id): return id.bytes
    case .texts(let texts):
      out.int(Int32(clamping: texts.count))
      for text in texts { try out.longString(text) }
    }
    return out.bytes
  }
}
