// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

extension ProtoParser {
  mutating func service() throws(ProtoError) -> ServiceDeclaration {
    try self.advance()
    let line = self.line
    var service = ServiceDeclaration(name: try self.identifier("the name of a service"), line: line)
    try self.expect("{")
    while !(try self.skip("}")) {
      if try self.skip(";") { continue }
      if self.isAt("option") {
        _ = try self.option()
      } else if self.isAt("rpc") {
        service.methods.append(try self.method())
      } else {
        throw self.expected("'rpc', 'option' or '}'")
      }
    }
    return service
  }

  private mutating func method() throws(ProtoError) -> MethodDeclaration {
    try self.advance()
    let line = self.line
    let name = try self.identifier("the name of a method")
    let (input, isClientStreaming) = try self.methodType()
    guard self.isAt("returns") else { throw self.expected("'returns'") }
    try self.advance()
    let (output, isServerStreaming) = try self.methodType()
    var method = MethodDeclaration(
      name: name, input: input, output: output, isClientStreaming: isClientStreaming,
      isServerStreaming: isServerStreaming, line: line)
    guard try self.skip("{") else {
      try self.expect(";")
      return method
    }
    while !(try self.skip("}")) {
      if try self.skip(";") { continue }
      guard self.isAt("option") else { throw self.expected("'option' or '}'") }
      method.options.append(try self.option())
    }
    return method
  }

  /// `(stream a.b.C)`.
  private mutating func methodType() throws(ProtoError) -> (name: String, isStream: Bool) {
    try self.expect("(")
    var isStream = false
    var name = ""
    if self.isAt("stream") {
      try self.advance()
      isStream = self.token != .symbol(")")
      if !isStream { name = "stream" }
    }
    if name.isEmpty { name = try self.fullName("the name of a message") }
    try self.expect(")")
    return (name, isStream)
  }

  // MARK: Options

  /// `option name = value;`
  mutating func option() throws(ProtoError) -> OptionDeclaration {
    try self.advance()
    let option = try self.assignment()
    try self.expect(";")
    return option
  }

  /// `[name = value, …]`
  mutating func fieldOptions() throws(ProtoError) -> [OptionDeclaration] {
    try self.expect("[")
    var options: [OptionDeclaration] = []
    repeat { options.append(try self.assignment()) } while try self.skip(",")
    try self.expect("]")
    return options
  }

  private mutating func assignment() throws(ProtoError) -> OptionDeclaration {
    let line = self.line
    var name: [String] = []
    repeat {
      if try self.skip("(") {
        name.append("(\(try self.fullName("the name of an option")))")
        try self.expect(")")
      } else {
        name.append(try self.identifier("the name of an option"))
      }
    } while try self.skip(".")
    try self.expect("=")
    return OptionDeclaration(name: name, value: try self.optionValue(), line: line)
  }

  private mutating func optionValue() throws(ProtoError) -> OptionValue {
    try self.descend()
    defer { self.depth -= 1 }
    switch self.token {
    case .string: return .string(try self.string("a string"))
    case .identifier: return .identifier(try self.fullName("a value"))
    case .symbol(UInt8(ascii: "{")), .symbol(UInt8(ascii: "<")): return .aggregate(try self.aggregate())
    case .symbol(UInt8(ascii: "[")): return .list(try self.optionList())
    case .integer, .float, .symbol(UInt8(ascii: "-")), .symbol(UInt8(ascii: "+")): return try self.optionNumber()
    default: throw self.expected("a value")
    }
  }

  private mutating func optionNumber() throws(ProtoError) -> OptionValue {
    let isNegative = try self.skip("-")
    if !isNegative { _ = try self.skip("+") }
    switch self.token {
    case .integer(let value):
      try self.advance()
      return .integer(value, isNegative: isNegative)
    case .float(let value):
      try self.advance()
      return .float(isNegative ? -value : value)
    case .identifier("inf"), .identifier("nan"):
      let isNumber = self.isAt("inf")
      try self.advance()
      return .float(!isNumber ? .nan : isNegative ? -.infinity : .infinity)
    default: throw self.expected("a number")
    }
  }

  private mutating func optionList() throws(ProtoError) -> [OptionValue] {
    try self.expect("[")
    var values: [OptionValue] = []
    if try self.skip("]") { return values }
    repeat { values.append(try self.optionValue()) } while try self.skip(",")
    try self.expect("]")
    return values
  }

  /// `{ name: value name { … } }`, members separated by nothing, a comma or a semicolon.
  private mutating func aggregate() throws(ProtoError) -> [OptionValue.Member] {
    let closing: Unicode.Scalar = self.token == .symbol("<") ? ">" : "}"
    try self.advance()
    var members: [OptionValue.Member] = []
    while !(try self.skip(closing)) {
      let line = self.line
      let name = try self.memberName(closing)
      if !(try self.skip(":")), self.token != .symbol("{"), self.token != .symbol("<") { throw self.expected("':'") }
      members.append(OptionValue.Member(name: name, value: try self.optionValue(), line: line))
      if !(try self.skip(",")) { _ = try self.skip(";") }
    }
    return members
  }

  /// `name`, or `[some.extension]`, or `[type.example/some.Message]`.
  private mutating func memberName(_ closing: Unicode.Scalar) throws(ProtoError) -> String {
    guard try self.skip("[") else { return try self.identifier("the name of a field or '\(closing)'") }
    var name = try self.fullName("the name of an extension")
    while try self.skip("/") { name += "/" + (try self.fullName("the name of a message")) }
    try self.expect("]")
    return "[\(name)]"
  }
}
