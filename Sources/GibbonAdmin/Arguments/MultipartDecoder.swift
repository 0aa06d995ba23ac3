// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Reads `multipart/form-data` (RFC 7578): parts between lines of two hyphens and a boundary.
///
/// Every part is an argument whose value is its content, files too. Parts without a name are dropped. What
/// stands before the first and after the last boundary is ignored.
struct MultipartDecoder {
  /// Bytes of one part's header.
  static let maxHeaderBytes = 16 << 10

  private let bytes: [UInt8]
  /// Two hyphens and the boundary.
  private let delimiter: [UInt8]

  private init(_ bytes: [UInt8], boundary: String) {
    self.bytes = bytes
    self.delimiter = Array("--\(boundary)".utf8)
  }

  /// The arguments in their order. A body that ends before its closing boundary is malformed, so that what was
  /// cut off is not taken for the whole; Kong takes such a body for an empty one.
  static func pairs(multipart bytes: [UInt8], boundary: String) -> Result<[FormPair], ArgumentError> {
    guard !boundary.isEmpty else { return .failure(.malformedMultipart) }
    return MultipartDecoder(bytes, boundary: boundary).pairs()
  }

  private func pairs() -> Result<[FormPair], ArgumentError> {
    var pairs: [FormPair] = []
    var count = 0
    guard var opening = self.nextDelimiter(from: 0) else { return .failure(.malformedMultipart) }
    while !opening.isLast {
      count += 1
      guard count <= FormDecoder.maxCount else { return .failure(.tooMany) }
      // The line break that ends the delimiter's line may also begin the next delimiter.
      guard let closing = self.nextDelimiter(from: opening.end - 2) else { return .failure(.malformedMultipart) }
      if closing.start > opening.end {
        guard let part = self.part(opening.end..<closing.start) else { return .failure(.malformedMultipart) }
        if let name = part.name {
          pairs.append((name, .text(String(decoding: self.bytes[part.content], as: UTF8.self))))
        }
      }
      opening = closing
    }
    return .success(pairs)
  }

  private struct Delimiter {
    /// Where the line break before it begins.
    let start: Int
    /// Behind the line break after it.
    let end: Int
    let isLast: Bool
  }

  /// The first delimiter line that begins at `offset` or later.
  private func nextDelimiter(from offset: Int) -> Delimiter? {
    var index = offset
    if index == 0, let delimiter = self.delimiter(at: 0, start: 0) { return delimiter }
    while let found = self.bytes[index...].firstIndex(of: .carriageReturn) {
      index = found + 1
      guard index < self.bytes.count, self.bytes[index] == .lineFeed else { continue }
      if let delimiter = self.delimiter(at: index + 1, start: found) { return delimiter }
    }
    return nil
  }

  /// The delimiter whose first hyphen stands at `offset`; nil where there is none, or a longer word.
  private func delimiter(at offset: Int, start: Int) -> Delimiter? {
    guard self.bytes[offset...].starts(with: self.delimiter) else { return nil }
    var end = offset + self.delimiter.count
    if self.bytes[end...].starts(with: [UInt8(ascii: "-"), UInt8(ascii: "-")]) {
      return Delimiter(start: start, end: end + 2, isLast: true)
    }
    while end < self.bytes.count, self.bytes[end] == .space || self.bytes[end] == .tab { end += 1 }
    guard self.bytes[end...].starts(with: [.carriageReturn, .lineFeed]) else { return nil }
    return Delimiter(start: start, end: end + 2, isLast: false)
  }

  /// The name and content of a part; nil where its header is longer than the limit or ends within a line.
  private func part(_ range: Range<Int>) -> (name: String?, content: Range<Int>)? {
    var name: String?
    var line = range.lowerBound
    while line < range.upperBound {
      let limit = Swift.min(range.upperBound, range.lowerBound + Self.maxHeaderBytes)
      guard line < limit, let end = self.lineEnd(in: line..<limit) else { return nil }
      if end == line { return (name, (end + 2)..<range.upperBound) }
      if name == nil { name = Self.name(inHeader: self.bytes[line..<end]) }
      line = end + 2
    }
    // A header alone: its last line break is followed by the delimiter's.
    return (name, range.upperBound..<range.upperBound)
  }

  private func lineEnd(in range: Range<Int>) -> Int? {
    var index = range.lowerBound
    while let found = self.bytes[index..<range.upperBound].firstIndex(of: .carriageReturn) {
      index = found + 1
      if index < range.upperBound, self.bytes[index] == .lineFeed { return found }
    }
    return nil
  }

  /// The name that a Content-Disposition says; nil in other fields, and where it is empty.
  private static func name(inHeader line: ArraySlice<UInt8>) -> String? {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    let field = line[..<colon]
    guard field.elementsEqual("content-disposition".utf8, by: { $0.asciiLowercased == $1 }),
      let name = HeaderParameters.value(of: "name", in: line[(colon + 1)...]), !name.isEmpty
    else { return nil }
    return String(decoding: name, as: UTF8.self)
  }
}
