// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Tells code from comments and strings, line by line. What is interpolated into a string is code.
///
/// Not a parser: regex literals are taken for operators, which is enough for the rules here.
struct CodeScanner {
  private enum Mode {
    /// With the open parentheses of an interpolation; nil outside of one.
    case code(depth: Int?)
    case string(quotes: Int, hashes: Int)
    case lineComment
    case blockComment(depth: Int)
  }

  private let input: [UInt8]
  private let isSwift: Bool
  private var modes: [Mode] = [.code(depth: nil)]
  private var index = 0
  private var code: [UInt8]
  private var comments: [UInt8]

  static func scan(_ input: [UInt8], isSwift: Bool) -> (code: [UInt8], comments: [UInt8]) {
    var scanner = CodeScanner(input, isSwift: isSwift)
    while scanner.index < input.count { scanner.step() }
    return (scanner.code, scanner.comments)
  }

  private init(_ input: [UInt8], isSwift: Bool) {
    self.input = input
    self.isSwift = isSwift
    let blank = input.map { $0 == UInt8(ascii: "\n") ? $0 : UInt8(ascii: " ") }
    self.code = blank
    self.comments = blank
  }

  private func peek(_ offset: Int) -> UInt8 {
    self.index + offset < self.input.count ? self.input[self.index + offset] : 0
  }

  private func run(of byte: UInt8, from offset: Int = 0) -> Int {
    var count = 0
    while self.peek(offset + count) == byte { count += 1 }
    return count
  }

  private mutating func step() {
    switch self.modes[self.modes.count - 1] {
    case .code(let depth): self.stepInCode(depth)
    case .string(let quotes, let hashes): self.stepInString(quotes, hashes)
    case .lineComment: self.stepInLineComment()
    case .blockComment(let depth): self.stepInBlockComment(depth)
    }
  }

  private mutating func stepInCode(_ depth: Int?) {
    let byte = self.input[self.index]
    switch (byte, self.peek(1)) {
    case (UInt8(ascii: "/"), UInt8(ascii: "/")): return self.modes.append(.lineComment)
    case (UInt8(ascii: "/"), UInt8(ascii: "*")):
      self.modes.append(.blockComment(depth: 0))
      return
    case (UInt8(ascii: "\""), _): return self.openString(hashes: 0)
    case (UInt8(ascii: "'"), _) where !self.isSwift: return self.skipCharacter()
    case (UInt8(ascii: "#"), _) where self.isSwift:
      let hashes = self.run(of: UInt8(ascii: "#"))
      if self.peek(hashes) == UInt8(ascii: "\"") { return self.openString(hashes: hashes) }
    case (UInt8(ascii: "("), _):
      if let depth { self.modes[self.modes.count - 1] = .code(depth: depth + 1) }
    case (UInt8(ascii: ")"), _):
      if depth == 1 {
        self.index += 1
        self.modes.removeLast()
        return
      }
      if let depth { self.modes[self.modes.count - 1] = .code(depth: depth - 1) }
    default: break
    }
    self.code[self.index] = byte
    self.index += 1
  }

  private mutating func openString(hashes: Int) {
    self.index += hashes
    let quotes = self.isSwift && self.run(of: UInt8(ascii: "\"")) >= 3 ? 3 : 1
    self.index += quotes
    self.modes.append(.string(quotes: quotes, hashes: hashes))
  }

  private mutating func stepInString(_ quotes: Int, _ hashes: Int) {
    let byte = self.input[self.index]
    if byte == UInt8(ascii: "\\"), self.run(of: UInt8(ascii: "#"), from: 1) >= hashes {
      if self.isSwift, self.peek(1 + hashes) == UInt8(ascii: "(") {
        self.index += 2 + hashes
        self.modes.append(.code(depth: 1))
      } else {
        self.index += 2 + hashes
      }
      return
    }
    // A multi-line string may end in quotes of its own; the last three close it.
    let closing = quotes == 3 ? self.run(of: UInt8(ascii: "\"")) : 1
    if byte == UInt8(ascii: "\""), closing >= quotes, self.run(of: UInt8(ascii: "#"), from: closing) >= hashes {
      self.index += closing + hashes
      self.modes.removeLast()
      return
    }
    // A one-line string that is not closed ends with its line, whatever it was.
    if byte == UInt8(ascii: "\n"), quotes == 1 { self.modes.removeLast() }
    self.index += 1
  }

  private mutating func stepInLineComment() {
    if self.input[self.index] == UInt8(ascii: "\n") {
      self.modes.removeLast()
    } else {
      self.comments[self.index] = self.input[self.index]
    }
    self.index += 1
  }

  private mutating func stepInBlockComment(_ depth: Int) {
    switch (self.input[self.index], self.peek(1)) {
    case (UInt8(ascii: "/"), UInt8(ascii: "*")):
      // Swift's nest, C's do not.
      self.modes[self.modes.count - 1] = .blockComment(depth: self.isSwift ? depth + 1 : 1)
      self.index += 2
    case (UInt8(ascii: "*"), UInt8(ascii: "/")):
      self.modes.removeLast()
      if depth > 1 { self.modes.append(.blockComment(depth: depth - 1)) }
      self.index += 2
    default:
      if self.input[self.index] != UInt8(ascii: "\n") { self.comments[self.index] = self.input[self.index] }
      self.index += 1
    }
  }

  /// `'x'` or `'\n'` of C.
  private mutating func skipCharacter() {
    self.index += 1
    while self.index < self.input.count, self.peek(0) != UInt8(ascii: "'"), self.peek(0) != UInt8(ascii: "\n") {
      self.index += self.peek(0) == UInt8(ascii: "\\") ? 2 : 1
    }
    self.index += 1
  }
}
