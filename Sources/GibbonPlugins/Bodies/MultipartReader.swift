// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Takes a multipart body (RFC 2046 section 5.1) apart. A line that begins with the delimiter separates; lines end with
/// LF, with or without CR.
struct MultipartReader {
  struct Section {
    var headers: [[UInt8]] = []
    var value: [UInt8] = []
  }

  private let body: [UInt8]
  private let delimiter: [UInt8]
  private var offset = 0
  private var isOver = false
  /// Whether there was a first delimiter.
  private(set) var isDelimited = false

  init(_ body: [UInt8], delimiter: [UInt8]) {
    self.body = body
    self.delimiter = delimiter
    // What stands before the first delimiter is no part.
    while let line = self.line() {
      if self.isDelimiter(line) {
        self.isDelimited = true
        self.isOver = self.isLast(line)
        return
      }
    }
    self.isOver = true
  }

  mutating func next() -> Section? {
    guard !self.isOver else { return nil }
    var section = Section()
    while let line = self.line() {
      if line.isEmpty {
        section.value = self.value()
        return section
      }
      if self.isDelimiter(line) {
        self.isOver = self.isLast(line)
        return section
      }
      self.add(line, to: &section.headers)
    }
    self.isOver = true
    return section.headers.isEmpty ? nil : section
  }

  /// A line that begins with space goes on with the one before.
  private func add(_ line: ArraySlice<UInt8>, to headers: inout [[UInt8]]) {
    let clean = line.map { $0 == .carriageReturn || $0 == 0 ? .space : $0 }
    if clean.first == .space || clean.first == .tab, !headers.isEmpty {
      headers[headers.count - 1].append(.space)
      headers[headers.count - 1] += clean.drop { $0 == .space || $0 == .tab }
    } else {
      headers.append(clean)
    }
  }

  /// Up to the line end before the next delimiter.
  private mutating func value() -> [UInt8] {
    let start = self.offset
    var end = start
    while let line = self.line() {
      if self.isDelimiter(line) {
        self.isOver = self.isLast(line)
        return Array(self.body[start..<end])
      }
      end = line.endIndex
    }
    self.isOver = true
    return Array(self.body[start...])
  }

  /// The next line without its end.
  private mutating func line() -> ArraySlice<UInt8>? {
    guard self.offset < self.body.count else { return nil }
    let start = self.offset
    let end = self.body[start...].firstIndex(of: .lineFeed) ?? self.body.endIndex
    self.offset = min(end + 1, self.body.count)
    let hasReturn = end < self.body.count && end > start && self.body[end - 1] == .carriageReturn
    return self.body[start..<(hasReturn ? end - 1 : end)]
  }

  private func isDelimiter(_ line: ArraySlice<UInt8>) -> Bool { line.starts(with: self.delimiter) }

  private func isLast(_ line: ArraySlice<UInt8>) -> Bool {
    line.dropFirst(self.delimiter.count).starts(with: "--".utf8)
  }
}
