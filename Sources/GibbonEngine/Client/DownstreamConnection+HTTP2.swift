// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP2
internal import GibbonIO
internal import GibbonTLS

/// Which version of HTTP a client speaks: what TLS agreed upon (RFC 9113 section 3.2), or what it begins with in plain
/// text (section 3.3).
extension DownstreamConnection {
  /// Without TLS, the client's first bytes decide.
  static func opening(_ isEncrypted: Bool, _ maySpeakHTTP2: Bool) -> State {
    maySpeakHTTP2 && !isEncrypted ? .preface : .head
  }

  /// TLS is established.
  func chooseVersion() {
    guard self.maySpeakHTTP2, self.security?.applicationProtocol?.isSame(as: "h2") == true else { return }
    self.http2 = HTTP2Server(self)
    self.setTimeout(milliseconds: self.worker.downstreamSettings.headerTimeout)
  }

  /// Reads as far as it takes to tell the two apart; what was read belongs to whichever it is.
  func readPreface(_ bytes: Span<UInt8>, _ offset: Int) -> Int {
    switch HTTP2Preface.compare(bytes.extracting(droppingFirst: offset)) {
    case .undecided: return offset
    case .other:
      self.state = .head
      return self.readHead(bytes, offset)
    case .same:
      let http2 = HTTP2Server(self)
      self.http2 = http2
      http2.received(bytes.extracting(droppingFirst: offset))
      return bytes.count
    }
  }

  /// Every stream has ended, and the client was told: it closes, so that nothing it sent meanwhile resets what it has
  /// not read yet.
  func endGracefully() {
    guard self.isOpen else { return }
    self.http2 = nil
    self.state = .lingering
    self.shutdownWriting()
    self.setTimeout(milliseconds: self.worker.downstreamSettings.lingeringTimeout)
    self.resumeReading()
  }
}

/// The bytes that HTTP/2 begins with (RFC 9113 section 3.4).
enum HTTP2Preface {
  enum Comparison { case same, other, undecided }

  private static let text = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  static func compare(_ bytes: Span<UInt8>) -> Comparison {
    let count = min(bytes.count, self.text.count)
    for index in 0..<count where bytes[index] != self.text[index] { return .other }
    return count == self.text.count ? .same : .undecided
  }
}
