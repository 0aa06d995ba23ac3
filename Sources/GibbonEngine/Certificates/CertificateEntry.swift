// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonTLS
internal import Synchronization

/// A certificate with its key, and perhaps a second pair of another kind, as entities have them: texts, from which what
/// handshakes use is made when one needs it first. Immutable but for that.
///
/// Snapshots share it, and all server names that show it.
public final class CertificateEntry: Sendable {
  public let id: EntityID
  private let source: Source
  private let made = AtomicLazyReference<Made>()

  /// What it is made of.
  public enum Source: Sendable, Hashable {
    /// PEM texts: of each pair the certificate with its chain, and the key.
    case pairs([Pair])
    /// Why there are none.
    case unusable(String)
  }

  public struct Pair: Sendable, Hashable {
    public let certificate: String
    public let key: String

    public init(certificate: String, key: String) {
      self.certificate = certificate
      self.key = key
    }
  }

  private final class Made: Sendable {
    let identity: TLSIdentity?
    let reason: String?

    init(_ source: Source) {
      switch source {
      case .unusable(let reason): (self.identity, self.reason) = (nil, reason)
      case .pairs(let pairs):
        do {
          self.identity = try TLSIdentity(pairs)
          self.reason = nil
        } catch {
          (self.identity, self.reason) = (nil, "\(error)")
        }
      }
    }
  }

  public init(id: EntityID, source: Source) {
    self.id = id
    self.source = source
  }

  /// Whether it would be made of the same.
  public func isMade(of source: Source) -> Bool { self.source == source }

  /// What handshakes use; nil for a certificate that cannot be used. Reading the texts takes some 100 µs, once; where
  /// several loops need it first at the same moment, each reads them and one result is kept, so that none waits.
  ///
  /// - Parameter report: told why it cannot be used, once.
  public func identity(report: (String) -> Void) -> TLSIdentity? {
    if let made = self.made.load() { return made.identity }
    let own = Made(self.source)
    let kept = self.made.storeIfNil(own)
    if kept === own, let reason = own.reason {
      report("certificate \(self.id) cannot be used, the default one is shown in its place: \(reason)")
    }
    return kept.identity
  }

  /// Whether it was needed yet.
  var isMade: Bool { self.made.load() != nil }
}

extension TLSIdentity {
  /// - Throws: `TLSError`, saying in plain words what is wrong with which of the texts.
  public convenience init(_ pairs: [CertificateEntry.Pair]) throws(TLSError) {
    try self.init(pairs.map { TLSKeyPair(certificate: $0.certificate, key: $0.key) }, checksChain: false)
  }
}
