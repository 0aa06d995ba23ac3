// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Glibc
internal import NIOCore
internal import NIOPosix

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
    default: return "\(error)"
    }
  }

  static func words(code: Int32) -> String {
    var text = [CChar](repeating: 0, count: 128)
    guard strerror_r(code, &text, text.count) == 0 else { return "error \(code)" }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
