// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What a message is (section 2.4.1.4).
enum Opcode: UInt8, Sendable {
  case error = 0x00
  case startup = 0x01
  case ready = 0x02
  case authenticate = 0x03
  case options = 0x05
  case supported = 0x06
  case query = 0x07
  case result = 0x08
  case prepare = 0x09
  case execute = 0x0A
  case register = 0x0B
  case event = 0x0C
  case batch = 0x0D
  case authChallenge = 0x0E
  case authResponse = 0x0F
  case authSuccess = 0x10
}

/// What a client says (section 4.1).
enum Request: Sendable, Hashable {
  case startup
  case options
  case authResponse([UInt8])
  case register([String])
  case prepare(String)
  case query(String, QueryOptions)
  case execute(PreparedID, [CQLValue], QueryOptions)
  case batch(CQLBatchKind, [BatchEntry], QueryOptions)

  var opcode: Opcode {
    switch self {
    case .startup: .startup
    case .options: .options
    case .authResponse: .authResponse
    case .register: .register
    case .prepare: .prepare
    case .query: .query
    case .execute: .execute
    case .batch: .batch
    }
  }

  /// - Throws: `refused` for what this version of the protocol cannot say.
  func body(_ version: CQLVersion) throws(CQLError) -> [UInt8] {
    var out = WireWriter()
    switch self {
    case .startup: try out.stringMap([("CQL_VERSION", "3.0.0"), ("DRIVER_NAME", "gibbon")])
    case .options: break
    case .authResponse(let token): try out.bytes(token)
    case .register(let events): try out.stringList(events)
    case .prepare(let text):
      try out.longString(text)
      if version >= .v5 { out.int(0) }
    case .query(let text, let options):
      try out.longString(text)
      try options.append(to: &out, values: [], version)
    case .execute(let id, let values, let options):
      try out.shortBytes(id.id)
      if version >= .v5 { try out.shortBytes(id.resultMetadata) }
      try options.append(to: &out, values: values, version)
    case .batch(let kind, let entries, let options):
      out.byte(kind.rawValue)
      try out.shortCount(entries.count)
      for entry in entries { try entry.append(to: &out, version) }
      try options.append(to: &out, values: nil, version)
    }
    return out.bytes
  }
}

/// How a server knows a prepared statement.
struct PreparedID: Sendable, Hashable {
  var id: [UInt8]
  /// Of v5 and later; empty before.
  var resultMetadata: [UInt8] = []
  /// nil where the server does not say, or where several partitions are asked for.
  var route: StatementRoute?
}

/// Where the rows of a statement are.
struct StatementRoute: Sendable, Hashable {
  var keyspace: String
  /// Which of the values are the partition key, in its order.
  var partitionKey: [Int]
}

/// A statement in a batch, prepared or not.
struct BatchEntry: Sendable, Hashable {
  enum Source: Sendable, Hashable {
    case text(String)
    case prepared(PreparedID)
  }
  var source: Source
  var values: [CQLValue]

  func append(to out: inout WireWriter, _ version: CQLVersion) throws(CQLError) {
    switch self.source {
    case .text(let text):
      out.byte(0)
      try out.longString(text)
    case .prepared(let id):
      out.byte(1)
      try out.shortBytes(id.id)
    }
    try out.shortCount(self.values.count)
    for value in self.values { try value.append(to: &out, version) }
  }
}

/// The parameters of QUERY, EXECUTE and BATCH.
struct QueryOptions: Sendable, Hashable {
  var consistency: CQLConsistency
  var serialConsistency: CQLConsistency?
  var pageSize: Int32?
  var pagingState: [UInt8]?
  var timestamp: Int64?

  private enum Flag {
    static let values: Int32 = 0x01
    static let pageSize: Int32 = 0x04
    static let pagingState: Int32 = 0x08
    static let serialConsistency: Int32 = 0x10
    static let timestamp: Int32 = 0x20
  }

  /// - Parameter values: nil in a batch, which knows no pages either.
  func append(to out: inout WireWriter, values: [CQLValue]?, _ version: CQLVersion) throws(CQLError) {
    let isBatch = values == nil
    let values = values ?? []
    var flags: Int32 = 0
    if !values.isEmpty { flags |= Flag.values }
    if !isBatch, self.pageSize != nil { flags |= Flag.pageSize }
    if !isBatch, self.pagingState != nil { flags |= Flag.pagingState }
    if self.serialConsistency != nil { flags |= Flag.serialConsistency }
    if self.timestamp != nil { flags |= Flag.timestamp }
    out.short(self.consistency.rawValue)
    if version >= .v5 { out.int(flags) } else { out.byte(UInt8(truncatingIfNeeded: flags)) }
    if !values.isEmpty {
      try out.shortCount(values.count)
      for value in values { try value.append(to: &out, version) }
    }
    if !isBatch, let size = self.pageSize { out.int(size) }
    if !isBatch, let state = self.pagingState { try out.bytes(state) }
    if let serial = self.serialConsistency { out.short(serial.rawValue) }
    if let timestamp = self.timestamp { out.long(timestamp) }
  }
}
