// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

extension CQLValue {
  /// A value of a result (section 5). A `map<text, text>` becomes its keys and values in turn, an address its text, and
  /// what Gibbon has no use for its bytes.
  init(_ bytes: ArraySlice<UInt8>?, _ type: ColumnType) throws(CQLError) {
    guard let bytes else {
      self = .null
      return
    }
    var reader = WireReader(bytes)
    switch type {
    case .text: self = .text(String(decoding: bytes, as: UTF8.self))
    case .other: self = .blob(Array(bytes))
    case .list(.text): self = .texts(try Self.texts(&reader, each: 1))
    case .map(.text, .text): self = .texts(try Self.texts(&reader, each: 2))
    case .list, .map: self = .blob(Array(bytes))
    // Old tables may have empty values of types that know none.
    case _ where bytes.isEmpty: self = .null
    case .integer8: self = .bigint(Int64(truncatingIfNeeded: try Self.number(bytes, 8)))
    case .integer4: self = .int(Int32(truncatingIfNeeded: try Self.number(bytes, 4)))
    case .integer2: self = .int(Int32(Int16(truncatingIfNeeded: try Self.number(bytes, 2))))
    case .integer1: self = .int(Int32(Int8(truncatingIfNeeded: try Self.number(bytes, 1))))
    case .double: self = .double(Double(bitPattern: try Self.number(bytes, 8)))
    case .float: self = .double(Double(Float(bitPattern: UInt32(truncatingIfNeeded: try Self.number(bytes, 4)))))
    case .boolean: self = .boolean(try Self.number(bytes, 1) != 0)
    case .uuid:
      guard bytes.count == 16 else { throw .malformed("a UUID of \(bytes.count) bytes") }
      self = .uuid(EntityID(high: try Self.number(bytes.prefix(8), 8), low: try Self.number(bytes.suffix(8), 8)))
    case .inet:
      guard let text = InetText.text(bytes) else { throw .malformed("an address of \(bytes.count) bytes") }
      self = .text(text)
    }
  }

  private static func number(_ bytes: ArraySlice<UInt8>, _ count: Int) throws(CQLError) -> UInt64 {
    guard bytes.count == count else { throw .malformed("a value of \(bytes.count) bytes instead of \(count)") }
    return bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func texts(_ reader: inout WireReader, each: Int) throws(CQLError) -> [String] {
    if reader.remaining == 0 { return [] }
    let (count, isTooMany) = try reader.count().multipliedReportingOverflow(by: each)
    guard !isTooMany, count <= reader.remaining / 4 else { throw .malformed("more elements than bytes") }
    var texts: [String] = []
    texts.reserveCapacity(count)
    for _ in 0..<count { texts.append(String(decoding: try reader.bytesOrNull() ?? [], as: UTF8.self)) }
    return texts
  }
}
