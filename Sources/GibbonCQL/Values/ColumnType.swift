// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The type of a column, as far as values are told apart by it (section 4.2.5.2).
indirect enum ColumnType: Sendable, Hashable {
  case text, integer8, integer4, integer2, integer1, double, float, boolean, uuid, inet
  /// What Gibbon has no use for: its bytes are handed out.
  case other
  case list(ColumnType)
  case map(ColumnType, ColumnType)

  /// Types within types, at most.
  private static let depthLimit = 16

  init(_ reader: inout WireReader) throws(CQLError) { self = try Self.read(&reader, Self.depthLimit) }

  private static func read(_ reader: inout WireReader, _ depth: Int) throws(CQLError) -> ColumnType {
    guard depth > 0 else { throw .malformed("a type within too many types") }
    switch try reader.short() {
    case 0x00:
      _ = try reader.string()
      return .other
    case 0x01, 0x0A, 0x0D: return .text
    case 0x02, 0x05, 0x0B, 0x12: return .integer8
    case 0x04: return .boolean
    case 0x07: return .double
    case 0x08: return .float
    case 0x09, 0x11: return .integer4
    case 0x0C, 0x0F: return .uuid
    case 0x10: return .inet
    case 0x13: return .integer2
    case 0x14: return .integer1
    case 0x20, 0x22: return .list(try self.read(&reader, depth - 1))
    case 0x21: return .map(try self.read(&reader, depth - 1), try self.read(&reader, depth - 1))
    case 0x30:
      _ = try reader.string()
      _ = try reader.string()
      for _ in 0..<(try reader.short()) {
        _ = try reader.string()
        _ = try self.read(&reader, depth - 1)
      }
      return .other
    case 0x31:
      for _ in 0..<(try reader.short()) { _ = try self.read(&reader, depth - 1) }
      return .other
    default: return .other
    }
  }
}
