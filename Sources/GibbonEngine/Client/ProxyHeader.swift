// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonIO

/// The PROXY protocol's header, version 1 (text) and 2 (binary), before the first request of a connection.
enum ProxyHeader {
  enum Result {
    case needMoreData
    case failed
    /// Bytes of the header, and the client's address unless the sender does not say (UNKNOWN, LOCAL).
    case complete(Int, source: SocketAddress?)
  }

  /// The longest version 1 line, CRLF included.
  private static let maximumLine = 107
  /// Addresses and extensions of version 2 that are taken; the protocol allows 65535.
  private static let maximumBinary = 4096

  static func parse(_ bytes: Span<UInt8>) -> Result {
    let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    guard bytes.count > 0 else { return .needMoreData }
    if bytes[0] == signature[0] {
      for index in 0..<min(bytes.count, signature.count) where bytes[index] != signature[index] { return .failed }
      return bytes.count < 16 ? .needMoreData : self.parseBinary(bytes)
    }
    return self.parseText(bytes)
  }

  private static func parseText(_ bytes: Span<UInt8>) -> Result {
    var end = 0
    while end < bytes.count, bytes[end] != .lineFeed { end += 1 }
    guard end < maximumLine else { return .failed }
    guard end < bytes.count else {
      let expected: [UInt8] = Array("PROXY ".utf8)
      for index in 0..<min(bytes.count, 6) where bytes[index] != expected[index] { return .failed }
      return .needMoreData
    }
    guard end > 0, bytes[end - 1] == .carriageReturn else { return .failed }
    let parts = bytes.extracting(0..<(end - 1)).array.split(separator: .space, omittingEmptySubsequences: false)
    guard parts.count >= 2, parts[0].elementsEqual("PROXY".utf8) else { return .failed }
    if parts[1].elementsEqual("UNKNOWN".utf8) { return .complete(end + 1, source: nil) }
    let isV6 = parts[1].elementsEqual("TCP6".utf8)
    guard parts.count == 6, isV6 || parts[1].elementsEqual("TCP4".utf8) else { return .failed }
    let texts = parts[2...].map { String(decoding: $0, as: UTF8.self) }
    guard let address = IPAddress(texts[0]), address.isV6 == isV6, IPAddress(texts[1]) != nil,
      let port = UInt16(texts[2]), UInt16(texts[3]) != nil
    else { return .failed }
    return .complete(end + 1, source: .internet(address.unmapped, port: port))
  }

  private static func parseBinary(_ bytes: Span<UInt8>) -> Result {
    guard bytes[12] >> 4 == 2, bytes[12] & 15 <= 1 else { return .failed }
    let length = Int(bytes[14]) << 8 | Int(bytes[15])
    guard length <= maximumBinary else { return .failed }
    let end = 16 + length
    guard bytes.count >= end else { return .needMoreData }
    if bytes[12] & 15 == 0 { return .complete(end, source: nil) }
    func number(_ start: Int, _ count: Int) -> UInt64 {
      (start..<start + count).reduce(0) { $0 << 8 | UInt64(bytes[$1]) }
    }
    switch bytes[13] {
    case 0x11 where length >= 12:
      let address = IPAddress(v4: UInt32(truncatingIfNeeded: number(16, 4)))
      return .complete(end, source: .internet(address, port: UInt16(truncatingIfNeeded: number(24, 2))))
    case 0x21 where length >= 36:
      let address = IPAddress(v6High: number(16, 8), low: number(24, 8))
      return .complete(end, source: .internet(address.unmapped, port: UInt16(truncatingIfNeeded: number(48, 2))))
    case 0x11, 0x21: return .failed
    // UDP, unix sockets and whatever comes later: no address we could use.
    default: return .complete(end, source: nil)
    }
  }
}
