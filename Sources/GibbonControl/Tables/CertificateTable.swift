// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonEngine
internal import GibbonModel
internal import GibbonSchema

/// The certificates, their server names and the authorities, as the snapshot has them. Texts are not read here: a
/// handshake that needs one reads it first.
struct CertificateTable: Sendable {
  private(set) var index = CertificateIndex()
  /// What references were resolved with last.
  private var vaults = Vaults()
  /// Certificates with a text in a vault.
  private var referring: Set<EntityID> = []
  /// What of their references stands for nothing.
  private var warningTexts: [EntityID: String] = [:]

  /// What is wrong with certificates, as far as it is known without reading them.
  var warnings: [String] { self.warningTexts.values.sorted() }

  /// The names, before a change, of the SNIs that it changes.
  static func names(of delta: EntityDelta, in tables: EntityTables) -> [EntityID: String] {
    if tables.snis.isEmpty { return [:] }
    var names: [EntityID: String] = [:]
    for id in delta.snis.keys { names[id] = tables.snis[id]?.name }
    return names
  }

  /// Takes over what changed; the cost does not depend on how many others there are.
  ///
  /// - Parameters:
  ///   - formerNames: those that the changed SNIs had.
  ///   - tables: the entities after the change.
  mutating func apply(
    _ delta: EntityDelta, _ formerNames: [EntityID: String], after tables: EntityTables, _ vaults: Vaults
  ) {
    self.index.reserve(names: delta.snis.count, certificates: delta.certificates.count)
    for (id, certificate) in delta.certificates { self.take(certificate, id, vaults) }
    if vaults != self.vaults {
      for id in self.referring where delta.certificates[id] == nil { self.take(tables.certificates[id], id, vaults) }
      self.vaults = vaults
    }
    for (id, authority) in delta.authorities {
      if let authority { self.index.putAuthority(id, authority.cert) } else { self.index.removeAuthority(id) }
    }
    // A name may go from one SNI to another in one change.
    for (id, name) in formerNames { self.index.remove(name, of: id) }
    for case (let id, let sni?) in delta.snis { self.index.put(sni.name, of: id, certificate: sni.certificate) }
  }

  private mutating func take(_ certificate: Certificate?, _ id: EntityID, _ vaults: Vaults) {
    self.warningTexts[id] = nil
    self.referring.remove(id)
    guard let certificate else { return self.index.removeCertificate(id) }
    if certificate.hasReferences { self.referring.insert(id) }
    let source = Self.source(certificate, vaults)
    if case .unusable(let reason) = source {
      self.warningTexts[id] = "certificate \(id): the default one is shown in its place: \(reason)"
    }
    // One that says the same is kept, with what was made of it.
    if self.index[id]?.isMade(of: source) != true { self.index.put(CertificateEntry(id: id, source: source)) }
  }

  private static func source(_ certificate: Certificate, _ vaults: Vaults) -> CertificateEntry.Source {
    func text(_ given: String) throws(VaultFault) -> String {
      given.isVaultReference ? try vaults.value(of: given) : given
    }
    do throws(VaultFault) {
      var pairs = [
        CertificateEntry.Pair(certificate: try text(certificate.cert), key: try text(certificate.key))
      ]
      if let alternative = certificate.alternativeCert, let key = certificate.alternativeKey {
        pairs.append(CertificateEntry.Pair(certificate: try text(alternative), key: try text(key)))
      }
      return .pairs(pairs)
    } catch {
      return .unusable("\(error)")
    }
  }
}

extension Certificate {
  fileprivate var hasReferences: Bool {
    self.cert.isVaultReference || self.key.isVaultReference || self.alternativeCert?.isVaultReference == true
      || self.alternativeKey?.isVaultReference == true
  }
}
