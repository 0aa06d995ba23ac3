// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What a server says (section 4.2).
enum Response: Sendable {
  case error(ServerError)
  case ready
  case authenticate(String)
  case supported([String: [String]])
  case result(QueryResult)
  case event(ServerEvent)
  case authChallenge([UInt8])
  case authSuccess
}

/// Section 4.2.5.
enum QueryResult: Sendable {
  case void
  case rows(CQLRows)
  case keyspace(String)
  case prepared(PreparedID)
  case schemaChange
}

/// Section 8.
struct ServerError: Sendable, Hashable, Error {
  static let server: Int32 = 0x0000
  static let protocolViolation: Int32 = 0x000A
  static let unavailable: Int32 = 0x1000
  static let overloaded: Int32 = 0x1001
  static let isBootstrapping: Int32 = 0x1002
  static let writeTimeout: Int32 = 0x1100
  static let readTimeout: Int32 = 0x1200
  static let writeFailure: Int32 = 0x1500
  static let casWriteUnknown: Int32 = 0x1700
  static let invalid: Int32 = 0x2200
  static let unprepared: Int32 = 0x2500

  var code: Int32
  var message: String
}

/// Section 4.2.6: what a node says by itself.
enum ServerEvent: Sendable, Hashable {
  case topology
  case status(isUp: Bool, address: String)
  case schema(keyspace: String)
  case other
}

extension Response {
  private enum Flag {
    static let compressed: UInt8 = 0x01
    static let tracing: UInt8 = 0x02
    static let customPayload: UInt8 = 0x04
    static let warning: UInt8 = 0x08
  }

  /// What is left of a body is ignored, as the specification asks.
  init(_ envelope: Envelope) throws(CQLError) {
    guard let opcode = Opcode(rawValue: envelope.opcode) else {
      throw .malformed("a message of kind \(envelope.opcode)")
    }
    if envelope.flags & Flag.compressed != 0, envelope.version < CQLVersion.v5.rawValue {
      throw .malformed("a compressed message that nobody asked for")
    }
    var reader = WireReader(envelope.body)
    if envelope.flags & Flag.tracing != 0 { _ = try reader.take(16) }
    if envelope.flags & Flag.warning != 0 { _ = try reader.stringList() }
    if envelope.flags & Flag.customPayload != 0 {
      for _ in 0..<(try reader.short()) {
        _ = try reader.string()
        _ = try reader.bytesOrNull()
      }
    }
    switch opcode {
    case .error: self = .error(ServerError(code: try reader.int(), message: try reader.string()))
    case .ready: self = .ready
    case .authenticate: self = .authenticate(try reader.string())
    case .supported: self = .supported(try reader.stringMultimap())
    case .result: self = .result(try QueryResult(&reader, envelope.version))
    case .event: self = .event(try ServerEvent(&reader))
    case .authChallenge: self = .authChallenge(Array(try reader.bytesOrNull() ?? []))
    case .authSuccess: self = .authSuccess
    case .startup, .options, .query, .prepare, .execute, .register, .batch, .authResponse:
      throw .malformed("a request from a server")
    }
  }
}

extension QueryResult {
  init(_ reader: inout WireReader, _ version: UInt8) throws(CQLError) {
    switch try reader.int() {
    case 1: self = .void
    case 2: self = .rows(try CQLRows(&reader))
    case 3: self = .keyspace(try reader.string())
    case 4: self = .prepared(try PreparedID(&reader, version))
    case 5: self = .schemaChange
    case let kind: throw .malformed("a result of kind \(kind)")
    }
  }
}

extension PreparedID {
  /// Section 4.2.5.4. The columns are not read: results come with their own.
  init(_ reader: inout WireReader, _ version: UInt8) throws(CQLError) {
    let id = try reader.shortBytes()
    self.init(id: id, resultMetadata: version >= CQLVersion.v5.rawValue ? try reader.shortBytes() : [])
    // v3 does not say what the partition key is.
    guard version >= CQLVersion.v4.rawValue else { return }
    _ = try reader.int()
    let columns = try reader.count()
    let keys = try reader.count()
    guard keys <= reader.remaining / 2 else { throw .malformed("more keys than bytes") }
    var partitionKey: [Int] = []
    for _ in 0..<keys { partitionKey.append(try reader.short()) }
    guard columns > 0, keys > 0 else { return }
    // That of the whole statement, or of the first column: they are of one table.
    self.route = StatementRoute(keyspace: try reader.string(), partitionKey: partitionKey)
  }
}

extension ServerEvent {
  init(_ reader: inout WireReader) throws(CQLError) {
    switch try reader.string() {
    case "TOPOLOGY_CHANGE": self = .topology
    case "STATUS_CHANGE":
      let change = try reader.string()
      self = .status(isUp: change == "UP", address: try reader.inet())
    case "SCHEMA_CHANGE":
      _ = try reader.string()
      let target = try reader.string()
      let keyspace = try reader.string()
      // What is in a keyspace does not move it.
      self = target == "KEYSPACE" ? .schema(keyspace: keyspace) : .other
    default: self = .other
    }
  }
}
