// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCQL
internal import GibbonCore
internal import GibbonSchema
internal import GibbonStore

/// The keyspace's tables, asked and written in their own terms.
struct Tables: Sendable {
  let session: any CQLSession
  /// The quoted name of the keyspace. Statements are sent with it, so that a connection belongs to none.
  let keyspace: String
  /// Of what is derived from the log: at least a quorum, on which checks rely.
  let derivedLevel: CQLConsistency
  /// Whether the configured level of reads is less than a quorum, and what was acknowledged may be elsewhere.
  let mayMiss: Bool
  let quorum = QuorumWatch()

  init(session: any CQLSession, _ keyspace: CassandraKeyspace) {
    self.session = session
    self.keyspace = CQLName.quoted(keyspace.name)
    self.derivedLevel =
      switch keyspace.writeLevel {
      case .all, .eachQuorum: keyspace.writeLevel
      default: .quorum
      }
    self.mayMiss = ![.quorum, .all, .eachQuorum].contains(keyspace.readLevel)
  }

  /// Rows of a page of the server's, which counts no bytes.
  static let pageSize: Int32 = 1000
  /// By what a page is made smaller whose documents are too many bytes for one answer.
  private static let shrinking: Int32 = 32
  /// Values that are looked up at once, where each is a partition of its own.
  static let holdersAtOnce = 20
  /// Entities of one partition that are read at once.
  static let entitiesAtOnce = 100

  // MARK: Statements

  /// All rows.
  func rows(
    _ text: String, _ values: [CQLValue] = [], _ level: ReadLevel = .quorum, pageSize: Int32 = Self.pageSize
  ) async throws(StoreError) -> [[CQLValue]] {
    switch level {
    case .quorum: try await self.read(text, values, .quorum, pageSize)
    case .nodesOwn: try await self.read(text, values, .one, pageSize)
    case .configured: try await self.read(text, values, nil, pageSize)
    case .best:
      if self.mayMiss, self.quorum.mayAnswer, let rows = try await self.ofQuorum(text, values, pageSize) {
        rows
      } else {
        try await self.read(text, values, nil, pageSize)
      }
    case .available:
      if self.quorum.isWorthAsking, let rows = try await self.ofQuorum(text, values, pageSize) {
        rows
      } else {
        try await self.read(text, values, .one, pageSize)
      }
    }
  }

  /// nil where there is no quorum.
  private func ofQuorum(
    _ text: String, _ values: [CQLValue], _ pageSize: Int32
  ) async throws(StoreError) -> [[CQLValue]]? {
    do throws(StoreError) {
      let rows = try await self.read(text, values, .quorum, pageSize)
      self.quorum.note(hasAnswered: true)
      return rows
    } catch {
      guard case .unavailable = error else { throw error }
      self.quorum.note(hasAnswered: false)
      return nil
    }
  }

  /// - Parameter level: nil: as it is configured.
  private func read(
    _ text: String, _ values: [CQLValue], _ level: CQLConsistency?, _ pageSize: Int32
  ) async throws(StoreError) -> [[CQLValue]] {
    var statement = CQLStatement(text, values)
    statement.consistency = level
    statement.pageSize = pageSize
    var rows: [[CQLValue]] = []
    try await self.pages(of: statement) { (page) throws(StoreError) in rows += page }
    return rows
  }

  /// All rows, as they come.
  func pages(
    of statement: CQLStatement, _ body: ([[CQLValue]]) throws(StoreError) -> Void
  ) async throws(StoreError) {
    var statement = statement
    statement.isIdempotent = true
    statement.pageSize = statement.pageSize ?? Self.pageSize
    repeat {
      let page: CQLRows
      do throws(CQLError) {
        page = try await self.page(&statement)
      } catch {
        throw StoreError(cql: error)
      }
      try body(page.rows)
      statement.pagingState = page.pagingState
    } while statement.pagingState != nil
  }

  private func page(_ statement: inout CQLStatement) async throws(CQLError) -> CQLRows {
    while true {
      do throws(CQLError) {
        return try await self.session.execute(statement)
      } catch {
        guard case .malformed = error, let size = statement.pageSize, size > 1 else { throw error }
        statement.pageSize = max(1, size / Self.shrinking)
      }
    }
  }

  /// Writes what may be written again.
  func write(_ text: String, _ values: [CQLValue], _ level: CQLConsistency? = nil) async throws(StoreError) {
    var statement = CQLStatement(text, values)
    statement.consistency = level ?? self.derivedLevel
    statement.isIdempotent = true
    do throws(CQLError) {
      _ = try await self.session.execute(statement)
    } catch {
      throw StoreError(cql: error, isWrite: true)
    }
  }

