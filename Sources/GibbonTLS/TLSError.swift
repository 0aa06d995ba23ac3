// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Why a certificate, a key, a list of authorities or a setting cannot be used.
public struct TLSError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Kind: Sendable, Hashable {
    case noCertificate, brokenCertificate, noKey, brokenKey, encryptedKey, keyMismatch, leafNotFirst, chainOrder
    case unsupportedKey, sameKeyType, setting, system
  }

  public let kind: Kind

  /// For people, without the content of any key.
  public let message: String

  /// Which pair of a certificate and a key of those given, from 0.
  public let pair: Int

  public var description: String { self.message }

  init(_ kind: Kind, _ message: String, pair: Int = 0) {
    self.kind = kind
    self.message = message
    self.pair = pair
  }
}
