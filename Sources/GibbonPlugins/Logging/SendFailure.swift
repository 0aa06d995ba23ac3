// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Why a log could not be sent, in words for the error log.
struct SendFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }

  /// What went wrong, and the cause in the system's words where there is one.
  init(_ what: String, _ cause: any Error) { self.description = "\(what): \(Self.words(cause))" }

  static func words(_ error: any Error) -> String {
    switch error {
    case let error as NIOConnectionError:
      if let failure = error.connectionErrors.first { return self.words(failure.error) }
      return error.dnsAError == nil ? "connection failed" : "name could not be resolved"
    case let error as IOError: return self.words(code: error.errnoCode)
    case is NIOConnectionError: return "connection failed"
    case ChannelError.connectTimeout: return "timeout"
    case ChannelError.writeMessageTooLarge: return self.words(code: EMSGSIZE)
    case ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed, ChannelError.eof: return "closed"
    case SocketAddressError.unknown: return "name could not be resolved"
    case let error as NIOSSLError: return self.words(error)
    case let error as NIOSSLExtraError where error == .failedToValidateHostname:
      return "TLS handshake failed: the certificate is for another name"
    case let error as BoringSSLError: return self.words(error)
    default: return "\(error)"
    }
  }

  private static func words(_ error: NIOSSLError) -> String {
    switch error {
    case .handshakeFailed(let cause): "TLS handshake failed: \(self.words(cause))"
    case .uncleanShutdown: "closed"
    default: "TLS failed: \(error)"
    }
  }

  /// The reason out of `error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED at …`.
  private static func words(_ error: BoringSSLError) -> String {
    let text = Array("\(error)".utf8)
    let mark = Array("OPENSSL_internal:".utf8)
    guard text.count > mark.count,
      let start = (0..<text.count - mark.count).first(where: { text[$0...].starts(with: mark) })
    else { return "closed" }
    let reason = text[(start + mark.count)...].prefix { $0.isASCIILetter || $0.isASCIIDigit || $0 == UInt8(ascii: "_") }
    return String(
      decoding: reason.map { $0 == UInt8(ascii: "_") ? UInt8.space : $0.asciiLowercased }, as: UTF8.self)
  }

  static func words(code: Int32) -> String {
    var text = [CChar](repeating: 0, count: 128)
    guard strerror_r(code, &text, text.count) == 0 else { return "error \(code)" }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