  /// Writes what may be written again, as one batch.
  func write(_ statements: [CQLStatement]) async throws(StoreError) {
    guard var first = statements.first else { return }
    if statements.count == 1 { return try await self.write(first.text, first.values) }
    first.consistency = self.derivedLevel
    first.isIdempotent = true
    do throws(CQLError) {
      try await self.session.batch([first] + statements.dropFirst(), .unlogged)
    } catch {
      throw StoreError(cql: error, isWrite: true)
    }
  }

  /// A write with a condition.
  ///
  /// - Returns: nil where it was done, and else what is there, by column.
  func condition(_ text: String, _ values: [CQLValue]) async throws(CQLError) -> [String: CQLValue]? {
    var statement = CQLStatement(text, values)
    statement.consistency = .quorum
    statement.serialConsistency = .serial
    let rows = try await self.session.execute(statement)
    var columns: [String: CQLValue] = [:]
    for (name, value) in zip(rows.columns, rows.rows.first ?? []) { columns[name] = value }
    return columns["[applied]"] == .boolean(true) ? nil : columns
  }

  // MARK: Entities

  static let columns = "document, workspace, revision, expires_at"

  static func entity(_ row: ArraySlice<CQLValue>, _ name: String) throws(StoreError) -> StoredEntity? {
    let first = row.startIndex
    guard row.count == 4, let text = row[first].text else { return nil }
    guard case .success(.object(let object)) = JSONParser.parse(text) else {
      throw .failure("\(name): a document cannot be read: \(text.prefix(80))")
    }
    return StoredEntity(
      object, workspace: row[first + 1].text.flatMap { EntityID($0) }, revision: row[first + 2].integer ?? 0,
      expiresAt: row[first + 3].double.flatMap { $0.isFinite ? $0 : nil })
  }

  func entity(_ place: EntityPlace, _ level: ReadLevel = .quorum) async throws(StoreError) -> StoredEntity? {
    let rows = try await self.rows(
      "SELECT \(Self.columns) FROM \(self.keyspace).entities WHERE collection = ? AND shard = ? AND id = ?",
      [.text(place.collection), .int(Shard.of(id: place.id)), .text(place.id.text)], level)
    return try rows.first.flatMap { (row) throws(StoreError) in try Self.entity(row[...], place.collection) }
  }

  /// Those of some entities that are there, all of one collection and one part of it.
  func entities(
    _ ids: [ExactText], of name: String, in shard: Int32, _ level: ReadLevel = .quorum
  ) async throws(StoreError) -> [ExactText: StoredEntity] {
    let rows = try await self.rows(
      "SELECT id, \(Self.columns) FROM \(self.keyspace).entities WHERE collection = ? AND shard = ? AND id IN ?",
      [.text(name), .int(shard), .texts(ids.map(\.text))], level)
    var entities: [ExactText: StoredEntity] = [:]
    for row in rows {
      if let id = row.first?.text { entities[ExactText(id)] = try Self.entity(row.dropFirst(), name) }
    }
    return entities
  }

  /// Who has some unique values, of one field and one workspace.
  func holders(of keys: [UniqueKey]) async throws(StoreError) -> [ExactText: ExactText] {
    guard let first = keys.first else { return [:] }
    let rows = try await self.rows(
      """
      SELECT value, id FROM \(self.keyspace).uniques \
      WHERE collection = ? AND field = ? AND value IN ? AND workspace = ?
      """,
      [.text(first.collection), .text(first.field), .texts(keys.map(\.value.text)), .text(first.workspace)])
    var holders: [ExactText: ExactText] = [:]
    for row in rows where row.count == 2 {
      if let value = row[0].text, let id = row[1].text { holders[ExactText(value)] = ExactText(id) }
    }
    return holders
  }

  /// Who has a unique value: several where it is unique within a workspace, and none is given.
  func holders(
    of key: UniqueKey, inAnyWorkspace isAny: Bool = false, _ level: ReadLevel = .quorum
  ) async throws(StoreError) -> [ExactText] {
    var text = "SELECT id FROM \(self.keyspace).uniques WHERE collection = ? AND field = ? AND value = ?"
    var values: [CQLValue] = [.text(key.collection), .text(key.field), .text(key.value.text)]
    if isAny {
      text += " LIMIT 16"
    } else {
      text += " AND workspace = ?"
      values.append(.text(key.workspace))
    }
    return try await self.rows(text, values, level).compactMap { $0.first?.text.map(ExactText.init) }
  }

  func children(of parent: EntityPlace) async throws(StoreError) -> [ChildKey] {
    let rows = try await self.rows(
      "SELECT collection, field, id FROM \(self.keyspace).children WHERE parent_collection = ? AND parent = ?",
      [.text(parent.collection), .text(parent.id.text)])
    return rows.compactMap { row in
      guard row.count == 3, let collection = row[0].text, let field = row[1].text, let id = row[2].text else {
        return nil
      }
      return ChildKey(parent: parent, child: EntityPlace(collection, id), field: field)
    }
  }
}
