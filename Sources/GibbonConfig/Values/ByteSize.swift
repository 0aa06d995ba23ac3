// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// nginx's sizes: a number of bytes with an optional `k`, `m` or `g`, each 1024 times the one before.
public struct ByteSize: Sendable, Hashable {
  public let bytes: Int

  public init(bytes: Int) {
    self.bytes = bytes
  }

  init(parsing text: some StringProtocol) throws(ValueFault) {
    let fault = ValueFault("expected \(PropertyType.size.expectation)")
    guard let last = text.last else { throw fault }
    let shift: Int? =
      switch last {
      case "k", "K": 10
      case "m", "M": 20
      case "g", "G": 30
      default: nil
      }
    let digits = shift == nil ? Substring(text) : Substring(text.dropLast())
    guard Scalars.isDigits(digits), let number = Int(digits) else { throw fault }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << (shift ?? 0))
    guard !overflow else { throw ValueFault("more bytes than can be counted") }
    self.bytes = bytes
  }
}

/// How many buffers of which size hold a request head that outgrew the first one.
public struct HeaderBuffers: Sendable, Hashable {
  public let count: Int
  public let size: ByteSize

  public init(count: Int, size: ByteSize) {
    self.count = count
    self.size = size
  }

  init(parsing text: String) throws(ValueFault) {
    let words = ListText.words(text)
    guard words.count == 2, let count = Int(words[0]), (1...1024).contains(count) else {
      throw ValueFault("expected \(PropertyType.headerBuffers.expectation)")
    }
    let size = try ByteSize(parsing: words[1])
    guard (256...16_777_216).contains(size.bytes) else { throw ValueFault("a buffer has 256 bytes to 16 MiB") }
    self.count = count
    self.size = size
  }
}

/// A number, or Gibbon's choice.
public enum AutomaticCount: Sendable, Hashable {
  case automatic
  case count(Int)

  init(parsing text: String) throws(ValueFault) {
    if text.lowercased() == "auto" {
      self = .automatic
    } else if Scalars.isDigits(text), let count = Int(text), count >= 1 {
      self = .count(count)
    } else {
      throw ValueFault("expected \(PropertyType.automaticCount.expectation)")
    }
  }
}
