// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCQL
internal import GibbonCore
internal import GibbonStore

extension CommitLog {
  /// Bytes of an entry that stand in the log itself; what is larger is cut into parts beside it.
  private static let inlineLimit = 64 * 1024
  private static let partSize = 256 * 1024
  /// Seconds that parts are kept: those that are still there then belong to a writer that died before its commit, or
  /// to an entry that every node has long read. A later reader begins anew.
  private static let partSeconds: Int32 = 30 * 86_400
  /// How long it is asked whether a commit was done, when its answer was lost.
  private static let patience = Duration.seconds(10)

  /// Adds an entry, unless another one is there already.
  ///
  /// - Returns: whether it is this one that is there.
  /// - Throws: `unavailable`, which says so where it is not known whether it was done.
  func append(_ entry: LogEntry, as revision: Revision) async throws(StoreError) -> Bool {
    let id = EntityID.random()
    let bytes = entry.bytes
    let parts = bytes.count > Self.inlineLimit ? (bytes.count + Self.partSize - 1) / Self.partSize : 0
    if parts > 0 { try await self.write(bytes, parts, id) }
    let values: [CQLValue] = [
      .bigint(Self.bucket(revision)), .bigint(revision), .uuid(id), .int(Int32(clamping: parts)),
      parts > 0 ? .null : .blob(bytes), .double(self.time),
    ]
    let isOurs = try await self.insert(values, id)
    if !isOurs, parts > 0 { try? await self.deleteParts(.uuid(id)) }
    return isOurs
  }

  private func write(_ bytes: [UInt8], _ parts: Int, _ id: EntityID) async throws(StoreError) {
    let text = """
      INSERT INTO \(self.tables.keyspace).commit_parts (id, part, payload) VALUES (?, ?, ?) \
      USING TTL \(Self.partSeconds)
      """
    _ = try await concurrently(Array(0..<parts), atOnce: 4) { (part) async throws(StoreError) in
      let slice = bytes[part * Self.partSize..<min(bytes.count, (part + 1) * Self.partSize)]
      try await self.tables.write(text, [.uuid(id), .int(Int32(clamping: part)), .blob(Array(slice))])
    }
  }

  /// Said again when the answer was lost, or does not say what becomes of the proposal: whatever became of the first
  /// attempt is settled before the second, which finds it, or takes its place. So an outcome is never guessed.
  private func insert(_ values: [CQLValue], _ id: EntityID) async throws(StoreError) -> Bool {
    let text = """
      INSERT INTO \(self.tables.keyspace).commits (bucket, revision, id, parts, payload, committed_at) \
      VALUES (?, ?, ?, ?, ?, ?) IF NOT EXISTS
      """
    let end = ContinuousClock.now.advanced(by: Self.patience)
    var lost: String?
    while true {
      do throws(CQLError) {
        guard let there = try await self.tables.condition(text, values) else { return true }
        return there["id"] == .uuid(id)
      } catch {
        guard let words = Self.doubt(error) ?? lost else { throw StoreError(cql: error, isWrite: true) }
        lost = lost ?? words
        if ContinuousClock.now >= end { throw StoreError(cql: .unknownOutcome(lost ?? words), isWrite: true) }
      }
      try? await Task.sleep(for: .milliseconds(Int.random(in: 50...250)))
    }
  }

  /// Why it is not known whether a condition's value is, or will be, taken; nil where it is known that it is not.
  ///
  /// A server that finds too few replicas, or cannot read what is there, may do so in a second round, after others'
  /// proposals came between: what it proposed in the first one may be finished by whoever comes next.
  private static func doubt(_ error: CQLError) -> String? {
    switch error {
    case .unknownOutcome(let words), .tooFewReplicas(let words), .malformed(let words): words
    case .refused(let code, let words): code == Self.readFailure ? words : nil
    case .unavailable: nil
    }
  }

  /// Protocol v4, section 9.
  private static let readFailure: Int32 = 0x1300
}
