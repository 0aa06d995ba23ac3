// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

extension ProtoParser {
  mutating func message() throws(ProtoError) -> MessageDeclaration {
    try self.advance()
    try self.descend()
    defer { self.depth -= 1 }
    let line = self.line
    var message = MessageDeclaration(name: try self.identifier("the name of a message"), line: line)
    try self.expect("{")
    while !(try self.skip("}")) { try self.member(of: &message) }
    return message
  }

  private mutating func member(of message: inout MessageDeclaration) throws(ProtoError) {
    if try self.skip(";") { return }
    guard case .identifier(let keyword) = self.token else {
      // A type that begins at the root.
      guard self.token == .symbol(".") else { throw self.expected("a field or '}'") }
      return message.fields.append(try self.field(label: .none))
    }
    switch keyword {
    case "message": message.messages.append(try self.message())
    case "enum": message.enums.append(try self.enumeration())
    case "extend": try self.extend()
    case "option": _ = try self.option()
    case "extensions", "reserved": try self.skipStatement()
    case "oneof": try self.oneof(of: &message)
    case "optional": message.fields.append(try self.labelledField(.optional))
    case "required": message.fields.append(try self.labelledField(.required))
    case "repeated": message.fields.append(try self.labelledField(.repeated))
    default: message.fields.append(try self.field(label: .none))
    }
  }

  /// `reserved 2, 9 to 11;` and `extensions 100 to max [ … ];`.
  private mutating func skipStatement() throws(ProtoError) {
    try self.advance()
    while !(try self.skip(";")) {
      if self.token == .end || self.token == .symbol("{") || self.token == .symbol("}") { throw self.expected("';'") }
      if self.token == .symbol("[") { _ = try self.fieldOptions() } else { try self.advance() }
    }
  }

  private mutating func oneof(of message: inout MessageDeclaration) throws(ProtoError) {
    try self.advance()
    let index = message.oneofs.count
    message.oneofs.append(try self.identifier("the name of a oneof"))
    try self.expect("{")
    while !(try self.skip("}")) {
      if try self.skip(";") { continue }
      if self.isAt("option") {
        _ = try self.option()
        continue
      }
      for label in ["optional", "required", "repeated"] where self.isAt(label) {
        throw self.error("expected a field without '\(label)' in a oneof")
      }
      var field = try self.field(label: .none)
      if field.keyType != nil { throw self.error("expected a field that is no map in a oneof") }
      field.oneof = index
      message.fields.append(field)
    }
  }

  private mutating func labelledField(_ label: FieldDeclaration.Label) throws(ProtoError) -> FieldDeclaration {
    try self.advance()
    return try self.field(label: label)
  }

  private mutating func field(label: FieldDeclaration.Label) throws(ProtoError) -> FieldDeclaration {
    if self.isAt("group") { throw self.error("groups are not supported") }
    var type = try self.fullName("the type of a field")
    var keyType: String?
    if type == "map", try self.skip("<") {
      guard label == .none else { throw self.error("expected a map without a label") }
      keyType = try self.fullName("the type of a map's keys")
      try self.expect(",")
      type = try self.fullName("the type of a map's values")
      try self.expect(">")
    }
    let line = self.line
    let name = try self.identifier("the name of a field")
    try self.expect("=")
    guard case .integer(let number) = self.token else { throw self.expected("the number of a field") }
    try self.advance()
    let options = self.token == .symbol("[") ? try self.fieldOptions() : []
    try self.expect(";")
    return FieldDeclaration(
      name: name, number: number, type: type, keyType: keyType, label: label, options: options, line: line)
  }

  /// Extensions do not change how messages without them are read: an unknown field is passed over.
  mutating func extend() throws(ProtoError) {
    try self.advance()
    _ = try self.fullName("the name of a message")
    try self.expect("{")
    while !(try self.skip("}")) {
      if try self.skip(";") { continue }
      for label in ["optional", "required", "repeated"] where self.isAt(label) { try self.advance() }
      _ = try self.field(label: .none)
    }
  }

  // MARK: Enums

  mutating func enumeration() throws(ProtoError) -> EnumDeclaration {
    try self.advance()
    let line = self.line
    var declaration = EnumDeclaration(name: try self.identifier("the name of an enum"), line: line)
    try self.expect("{")
    while !(try self.skip("}")) {
      if try self.skip(";") { continue }
      if self.isAt("option") {
        declaration.options.append(try self.option())
        continue
      }
      // A value may have that name.
      let name = try self.identifier("a value of the enum or '}'")
      if name == "reserved", self.token != .symbol("=") {
        while !(try self.skip(";")) {
          if self.token == .end || self.token == .symbol("}") { throw self.expected("';'") }
          try self.advance()
        }
        continue
      }
      try self.expect("=")
      declaration.values.append(EnumDeclaration.Value(name: name, number: try self.enumNumber()))
      if self.token == .symbol("[") { _ = try self.fieldOptions() }
      try self.expect(";")
    }
    return declaration
  }

  private mutating func enumNumber() throws(ProtoError) -> Int32 {
    let isNegative = try self.skip("-")
    guard case .integer(let magnitude) = self.token, let positive = Int64(exactly: magnitude),
      let number = Int32(exactly: isNegative ? -positive : positive)
    else { throw self.expected("a number of 32 bits") }
    try self.advance()
    return number
  }
}
