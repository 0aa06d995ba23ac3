// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonHTTP1

/// Decodes the header blocks of one direction of a connection (RFC 7541). Blocks are whole, and are decoded in the
/// order they came, those of dead streams too: each may change the table.
public struct HPACKDecoder: Sendable {
  /// What became of a block that left the tables in step.
  public struct Outcome: Sendable, Hashable {
    /// Beyond a limit. The fields before the one that went beyond it are there, the others are not.
    public var isTooLarge = false
    /// A name or a value has bytes that no field has: the stream is malformed, not the connection (RFC 9113, section
    /// 8.2.1).
    public var isMalformed = false

    /// Nothing of that.
    public init() {}
  }

  var table: HPACKDynamicTable
  let statics = HPACKStaticTable.shared
  let code = HuffmanCode.shared
  /// SETTINGS_HEADER_TABLE_SIZE as the peer knows it.
  private var tableLimit: Int
  /// The lowest limit since the last block, if the table is larger: the next block begins with a size update to it or
  /// to less.
  private var requiredSize: Int?

  /// A decoder whose peer knows `tableLimit` (bytes: RFC 7541, section 4.1). A table of more than 4096 bytes, what a
  /// connection begins with, is only in use after the peer's size update.
  public init(tableLimit: Int) {
    self.tableLimit = max(0, tableLimit)
    self.table = HPACKDynamicTable(limit: min(self.tableLimit, Self.initialTableSize))
  }

  /// Bytes of the table that a connection begins with (RFC 9113, section 6.5.2).
  static let initialTableSize = 4096
  static let sizeUpdatesPerBlock = 2

  /// Changes the limit; call it when the peer has acknowledged the setting.
  public mutating func setTableLimit(_ tableLimit: Int) {
    self.tableLimit = max(0, tableLimit)
    if self.tableLimit < self.table.limit {
      self.requiredSize = min(self.requiredSize ?? .max, self.tableLimit)
    }
  }

  /// Decodes a block. Appends the text of each field to `bytes`, and the field to `fields`, in places counted from the
  /// first readable byte of `bytes`. Pseudo-fields are fields like others here. After an error the decoder is of no
  /// use.
  ///
  /// `bytes` grows by no more than `listBytes` and what the block's own strings become, about 1.6 times its length.
  public mutating func decode(
    _ block: borrowing Span<UInt8>, limits: HPACKLimits, into bytes: inout ByteBuffer, fields: inout [HeaderField]
  ) throws(HPACKError) -> Outcome {
    var block = HPACKBlock(copy block)
    try self.readSizeUpdates(&block)
    var list = HPACKList(limits)
    while !block.isAtEnd {
      let first = block.first
      if first >= 0x80 {
        try self.readIndexed(&block, &list, &bytes, &fields)
      } else if first & 0xE0 == 0x20 {
        throw .misplacedSizeUpdate
      } else {
        try self.readLiteral(&block, &list, &bytes, &fields)
      }
    }
    return list.outcome
  }

  /// The size updates that a block may begin with (RFC 7541, sections 4.2 and 6.3).
  @_lifetime(block: copy block)
  private mutating func readSizeUpdates(_ block: inout HPACKBlock) throws(HPACKError) {
    var count = 0
    while !block.isAtEnd, block.first & 0xE0 == 0x20 {
      guard count < Self.sizeUpdatesPerBlock else { throw .misplacedSizeUpdate }
      let size = try block.integer(5)
      guard size <= self.tableLimit else { throw .sizeUpdateBeyondLimit }
      if let required = self.requiredSize, size > required { throw .missingSizeUpdate }
      self.requiredSize = nil
      self.table.setLimit(size)
      count &+= 1
    }
    if self.requiredSize != nil { throw .missingSizeUpdate }
  }
}
