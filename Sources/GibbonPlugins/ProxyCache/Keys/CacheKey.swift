// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Crypto
internal import GibbonCore

/// What a response is kept under: a SHA-256 digest, so that nobody can make two requests share one by chance or malice.
struct CacheKey: Sendable, Hashable {
  private let words: InlineWords

  private struct InlineWords: Sendable, Hashable {
    var first: UInt64 = 0
    var second: UInt64 = 0
    var third: UInt64 = 0
    var fourth: UInt64 = 0
  }

  /// The digest of a text.
  init(hashing text: [UInt8]) {
    self.init(bytes: Array(SHA256.hash(data: text)))
  }

  /// From the form that clients and the Admin API see; nil for what is none.
  init?(_ text: some StringProtocol) {
    guard text.utf8.count == 64 else { return nil }
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in text.utf8 {
      // Kong's are in lower case, and nothing else is found there.
      guard let digit = character.hexDigitValue, !(0x41...0x5A).contains(character) else { return nil }
      if let first = high {
        bytes.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    self.init(bytes: bytes)
  }

  private init(bytes: [UInt8]) {
    var words = InlineWords()
    for (place, byte) in bytes.prefix(32).enumerated() {
      switch place / 8 {
      case 0: words.first = words.first << 8 | UInt64(byte)
      case 1: words.second = words.second << 8 | UInt64(byte)
      case 2: words.third = words.third << 8 | UInt64(byte)
      default: words.fourth = words.fourth << 8 | UInt64(byte)
      }
    }
    self.words = words
  }

  /// 64 digits.
  var text: String {
    var text = ByteBuffer()
    for word in [self.words.first, self.words.second, self.words.third, self.words.fourth] {
      text.append(hex: word, width: 16)
    }
    return text.string
  }

  func shard(of count: Int) -> Int { Int(self.words.first % UInt64(max(1, count))) }
}
