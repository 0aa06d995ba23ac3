// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension CQLRows {
  private enum Flag {
    static let globalTable: Int32 = 0x01
    static let morePages: Int32 = 0x02
    static let noMetadata: Int32 = 0x04
    static let metadataChanged: Int32 = 0x08
  }

  /// Section 4.2.5.2. Metadata are there, because nobody asks to leave them out.
  init(_ reader: inout WireReader) throws(CQLError) {
    let flags = try reader.int()
    let count = try reader.count()
    var pagingState: [UInt8]?
    if flags & Flag.morePages != 0 { pagingState = try reader.bytesOrNull().map { Array($0) } }
    if flags & Flag.metadataChanged != 0 { _ = try reader.shortBytes() }
    guard flags & Flag.noMetadata == 0 || count == 0 else { throw .malformed("rows without their columns") }
    let isGlobal = flags & Flag.globalTable != 0 && flags & Flag.noMetadata == 0
    if isGlobal {
      _ = try reader.string()
      _ = try reader.string()
    }
    var (names, types): ([String], [ColumnType]) = ([], [])
    for _ in 0..<count {
      if !isGlobal {
        _ = try reader.string()
        _ = try reader.string()
      }
      names.append(try reader.string())
      types.append(try ColumnType(&reader))
    }
    let rowCount = try reader.count()
    // A row of no columns would take no bytes, and so be free of any limit.
    guard count > 0 || rowCount == 0, rowCount <= reader.remaining / 4 / max(1, count) || rowCount == 0 else {
      throw .malformed("more rows than bytes")
    }
    var rows: [[CQLValue]] = []
    rows.reserveCapacity(rowCount)
    for _ in 0..<rowCount {
      var row: [CQLValue] = []
      row.reserveCapacity(count)
      for type in types { row.append(try CQLValue(reader.bytesOrNull(), type)) }
      rows.append(row)
    }
    self.init(columns: names, rows: rows, pagingState: pagingState)
  }
}
