// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonEngine
import GibbonModel
import GibbonSchema
import GibbonStore
import Testing

@testable import GibbonControl

/// Certificates and server names by changes, and all at once.
@Suite struct CertificateDeltaTests {
  private static let names = (0..<10).map { "n\($0).test" } + ["*.test", "n1.*", "*"]
  private static let schemas = EntityTables.collections.compactMap { Make.registry.schema(named: $0) }

  /// Texts in a vault: what is read of them when is not what these tests are about.
  private static func certificate(_ number: Int, _ variant: Int = 0) throws -> EntityWrite {
    try Make.put(
      "certificates", 700 + number,
      ["cert": .string("{vault://env/cert-\(variant)}"), "key": .string("{vault://env/key-\(variant)}")])
  }

  private static func sni(_ number: Int, _ name: String, _ certificate: Int) throws -> EntityWrite {
    try Make.put("snis", 800 + number, ["name": .string(name), "certificate": Make.reference(700 + certificate)])
  }

  private static func entry(_ name: String, _ snapshot: Snapshot) -> CertificateEntry? {
    let bytes = Array(name.utf8)
    return snapshot.certificates.entry(for: bytes.span)
  }

  /// The certificate that each of some names is shown.
  private static func shown(_ snapshot: Snapshot) -> [String: EntityID] {
    var shown: [String: EntityID] = [:]
    for name in (0..<10).map({ "n\($0).test" }) + ["x.test", "n1.org", "other"] {
      shown[name] = Self.entry(name, snapshot)?.id
    }
    return shown
  }

  private static func change(_ generator: inout SeededGenerator) throws -> EntityWrite {
    let number = Int.random(in: 0..<5, using: &generator)
    let deletes = Int.random(in: 0..<4, using: &generator) == 0
    switch Int.random(in: 0..<3, using: &generator) {
    case 0: return deletes ? try Make.delete("certificates", 700 + number) : try Self.certificate(number)
    default:
      let place = Int.random(in: 0..<Self.names.count, using: &generator)
      // Names move between entities, too.
      let name = Self.names[(place + Int.random(in: 0..<2, using: &generator)) % Self.names.count]
      return deletes ? try Make.delete("snis", 800 + place) : try Self.sni(place, name, number)
    }
  }

  @Test(arguments: 0..<20)
  func changesOneByOneGiveTheSameAsAllAtOnce(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: seed)
    let store = try await Make.store()
    let cache = CredentialCache(store: store, registry: Make.registry, capacity: 64, now: { 0 })
    let control = Make.control()
    _ = try control.snapshot(of: EntityTables(try await store.snapshot(of: Self.schemas)), credentials: cache, hash: "")
    var revision = try await store.revision()
    for step in 0..<80 {
      // What a reference or a unique name forbids is not done.
      guard (try? await store.commit([try Self.change(&generator)])) != nil else { continue }
      let batch = try await store.changes(after: revision)
      revision = batch.revision
      let applied = try #require(try control.snapshot(applying: EntityDelta(batch), hash: "")).snapshot
      let everything = EntityTables(try await store.snapshot(of: Self.schemas))
      let anew = try Make.control().snapshot(of: everything, credentials: cache, hash: "").snapshot
      #expect(Self.shown(applied) == Self.shown(anew), "seed \(seed), step \(step)")
    }
  }

  /// A node with one certificate, its name and another certificate.
  private struct Node {
    let store: MemoryStore
    let control: ControlPlane
    let secrets: NodeSecrets
    let snapshot: Snapshot
    let warnings: [String]

    init(environment: [String: String] = ["CERT_0": "a", "KEY_0": "b"]) async throws {
      self.store = try await Make.store()
      self.secrets = NodeSecrets(Vaults(environment: environment))
      self.control = Make.control(secrets: self.secrets)
      try await self.store.commit([
        try CertificateDeltaTests.certificate(0), try CertificateDeltaTests.certificate(1),
        try CertificateDeltaTests.sni(0, "n0.test", 0), try CertificateDeltaTests.sni(1, "n1.test", 1),
      ])
      let cache = CredentialCache(store: self.store, registry: Make.registry, capacity: 64, now: { 0 })
      let tables = EntityTables(try await self.store.snapshot(of: CertificateDeltaTests.schemas))
      let result = try self.control.snapshot(of: tables, credentials: cache, hash: "")
      (self.snapshot, self.warnings) = (result.snapshot, result.warnings)
    }

    /// The snapshot after some writes.
    func after(_ writes: [EntityWrite]) async throws -> Snapshot {
      let revision = try await self.store.revision()
      try await self.store.commit(writes)
      let delta = EntityDelta(try await self.store.changes(after: revision))
      return try #require(try self.control.snapshot(applying: delta, hash: "")).snapshot
    }
  }

  @Test func whatDidNotChangeIsShared() async throws {
    let node = try await Node(environment: ["CERT_0": "a", "KEY_0": "b", "CERT_1": "c", "KEY_1": "d"])
    let next = try await node.after([try Self.certificate(0, 1)])
    #expect(Self.entry("n1.test", next) === Self.entry("n1.test", node.snapshot))
    #expect(Self.entry("n0.test", next) !== Self.entry("n0.test", node.snapshot))
    // One that is written again and says the same keeps what was made of it.
    let again = try await node.after([try Self.certificate(0, 1)])
    #expect(Self.entry("n0.test", again) === Self.entry("n0.test", next))
  }

  @Test func aNameMayGoToAnotherEntityInOneChange() async throws {
    let node = try await Node()
    let next = try await node.after([try Make.delete("snis", 800), try Self.sni(5, "n0.test", 1)])
    #expect(Self.entry("n0.test", next)?.id == Make.id(701))
  }

  @Test func referencesAreResolvedAndMissingOnesAreWarnedOf() async throws {
    let resolved = try await Node()
    let pair = CertificateEntry.Pair(certificate: "a", key: "b")
    #expect(Self.entry("n0.test", resolved.snapshot)?.isMade(of: .pairs([pair])) == true)
    #expect(resolved.warnings.isEmpty)
    let missing = try await Node(environment: ["CERT_0": "a"])
    #expect(missing.warnings.contains { $0.contains("\(Make.id(700))") && $0.contains("KEY_0") }, "\(missing.warnings)")
    #expect(!missing.warnings.contains { $0.contains("\"a\"") })
  }

  @Test func aChangedVaultChangesOnlyWhoRefersToIt() async throws {
    let node = try await Node()
    node.secrets.vaults = Vaults(environment: ["CERT_0": "new", "KEY_0": "b"])
    let next = try await node.after([try Make.put("services", 1, ["host": "example.com"])])
    let pair = CertificateEntry.Pair(certificate: "new", key: "b")
    #expect(Self.entry("n0.test", next)?.isMade(of: .pairs([pair])) == true)
  }
}
