// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A cipher suite by its name in Kong's `ssl_cipher_suite`: Mozilla's configurations of version 5.7, and one for FIPS.
///
/// `custom` has no values here: they come from `ssl_ciphers`, `ssl_protocols` and the like.
public struct TLSCipherSuite: Sendable, Hashable {
  public let name: String
  public let protocols: TLSProtocols

  /// OpenSSL's list for TLS 1.2 and older; nil for OpenSSL's own.
  public let ciphers: String?
  public let prefersServerCiphers: Bool
  public let dhParameters: TLSDHParameters?

  public static let all = [Self.modern, Self.intermediate, Self.old, Self.fips]

  public static func named(_ name: String) -> TLSCipherSuite? { Self.all.first { $0.name == name } }

  public static let modern = TLSCipherSuite(
    name: "modern", protocols: .v1_3, ciphers: nil, prefersServerCiphers: false, dhParameters: nil)

  public static let intermediate = TLSCipherSuite(
    name: "intermediate", protocols: .current, ciphers: Self.forwardSecret.joined(separator: ":"),
    prefersServerCiphers: false, dhParameters: .group("ffdhe2048"))

  public static let old = TLSCipherSuite(
    name: "old", protocols: [.v1, .v1_1, .v1_2, .v1_3],
    ciphers: (Self.forwardSecret + Self.dated).joined(separator: ":"), prefersServerCiphers: true, dhParameters: nil)

  public static let fips = TLSCipherSuite(
    name: "fips", protocols: .v1_2, ciphers: "TLSv1.2+FIPS:kRSA+FIPS:!eNULL:!aNULL", prefersServerCiphers: true,
    dhParameters: nil)

  private static let forwardSecret = [
    "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    "DHE-RSA-AES128-GCM-SHA256", "DHE-RSA-AES256-GCM-SHA384", "DHE-RSA-CHACHA20-POLY1305",
  ]

  private static let dated = [
    "ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA",
    "ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA384", "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA",
    "DHE-RSA-AES128-SHA256", "DHE-RSA-AES256-SHA256", "AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA256",
    "AES256-SHA256", "AES128-SHA", "AES256-SHA", "DES-CBC3-SHA",
  ]
}

/// Parameters of the finite-field Diffie-Hellman exchange; without them no `DHE` cipher is offered.
public enum TLSDHParameters: Sendable, Hashable {
  /// A group of RFC 7919 by name, such as `ffdhe2048`.
  case group(String)
  case pem(String)
}
