// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A header block and how far it has been read (RFC 7541, section 5).
struct HPACKBlock: ~Escapable {
  let bytes: Span<UInt8>
  private(set) var position = 0

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>) {
    self.bytes = bytes
  }

  var isAtEnd: Bool {
    @inline(__always) get { self.position >= self.bytes.count }
  }

  /// The byte that a field begins with; its prefix is read again by `integer`.
  var first: UInt8 {
    @inline(__always) get { self.bytes[self.position] }
  }

  /// An integer whose prefix has `bits` bits (section 5.1).
  @inline(__always) @_lifetime(self: copy self)
  mutating func integer(_ bits: UInt8) throws(HPACKError) -> Int {
    guard !self.isAtEnd else { throw .truncated }
    let most = UInt8(0xFF) &>> (8 &- bits)
    let prefix = self.bytes[self.position] & most
    self.position &+= 1
    return prefix < most ? Int(prefix) : try self.longInteger(Int(prefix))
  }

  /// Goes on after a prefix that is full. More than five bytes are refused, zeros among them: nobody needs those, and
  /// without an end they would be work for nothing.
  @inline(never) @_lifetime(self: copy self)
  private mutating func longInteger(_ prefix: Int) throws(HPACKError) -> Int {
    var value = prefix
    var shift = 0
    while self.position < self.bytes.count {
      let byte = self.bytes[self.position]
      self.position &+= 1
      value &+= Int(byte & 0x7F) &<< shift
      guard value <= Self.integerLimit, shift < 7 * 4 || byte < 0x80 else { throw .invalidInteger }
      if byte < 0x80 { return value }
      shift &+= 7
    }
    throw .truncated
  }

  /// The length of a string, which then follows (section 5.2): its raw bytes, and whether they are Huffman-coded.
  @inline(__always) @_lifetime(self: copy self)
  mutating func string() throws(HPACKError) -> (place: Range<Int>, isHuffman: Bool) {
    guard !self.isAtEnd else { throw .truncated }
    let isHuffman = self.first & 0x80 != 0
    let count = try self.integer(7)
    guard count <= self.bytes.count &- self.position else { throw .truncated }
    let start = self.position
    self.position &+= count
    return (start..<self.position, isHuffman)
  }

  private static let integerLimit = 0x7FFF_FFFF
}
