// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCQL

/// A statement of the few kinds that the store sends, taken apart.
struct ModelStatement {
  enum Kind { case select, insert, update, delete, createTable, createKeyspace, dropTable }

  struct Condition {
    let columns: [String]
    let comparison: String
    let values: [CQLValue]

    /// Of `IN`, whose values may be one list.
    var listed: [CQLValue] {
      guard case .texts(let texts)? = self.values.first else { return self.values }
      return texts.map { .text($0) }
    }
  }

  var kind = Kind.select
  var table = ""
  var columns: [String] = []
  /// What is written, by column.
  var assigned: [String: CQLValue] = [:]
  var conditions: [Condition] = []
  /// `IF`.
  var expected: [Condition] = []
  var isIfNotExists = false
  var timestamp: Int64?
  var limit = Int.max
  /// Of a table that is made.
  var partitionKey: [String] = []
  var clustering: [String] = []

  private var tokens: ArraySlice<String>
  private var values: ArraySlice<CQLValue>

  init(_ statement: CQLStatement) throws(CQLError) {
    self.tokens = Self.tokens(statement.text)[...]
    self.values = statement.values[...]
    switch self.next() {
    case "SELECT": try self.parseSelect()
    case "INSERT": try self.parseInsert()
    case "UPDATE": try self.parseUpdate()
    case "DELETE": try self.parseDelete()
    case "CREATE": try self.parseCreate()
    case "DROP":
      self.kind = .dropTable
      for word in ["TABLE", "IF", "EXISTS"] { try self.expect(word) }
      self.table = try self.name()
    default: throw .refused(code: 0x2000, "cannot read \(statement.text)")
    }
  }

  // MARK: Words

  private static func tokens(_ text: String) -> [String] {
    var tokens: [String] = []
    var word = ""
    var quote: Character?
    func end() {
      if !word.isEmpty { tokens.append(word) }
      word = ""
    }
    for character in text {
      if let open = quote {
        word.append(character)
        if character == open { quote = nil }
      } else if character == "'" || character == "\"" {
        word.append(character)
        quote = character
      } else if character.isLetter || character.isNumber || "_.-[]".contains(character) {
        word.append(character)
      } else {
        end()
        if !character.isWhitespace { tokens.append(String(character)) }
      }
    }
    end()
    return tokens
  }

  private mutating func next() -> String { self.tokens.popFirst() ?? "" }

  private mutating func skip(_ word: String) -> Bool {
    guard self.tokens.first == word else { return false }
    self.tokens.removeFirst()
    return true
  }

  private mutating func expect(_ word: String) throws(CQLError) {
    let found = self.next()
    if found != word { throw .refused(code: 0x2000, "\(word) expected, not \(found)") }
  }

  /// Without the keyspace, but for those of the server.
  private mutating func name() throws(CQLError) -> String {
    let name = self.next()
    return name.hasPrefix("system_schema") ? name : String(name.split(separator: ".").last ?? "")
  }

  private mutating func value() throws(CQLError) -> CQLValue {
    let word = self.next()
    if word == "?" {
      guard let value = self.values.popFirst() else { throw .refused(code: 0x2200, "a value is missing") }
      return value
    }
    if word.hasPrefix("'") { return .text(String(word.dropFirst().dropLast())) }
    return Int64(word).map { .bigint($0) } ?? .null
  }

  private mutating func list<Item>(_ item: (inout Self) throws(CQLError) -> Item) throws(CQLError) -> [Item] {
    try self.expect("(")
    var items = [try item(&self)]
    while self.skip(",") { items.append(try item(&self)) }
    try self.expect(")")
    return items
  }

  private mutating func names() throws(CQLError) -> [String] {
    try self.list { (statement) throws(CQLError) in statement.next() }
  }

  private mutating func parseConditions() throws(CQLError) -> [Condition] {
    var conditions: [Condition] = []
    repeat {
      let columns = self.tokens.first == "(" ? try self.names() : [self.next()]
      var comparison = self.next()
      if self.skip("=") { comparison += "=" }
      let isList = self.tokens.first == "("
      let values =
        isList
        ? try self.list { (statement) throws(CQLError) in try statement.value() } : [try self.value()]
      conditions.append(Condition(columns: columns, comparison: comparison, values: values))
    } while self.skip("AND")
    return conditions
  }

  private mutating func parseUsing() throws(CQLError) {
    guard self.skip("USING") else { return }
    repeat {
      let word = self.next()
      let value = try self.value()
      if word == "TIMESTAMP", case .bigint(let timestamp) = value { self.timestamp = timestamp }
    } while self.skip("AND")
  }

  // MARK: Statements

  private mutating func parseSelect() throws(CQLError) {
    repeat { self.columns.append(self.next()) } while self.skip(",")
    try self.expect("FROM")
    self.table = try self.name()
    if self.skip("WHERE") { self.conditions = try self.parseConditions() }
    if self.skip("LIMIT") {
      switch try self.value() {
      case .int(let limit): self.limit = Int(limit)
      case .bigint(let limit): self.limit = Int(limit)
      default: throw .refused(code: 0x2200, "a limit is a number")
      }
    }
  }

  private mutating func parseInsert() throws(CQLError) {
    self.kind = .insert
    try self.expect("INTO")
    self.table = try self.name()
    let names = try self.names()
    try self.expect("VALUES")
    let values = try self.list { (statement) throws(CQLError) in try statement.value() }
    for (name, value) in zip(names, values) { self.assigned[name] = value }
    if self.skip("IF") {
      try self.expect("NOT")
      try self.expect("EXISTS")
      self.isIfNotExists = true
    }
    try self.parseUsing()
  }

  private mutating func parseUpdate() throws(CQLError) {
    self.kind = .update
    self.table = try self.name()
    try self.parseUsing()
    try self.expect("SET")
    repeat {
      let name = self.next()
      try self.expect("=")
      self.assigned[name] = try self.value()
    } while self.skip(",")
    try self.expect("WHERE")
    self.conditions = try self.parseConditions()
    if self.skip("IF") { self.expected = try self.parseConditions() }
  }

  private mutating func parseDelete() throws(CQLError) {
    self.kind = .delete
    try self.expect("FROM")
    self.table = try self.name()
    try self.parseUsing()
    try self.expect("WHERE")
    self.conditions = try self.parseConditions()
    if self.skip("IF") { self.expected = try self.parseConditions() }
  }

  private mutating func parseCreate() throws(CQLError) {
    self.kind = self.next() == "TABLE" ? .createTable : .createKeyspace
    for word in ["IF", "NOT", "EXISTS"] { try self.expect(word) }
    self.table = try self.name()
    guard self.kind == .createTable else { return }
    try self.expect("(")
    repeat {
      let name = self.next()
      if name == "PRIMARY" {
        try self.expect("KEY")
        try self.expect("(")
        self.partitionKey = try self.names()
        while self.skip(",") { self.clustering.append(self.next()) }
        try self.expect(")")
      } else {
        self.columns.append(name)
        _ = self.next()
        if self.skip("PRIMARY") {
          try self.expect("KEY")
          self.partitionKey = [name]
        }
      }
    } while self.skip(",")
    try self.expect(")")
  }
}
