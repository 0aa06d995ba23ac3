// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Reads the words of an expression one after the other.
struct ExpressionScanner {
  let source: String
  let bytes: [UInt8]
  private(set) var position = 0

  init(_ source: String) {
    self.source = source
    self.bytes = Array(source.utf8)
  }

  func fault(_ reason: String, at position: Int? = nil) -> RuleFault {
    RuleFault(self.source, reason, position: position ?? self.position)
  }

  var isAtEnd: Bool { self.position >= self.bytes.count }

  mutating func skipSpace() {
    while self.position < self.bytes.count, " \t\r\n".utf8.contains(self.bytes[self.position]) { self.position += 1 }
  }

  func has(_ word: String, at offset: Int = 0) -> Bool {
    self.bytes.dropFirst(self.position + offset).starts(with: word.utf8)
  }

  /// Skips space, then the word if it is next.
  mutating func take(_ word: String) -> Bool {
    self.skipSpace()
    guard self.has(word) else { return false }
    self.position += word.utf8.count
    return true
  }

  /// A letter, then letters, digits, `_` and `.`.
  mutating func takeIdentifier() -> Substring? {
    self.skipSpace()
    guard self.position < self.bytes.count, self.bytes[self.position].isASCIILetter else { return nil }
    let rest = self.bytes[self.position...].prefix {
      $0.isASCIILetter || $0.isASCIIDigit || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".")
    }
    self.position += rest.count
    return Substring(decoding: rest, as: UTF8.self)
  }

  mutating func takeOperator() -> ExpressionOperator? {
    for candidate in ExpressionOperator.allCases where candidate != .outside && self.take(candidate.rawValue) {
      return candidate
    }
    let start = self.position
    if self.take("not"), self.take("in") { return .outside }
    self.position = start
    return nil
  }

  mutating func takeLiteral() throws(RuleFault) -> ExpressionLiteral {
    self.skipSpace()
    if self.has("\"") { return .text(try self.takeQuoted()) }
    if self.has("r#\"") { return .text(try self.takeRaw()) }
    if let network = try self.takeNetwork() { return network }
    if let number = try self.takeNumber() { return .number(number) }
    throw self.fault("expected a string, a number or an IP address")
  }

  // MARK: Texts

  private mutating func takeQuoted() throws(RuleFault) -> String {
    let start = self.position
    var text: [UInt8] = []
    self.position += 1
    while self.position < self.bytes.count {
      let byte = self.bytes[self.position]
      self.position += 1
      if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
      guard byte == UInt8(ascii: "\\") else {
        text.append(byte)
        continue
      }
      let escaped = self.position < self.bytes.count ? self.bytes[self.position] : 0
      switch escaped {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append(escaped)
      case UInt8(ascii: "n"): text.append(.lineFeed)
      case UInt8(ascii: "r"): text.append(.carriageReturn)
      case UInt8(ascii: "t"): text.append(.tab)
      default: throw self.fault("unknown escape in a string; allowed are \\\" \\\\ \\n \\r \\t", at: self.position - 1)
      }
      self.position += 1
    }
    throw self.fault("the string that begins here has no end", at: start)
  }

  private mutating func takeRaw() throws(RuleFault) -> String {
    let start = self.position
    var end = start + 3
    while end + 1 < self.bytes.count {
      if self.bytes[end] == UInt8(ascii: "\""), self.bytes[end + 1] == UInt8(ascii: "#") {
        self.position = end + 2
        return String(decoding: self.bytes[(start + 3)..<end], as: UTF8.self)
      }
      end += 1
    }
    throw self.fault("the raw string that begins here has no end", at: start)
  }

  // MARK: Numbers and addresses

  private mutating func takeNetwork() throws(RuleFault) -> ExpressionLiteral? {
    let rest = self.bytes[self.position...]
    let digits = rest.prefix { $0.isASCIIDigit }
    let hex = rest.prefix { $0.hexDigitValue != nil }
    let isV4 = (1...3).contains(digits.count) && rest.dropFirst(digits.count).first == UInt8(ascii: ".")
    let isV6 = hex.count <= 4 && rest.dropFirst(hex.count).first == UInt8(ascii: ":")
    guard isV4 || isV6 else { return nil }
    let address = rest.prefix {
      isV4 ? $0.isASCIIDigit || $0 == UInt8(ascii: ".") : $0.hexDigitValue != nil || $0 == UInt8(ascii: ":")
    }
    var text = String(decoding: address, as: UTF8.self)
    let start = self.position
    self.position += address.count
    guard self.has("/") else {
      guard let value = IPAddress(text) else { throw self.fault("'\(text)' is no IP address", at: start) }
      return .address(value)
    }
    let length = self.bytes[(self.position + 1)...].prefix { $0.isASCIIDigit }
    self.position += 1 + length.count
    text += "/" + String(decoding: length, as: UTF8.self)
    guard let block = AddressBlock(text) else { throw self.fault("'\(text)' is no CIDR block", at: start) }
    guard block.hasNoHostPart else {
      throw self.fault("'\(text)' has bits set beyond its prefix length", at: start)
    }
    return .block(block)
  }

  private mutating func takeNumber() throws(RuleFault) -> Int64? {
    let start = self.position
    let isNegative = self.has("-")
    if isNegative { self.position += 1 }
    var digits = self.bytes[self.position...].prefix { $0.isASCIIDigit }
    var radix: Int64 = 10
    var prefix = 0
    if self.has("0x") || self.has("0X") {
      digits = self.bytes[(self.position + 2)...].prefix { $0.hexDigitValue != nil }
      (radix, prefix) = (16, 2)
    } else if digits.count > 1, digits.first == UInt8(ascii: "0"), digits.allSatisfy({ $0 < 0x38 }) {
      radix = 8
    }
    guard !digits.isEmpty else {
      self.position = start
      return nil
    }
    var value: Int64 = 0
    for digit in digits {
      let (product, hasOverflown) = value.multipliedReportingOverflow(by: radix)
      let (sum, hasCarried) = product.addingReportingOverflow(Int64(digit.hexDigitValue ?? 0))
      guard !hasOverflown, !hasCarried else { throw self.fault("number too large for 64 bits", at: start) }
      value = sum
    }
    self.position += prefix + digits.count
    return isNegative ? -value : value
  }
}

extension AddressBlock {
  /// Whether no bit is set beyond the prefix: the block is written by its first address.
  fileprivate var hasNoHostPart: Bool {
    let width = self.address.isV6 ? 128 : 32
    let free = width - self.prefixLength
    let lowRest = free >= 64 ? UInt64.max : (1 << UInt64(free)) &- 1
    let highRest = free > 64 ? (free >= 128 ? UInt64.max : (1 << UInt64(free - 64)) &- 1) : 0
    return self.address.low & lowRest == 0 && self.address.high & highRest == 0
  }
}
