// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Addresses and blocks of them, however many: asked in a time that grows with their logarithm.
struct AddressSet: Sendable {
  private let v4: SortedRanges
  private let v6: SortedRanges

  /// - Throws: when a text is no address and no block. It must not open or close the door unnoticed.
  init(_ texts: [String]) throws {
    let blocks = try texts.map { text in
      guard let block = Self.block(text) else { throw InvalidBlock(text: text) }
      return block
    }
    self.v4 = SortedRanges(blocks.filter { !$0.address.isV6 }.map(\.range))
    self.v6 = SortedRanges(blocks.filter(\.address.isV6).map(\.range))
  }

  var isEmpty: Bool { self.v4.isEmpty && self.v6.isEmpty }

  func contains(_ address: IPAddress) -> Bool {
    guard address.isV6 else { return self.v4.contains(address.number) }
    if self.v6.contains(address.number) { return true }
    // An IPv4 client of a dual-stack listener arrives as ::ffff:a.b.c.d.
    guard address.high == 0, address.low >> 32 == 0xFFFF else { return false }
    return self.v4.contains(UInt128(UInt32(truncatingIfNeeded: address.low)))
  }

  /// The number of bits may have leading zeros, as the schema lets them pass.
  private static func block(_ text: String) -> AddressBlock? {
    let address = text.utf8.prefix { $0 != UInt8(ascii: "/") }
    let digits = text.utf8.dropFirst(address.count + 1)
    guard address.count < text.utf8.count, digits.allSatisfy(\.isASCIIDigit),
      let bits = Int(String(decoding: digits, as: UTF8.self))
    else { return AddressBlock(text) }
    return AddressBlock("\(String(decoding: address, as: UTF8.self))/\(bits)")
  }

  private struct InvalidBlock: Error, CustomStringConvertible {
    let text: String
    var description: String { "'\(self.text)' is no IP address and no block of them, as in 10.0.0.0/8" }
  }
}

/// Ranges of numbers, sorted, none touching another.
private struct SortedRanges: Sendable {
  private var ranges: [ClosedRange<UInt128>] = []

  init(_ ranges: [ClosedRange<UInt128>]) {
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      guard let last = self.ranges.last, range.lowerBound <= last.upperBound else {
        self.ranges.append(range)
        continue
      }
      self.ranges[self.ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
    }
  }

  var isEmpty: Bool { self.ranges.isEmpty }

  func contains(_ number: UInt128) -> Bool {
    var low = 0
    var high = self.ranges.count
    while low < high {
      let middle = low + (high - low) / 2
      if self.ranges[middle].upperBound < number { low = middle + 1 } else { high = middle }
    }
    return low < self.ranges.count && self.ranges[low].contains(number)
  }
}

extension IPAddress {
  fileprivate var number: UInt128 { UInt128(self.high) << 64 | UInt128(self.low) }
}

extension AddressBlock {
  /// Its first and last address. Bits beyond the prefix do not matter.
  fileprivate var range: ClosedRange<UInt128> {
    let width = self.address.isV6 ? 128 : 32
    let others = self.prefixLength >= width ? 0 : UInt128.max >> UInt128(128 - width + self.prefixLength)
    let first = self.address.number & ~others
    return first...(first | others)
  }
}
