// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonIO
internal import GibbonPluginAPI

/// The access log of one loop: lines are gathered here and handed to the log thread in batches.
///
/// The format is nginx's `combined` followed by the request id, which is Kong's default format.
/// Confined to its loop.
final class AccessLog: Timed {
  private let file: LogFile
  private let loop: EventLoop
  private var lines = ByteBuffer()
  private var isScheduled = false
  private var timeText = ByteBuffer()
  private var timeSecond: UInt64 = 0

  /// Bytes gathered before they are handed over, and how long a line may wait at most.
  private static let batchBytes = 32 * 1024
  private static let batchMilliseconds = 200

  init(file: LogFile, loop: EventLoop) {
    self.file = file
    self.loop = loop
    super.init()
  }

  func append(_ exchange: Exchange, status: UInt16, bodyBytes: UInt64) {
    let bytes = exchange.received.bytes
    if let client = exchange.received.clientAddress {
      client.append(to: &self.lines)
    } else {
      self.lines.append("unix:")
    }
    self.lines.append(" - ")
    self.appendUser(exchange, bytes)
    self.lines.append(" [")
    self.appendTime()
    self.lines.append("] \"")
    if exchange.received.head.target.isEmpty {
      self.appendUnparsedLine(bytes)
    } else {
      let start = exchange.received.head.methodName.lowerBound
      let line = bytes.span.extracting(start..<exchange.received.head.target.upperBound)
      if exchange.secretArguments.isEmpty {
        self.appendEscaped(line)
      } else {
        var masked = ByteBuffer()
        exchange.secretArguments.append(line, to: &masked)
        self.appendEscaped(masked.span)
      }
      switch exchange.received.head.version {
      case .http10: self.lines.append(" HTTP/1.0")
      case .http11: self.lines.append(" HTTP/1.1")
      case .http2: self.lines.append(" HTTP/2.0")
      }
    }
    self.lines.append("\" ")
    self.lines.append(decimal: Int(status))
    self.lines.append(UInt8.space)
    self.lines.append(decimal: Int(clamping: bodyBytes))
    self.appendQuoted(exchange, .referer, bytes)
    self.appendQuoted(exchange, .userAgent, bytes)
    self.lines.append(" kong_request_id: \"")
    self.lines.append(hex: exchange.received.id.0, width: 16)
    self.lines.append(hex: exchange.received.id.1, width: 16)
    self.lines.append("\"\n")
    if self.lines.count >= AccessLog.batchBytes {
      self.flush()
    } else if !self.isScheduled {
      self.isScheduled = true
      self.loop.schedule(self, after: AccessLog.batchMilliseconds)
    }
  }

  override func timerFired() {
    self.isScheduled = false
    self.flush()
  }

  func flush() {
    guard !self.lines.isEmpty else { return }
    self.file.append(self.lines)
    self.lines = ByteBuffer()
    self.lines.reserve(AccessLog.batchBytes + 1024)
  }

  private func appendTime() {
    let second = self.loop.wallMicroseconds / 1_000_000
    if second != self.timeSecond {
      self.timeSecond = second
      self.timeText.clear()
      WallTime(microseconds: self.loop.wallMicroseconds).appendAccessLogTime(to: &self.timeText)
    }
    let text = self.timeText
    self.lines.append(text.span)
  }

  /// The user of HTTP basic authentication, as nginx's `$remote_user`.
  private func appendUser(_ exchange: Exchange, _ bytes: ByteBuffer) {
    guard let field = exchange.received.head.first(.authorization),
      let user = BasicAuthorization.user(in: bytes[field.value])
    else { return self.lines.append("-") }
    self.appendEscaped(user.utf8.span)
  }

  private func appendQuoted(_ exchange: Exchange, _ known: KnownField, _ bytes: ByteBuffer) {
    self.lines.append(" \"")
    if let field = exchange.received.head.first(known) {
      self.appendEscaped(bytes[field.value])
    } else {
      self.lines.append("-")
    }
    self.lines.append("\"")
  }

  /// The first line of something that was no request, cut short.
  private func appendUnparsedLine(_ bytes: ByteBuffer) {
    let line = bytes.span.array.prefix(1024).prefix { $0 != .carriageReturn && $0 != .lineFeed }
    self.appendEscaped(Array(line).span)
  }

  /// Quotes, backslashes and bytes that are not printable ASCII as `\xXX`, as nginx does.
  private func appendEscaped(_ text: Span<UInt8>) {
    for index in text.indices {
      let byte = text[index]
      if byte < 0x20 || byte >= 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        self.lines.append("\\x")
        for digit in [byte >> 4, byte & 15] { self.lines.append(digit.upperHexDigit) }
      } else {
        self.lines.append(byte)
      }
    }
  }
}

/// `Authorization: Basic …` (RFC 7617).
enum BasicAuthorization {
  static func user(in value: Span<UInt8>) -> String? {
    guard value.count > 6, value.extracting(0..<6).equalsIgnoringCase("basic ") else { return nil }
    var user: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    for index in 6..<value.count {
      guard let digit = digit(value[index]) else { break }
      bits = bits << 6 | digit
      count += 6
      guard count >= 8 else { continue }
      count -= 8
      let byte = UInt8(truncatingIfNeeded: bits >> UInt32(count))
      if byte == UInt8(ascii: ":") { return String(decoding: user, as: UTF8.self) }
      user.append(byte)
    }
    return nil
  }

  private static func digit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 0x41...0x5A: UInt32(byte - 0x41)
    case 0x61...0x7A: UInt32(byte - 0x61 + 26)
    case 0x30...0x39: UInt32(byte - 0x30 + 52)
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
