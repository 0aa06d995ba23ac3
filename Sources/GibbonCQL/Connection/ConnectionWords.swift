// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Why there is no connection, in words for people.
enum ConnectionWords {
  static func words(_ error: any Error) -> String {
    switch error {
    case let error as NIOConnectionError:
      // An address of one kind is never found as one of the other: only where nothing was found is it the name.
      guard let failure = error.connectionErrors.first else { return "the name cannot be resolved" }
      return Self.words(failure.error)
    case let error as IOError: return Self.words(code: error.errnoCode)
    case ChannelError.connectTimeout: return "no connection in time"
    case ChannelError.ioOnClosedChannel, ChannelError.eof: return "the connection was closed"
    case NIOSSLError.uncleanShutdown: return "the connection was closed"
    case let error as NIOSSLExtraError where error == .failedToValidateHostname:
      return "the node's certificate has another name: \(error)"
    case NIOSSLError.handshakeFailed: return Self.handshake("\(error)")
    default: return "\(error)"
    }
  }

  private static func words(code: Int32) -> String {
    switch code {
    case ECONNREFUSED: "connection refused"
    case ECONNRESET, EPIPE: "the connection was closed"
    case EHOSTUNREACH, EHOSTDOWN: "there is no way to this host"
    case ENETUNREACH, ENETDOWN: "there is no way to this network"
    case ETIMEDOUT: "no connection in time"
    case EACCES, EPERM: "connecting is not permitted"
    case EMFILE, ENFILE: "too many files are open"
    default: "system error \(code)"
    }
  }

  /// The library of TLS says it with the places in its sources.
  private static func handshake(_ text: String) -> String {
    if text.contains("CERTIFICATE_VERIFY_FAILED") { return "the node's certificate cannot be verified" }
    if text.contains("WRONG_VERSION_NUMBER") { return "the node does not speak TLS" }
    let reason = text.split(separator: ":").last { $0.contains("_") }?.prefix { $0.isLetter || $0 == "_" }
    return "TLS: the handshake failed" + (reason.map { " (\($0))" } ?? "")
  }
}
