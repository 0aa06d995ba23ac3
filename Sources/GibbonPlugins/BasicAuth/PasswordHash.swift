// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Crypto

/// What is kept of a password: the SHA-1 of it and the id of its consumer, as Kong keeps it.
struct PasswordHash {
  private let digest: Insecure.SHA1.Digest

  init(_ password: String, consumer: String) { self.init(Array(password.utf8)[...], consumer: consumer) }

  /// - Parameter consumer: the id as text.
  init(_ password: ArraySlice<UInt8>, consumer: String) {
    var salted: [UInt8] = []
    salted.reserveCapacity(password.count + 36)
    salted += password
    salted += consumer.utf8
    self.digest = Insecure.SHA1.hash(data: salted)
  }

  /// 40 digits in lower case.
  var text: String {
    var digits: [UInt8] = []
    digits.reserveCapacity(2 * Insecure.SHA1.byteCount)
    for byte in self.digest { digits += [Self.digit(byte >> 4), Self.digit(byte & 0xF)] }
    return String(decoding: digits, as: UTF8.self)
  }

  /// Whether this is the hash that the text writes. Takes as long for a text that begins right as for any other.
  func matches(_ text: String) -> Bool {
    guard text.utf8.count == 2 * Insecure.SHA1.byteCount else { return false }
    var difference: UInt8 = 0
    var digits = text.utf8.makeIterator()
    for byte in self.digest {
      difference |= Self.digit(byte >> 4) ^ (digits.next() ?? 0)
      difference |= Self.digit(byte & 0xF) ^ (digits.next() ?? 0)
    }
    return difference == 0
  }

  /// Without a table or a branch, which could tell of the value by their time.
  private static func digit(_ value: UInt8) -> UInt8 {
    // 39 more from ten on: from after "9" to "a".
    let isLetter = (9 &- value) >> 7
    return 0x30 &+ value &+ isLetter &* 39
  }
}
