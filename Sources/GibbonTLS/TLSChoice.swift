// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What a client said in its ClientHello.
public struct TLSHello: Sendable, Hashable {
  /// In lower case (ASCII) and without a final dot; nil when none was sent. Any other bytes may be in it.
  public let serverName: String?

  /// The application protocols offered, in the client's order.
  public let protocols: [String]
}

/// What a server answers a ClientHello with.
public enum TLSChoice: Sendable {
  /// - Parameters:
  ///   - client: whether and how the client is asked for a certificate.
  ///   - protocols: application protocols instead of those of the context.
  ///   - staple: an OCSP response in DER.
  case identity(
    TLSIdentity, client: TLSClientAuthority? = nil, protocols: [String]? = nil, staple: [UInt8]? = nil)
  /// There is no certificate for this name: the handshake ends with the alert `unrecognized_name`.
  case none
  /// Not known yet: `TLSSession.handshake` says `wantsCertificate`.
  case wait
}

/// Finds the certificate for a name. It is called on the loop of the session, so it must not block.
public protocol TLSCertificateChooser: Sendable {
  func choose(_ hello: TLSHello) -> TLSChoice
}

/// Names of application protocols on the wire (RFC 7301, section 3.1).
enum ApplicationProtocols {
  /// Names that are empty or too long are left out.
  static func wire(_ names: [String]) -> [UInt8] {
    names.filter { (1...255).contains($0.utf8.count) }.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
  }

  static func names(_ wire: [UInt8]) -> [String] {
    var names: [String] = []
    var rest = wire[...]
    while let count = rest.popFirst().map(Int.init), count > 0, count <= rest.count {
      names.append(String(decoding: rest.prefix(count), as: UTF8.self))
      rest = rest.dropFirst(count)
    }
    return names
  }
}
