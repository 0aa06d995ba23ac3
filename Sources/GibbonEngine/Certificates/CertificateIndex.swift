// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

/// The certificates of a snapshot: by the server names that clients ask for, and by id. Immutable; copies share what
/// they do not change, so that a change costs what it touches.
///
/// A name leads to the id of a certificate, and the id to the certificate: one that is replaced is replaced in one
/// place, however many names show it.
public struct CertificateIndex: Sendable {
  private struct Name: HashedItem {
    let hash: Int
    /// In lower case, with `*` for a first or last label.
    let text: [UInt8]
    let sni: EntityID
    let certificate: EntityID
  }

  private struct Item: HashedItem {
    let entry: CertificateEntry
    var hash: Int { self.entry.id.hashValue }
  }

  private struct Authority: HashedItem {
    let id: EntityID
    /// PEM.
    let text: String
    var hash: Int { self.id.hashValue }
  }

  private var names = PagedTable<Name>()
  private var entries = PagedTable<Item>()
  private var authorities = PagedTable<Authority>()

  public init() {}

  /// Without any name there is nothing to look for.
  public var isEmpty: Bool { self.names.count == 0 }

  // MARK: Looking up

  /// Longer names are no host names.
  private static let longestName = 255

  /// The certificate for a server name: that of the name itself, then `*.parent`, then `name.*`, then `*`. nil: the
  /// default one, also for a name that is none.
  ///
  /// Case does not count, and neither does a dot at the end.
  public func entry(for serverName: Span<UInt8>) -> CertificateEntry? {
    self.certificate(for: serverName).flatMap { self[$0] }
  }

  public subscript(id: EntityID) -> CertificateEntry? {
    self.entries.first(id.hashValue) { $0.entry.id == id }?.entry
  }

  /// The authority's certificate, in PEM.
  public func authority(_ id: EntityID) -> String? {
    self.authorities.first(id.hashValue) { $0.id == id }?.text
  }

  private func certificate(for serverName: Span<UInt8>) -> EntityID? {
    if self.isEmpty || serverName.count > Self.longestName { return nil }
    var name = Self.lowercased(serverName)
    if name.last == UInt8(ascii: ".") { name.removeLast() }
    if name.isEmpty { return self.certificate(ofPattern: Self.star.span) }
    if let exact = self.certificate(ofPattern: name.span) { return exact }
    // The star takes the place of the last byte of the label it stands for, and that of the first byte.
    if let dot = name.firstIndex(of: UInt8(ascii: ".")), dot > 0 {
      let byte = name[dot - 1]
      name[dot - 1] = UInt8(ascii: "*")
      if let found = self.certificate(ofPattern: name.span.extracting((dot - 1)...)) { return found }
      name[dot - 1] = byte
    }
    if let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > 0, dot + 1 < name.count {
      name[dot + 1] = UInt8(ascii: "*")
      if let found = self.certificate(ofPattern: name.span.extracting(...(dot + 1))) { return found }
    }
    return self.certificate(ofPattern: Self.star.span)
  }

  private static let star = [UInt8(ascii: "*")]

  /// Of names that differ in case only, the one with the least id counts.
  private func certificate(ofPattern pattern: Span<UInt8>) -> EntityID? {
    let hash = pattern.seededHash
    return self.names.best(hash, where: { $0.text.span.equals(pattern) }, isBetter: { $0.sni < $1.sni })?.certificate
  }

  private static func lowercased(_ text: Span<UInt8>) -> [UInt8] {
    var copy: [UInt8] = []
    copy.reserveCapacity(text.count)
    for index in text.indices { copy.append(text[index].asciiLowercased) }
    return copy
  }

  // MARK: Changing

  /// Makes room for what is put next.
  public mutating func reserve(names: Int, certificates: Int) {
    self.names.reserve(names)
    self.entries.reserve(certificates)
  }

  public mutating func put(_ entry: CertificateEntry) {
    self.entries.put(Item(entry: entry)) { $0.entry.id == entry.id }
  }

  public mutating func removeCertificate(_ id: EntityID) {
    self.entries.remove(id.hashValue) { $0.entry.id == id }
  }

  /// - Parameters:
  ///   - name: a host name, `*.parent`, `name.*` or `*`.
  ///   - sni: the id of the entity that says so.
  public mutating func put(_ name: String, of sni: EntityID, certificate: EntityID) {
    let text = name.utf8.map(\.asciiLowercased)
    self.names.put(Name(hash: text.span.seededHash, text: text, sni: sni, certificate: certificate)) { $0.sni == sni }
  }

  /// - Parameter name: the one it was put with.
  public mutating func remove(_ name: String, of sni: EntityID) {
    let text = name.utf8.map(\.asciiLowercased)
    self.names.remove(text.span.seededHash) { $0.sni == sni }
  }

  public mutating func putAuthority(_ id: EntityID, _ text: String) {
    self.authorities.put(Authority(id: id, text: text)) { $0.id == id }
  }

  public mutating func removeAuthority(_ id: EntityID) {
    self.authorities.remove(id.hashValue) { $0.id == id }
  }
}
