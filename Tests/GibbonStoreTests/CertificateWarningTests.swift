// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonSchema
import GibbonStore
import GibbonTesting
import Synchronization
import Testing

/// A certificate that clients will refuse is taken, and said.
@Suite struct CertificateWarningTests {
  private static let registry = EntityRegistry(plugins: [])
  private static let pair: JSONObject = [
    "cert": .string(TestCertificates.first.certificate), "key": .string(TestCertificates.first.key),
  ]
  /// In the year 2200, when the certificate is no longer valid.
  private static let late = 7_258_118_400.0

  private final class Heard: Sendable {
    private let texts = Mutex<[String]>([])
    var all: [String] { self.texts.withLock { $0 } }
    func hear(_ text: String) { self.texts.withLock { $0.append(text) } }
  }

  private static func access(now: Double, _ heard: Heard) async throws -> DataAccess {
    let store = MemoryStore(registry: Self.registry, now: { now })
    try await store.migrate(MigrationPlan(plugins: [])) { _ in }
    return DataAccess(store: store, registry: Self.registry, now: { now }, warn: { heard.hear($0) })
  }

  @Test func writesSayIt() async throws {
    let heard = Heard()
    let access = try await Self.access(now: Self.late, heard)
    _ = try await access.insert(Self.pair, into: CertificatesSchema.schema)
    #expect(heard.all.count == 1 && heard.all.first?.contains("certificate 1 expired at 2126-") == true, "\(heard.all)")
  }

  @Test func aRightOneIsWrittenWithoutAWord() async throws {
    let heard = Heard()
    let access = try await Self.access(now: 1_800_000_000, heard)
    _ = try await access.insert(Self.pair, into: CertificatesSchema.schema)
    #expect(heard.all.isEmpty, "\(heard.all)")
  }

  @Test func filesSayIt() throws {
    let document = JSONValue.object(["_format_version": "3.0", "certificates": [.object(Self.pair)]])
    let parser = DeclarativeParser(registry: Self.registry, validator: Validator(now: Self.late))
    let parsed = try parser.parse(Array(document.description.utf8), format: .json).get()
    #expect(parsed.warnings.map(\.message).contains { $0.contains("expired at 2126-") }, "\(parsed.warnings)")
  }
}
