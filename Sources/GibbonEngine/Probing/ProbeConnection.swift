// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonIO
internal import GibbonTLS

/// The connection of one probe. It reads the status line and nothing more, whatever the other side sends. Confined to
/// its loop.
final class ProbeConnection: Connection {
  private let prober: Prober
  private var line: [UInt8] = []
  private var isOver = false

  /// Bytes of a status line, at most.
  private static let lineLimit = 1024

  init(loop: EventLoop, to address: SocketAddress, prober: Prober) throws(SystemError) {
    self.prober = prober
    try super.init(loop: loop, connectingTo: address)
  }

  override func didConnect() { self.prober.connected() }

  override func didSecure() { self.prober.secured() }

  override func received(_ bytes: Span<UInt8>) {
    guard !self.isOver else { return }
    for index in bytes.indices {
      if bytes[index] == .lineFeed || self.line.count == Self.lineLimit {
        return self.end { self.prober.answered(StatusLineText.status(self.line)) }
      }
      self.line.append(bytes[index])
    }
  }

  override func receivedEnd() { self.end { self.prober.failed("the connection was closed without an answer") } }

  override func didFail(_ error: SystemError) {
    let reason = self.isHandshaking ? self.security?.failure : nil
    self.end { self.prober.failed(reason ?? "\(error)") }
  }

  override func timerFired() { self.end { self.prober.timedOut() } }

  private func end(_ tell: () -> Void) {
    guard !self.isOver else { return }
    self.isOver = true
    self.pauseReading()
    tell()
  }
}

/// `HTTP/1.1 200 OK`
enum StatusLineText {
  /// 0 for what is no status line.
  static func status(_ line: [UInt8]) -> Int {
    var rest = line[...]
    guard rest.starts(with: Array("HTTP/".utf8)) else { return 0 }
    rest = rest.dropFirst(5)
    let major = rest.prefix(while: \.isASCIIDigit)
    rest = rest.dropFirst(major.count)
    guard !major.isEmpty, rest.first == UInt8(ascii: ".") else { return 0 }
    rest = rest.dropFirst()
    let minor = rest.prefix(while: \.isASCIIDigit)
    rest = rest.dropFirst(minor.count)
    let spaces = rest.prefix { $0 == UInt8.space || $0 == 0x09 }
    guard !minor.isEmpty, !spaces.isEmpty else { return 0 }
    let digits = rest.dropFirst(spaces.count).prefix(while: \.isASCIIDigit)
    guard (1...4).contains(digits.count) else { return 0 }
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }
}
