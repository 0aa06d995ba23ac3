// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

@testable import GibbonHTTP2

/// Bytes of a peer, frame by frame. Header blocks are literals without an index, so they need no coder.
struct Wire {
  var bytes: [UInt8] = []

  /// A client's connection that has begun.
  static var client: Wire { Wire(bytes: HTTP2Connection.preface).settings() }
  /// A server's.
  static var server: Wire { Wire().settings() }

  func frame(
    _ kind: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = [], length: Int? = nil
  ) -> Wire {
    let length = length ?? payload.count
    let header = [UInt8(length >> 16), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF), kind, flags]
    return Wire(bytes: self.bytes + header + Self.big(stream) + payload)
  }

  func settings(_ settings: [(UInt16, UInt32)] = [], flags: UInt8 = 0) -> Wire {
    self.frame(4, flags: flags, settings.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] + Self.big($1) })
  }

  func headers(_ stream: UInt32, _ fields: [(String, String)] = Self.get, end: Bool = true) -> Wire {
    self.frame(1, flags: end ? 5 : 4, stream: stream, Self.block(fields))
  }

  func data(_ stream: UInt32, _ text: String, end: Bool = false, padding: Int? = nil) -> Wire {
    var payload = Array(text.utf8)
    if let padding { payload = [UInt8(padding)] + payload + Array(repeating: 0, count: padding) }
    return self.frame(0, flags: (end ? 1 : 0) | (padding == nil ? 0 : 8), stream: stream, payload)
  }

  func reset(_ stream: UInt32, _ code: UInt32 = 8) -> Wire { self.frame(3, stream: stream, Self.big(code)) }
  func window(_ stream: UInt32, _ increment: UInt32) -> Wire { self.frame(8, stream: stream, Self.big(increment)) }
  func ping(flags: UInt8 = 0) -> Wire { self.frame(6, flags: flags, Array(0..<8)) }

  func goAway(_ last: UInt32, _ code: UInt32 = 0) -> Wire { self.frame(7, Self.big(last) + Self.big(code)) }

  func repeated(_ count: Int, _ more: (Wire, Int) -> Wire) -> Wire { (0..<count).reduce(self) { more($0, $1) } }

  static let get = [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "a.test")]
  static let post = [(":method", "POST"), (":scheme", "http"), (":path", "/"), (":authority", "a.test")]
  static let ok = [(":status", "200")]

  static func big(_ value: UInt32) -> [UInt8] {
    [UInt8(value >> 24), UInt8(value >> 16 & 0xFF), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
  }

  static func block(_ fields: [(String, String)]) -> [UInt8] {
    fields.flatMap { [0] + Self.literal($0) + Self.literal($1) }
  }

  private static func literal(_ text: String) -> [UInt8] {
    var count = text.utf8.count
    var bytes: [UInt8] = []
    if count < 127 {
      bytes.append(UInt8(count))
    } else {
      bytes.append(127)
      count -= 127
      while count >= 128 {
        bytes.append(UInt8(count & 0x7F) | 0x80)
        count >>= 7
      }
      bytes.append(UInt8(count))
    }
    return bytes + Array(text.utf8)
  }
}
