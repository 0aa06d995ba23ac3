// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Reads a `.proto` file (proto2 and proto3) by recursive descent. Groups and editions are refused; extensions, custom
/// options and reserved names are read and forgotten.
struct ProtoParser {
  /// Messages, and values of options, inside one another.
  static let depthLimit = 32

  private var tokenizer: ProtoTokenizer
  private(set) var token = ProtoToken.end
  /// Of `token`.
  private(set) var line = 1
  var file: ProtoFile
  var depth = 0

  private init(_ bytes: [UInt8], path: String) {
    self.tokenizer = ProtoTokenizer(bytes, file: path)
    self.file = ProtoFile(path: path)
  }

  static func parse(_ bytes: [UInt8], path: String) throws(ProtoError) -> ProtoFile {
    var parser = ProtoParser(bytes, path: path)
    try parser.advance()
    while parser.token != .end { try parser.statement() }
    return parser.file
  }

  // MARK: Tokens

  mutating func advance() throws(ProtoError) {
    self.token = try self.tokenizer.next()
    self.line = self.tokenizer.line
  }

  func error(_ message: String) -> ProtoError { ProtoError(file: self.file.path, line: self.line, message) }

  func expected(_ what: String) -> ProtoError { self.error("expected \(what), found \(self.token.shown)") }

  /// Whether the token is that symbol, which is then stepped over.
  mutating func skip(_ symbol: Unicode.Scalar) throws(ProtoError) -> Bool {
    guard self.token == .symbol(symbol) else { return false }
    try self.advance()
    return true
  }

  mutating func expect(_ symbol: Unicode.Scalar) throws(ProtoError) {
    guard try self.skip(symbol) else { throw self.expected("'\(symbol)'") }
  }

  func isAt(_ keyword: String) -> Bool { self.token == .identifier(keyword) }

  mutating func identifier(_ what: String) throws(ProtoError) -> String {
    guard case .identifier(let name) = self.token else { throw self.expected(what) }
    try self.advance()
    return name
  }

  /// `a.b.C`, or `.a.b.C`.
  mutating func fullName(_ what: String) throws(ProtoError) -> String {
    var name = try self.skip(".") ? "." : ""
    name += try self.identifier(what)
    while try self.skip(".") { name += "." + (try self.identifier(what)) }
    return name
  }

  /// One string, or several in a row that make one.
  mutating func string(_ what: String) throws(ProtoError) -> [UInt8] {
    guard case .string(var text) = self.token else { throw self.expected(what) }
    try self.advance()
    while case .string(let more) = self.token {
      text += more
      try self.advance()
    }
    return text
  }

  mutating func descend() throws(ProtoError) {
    guard self.depth < Self.depthLimit else { throw self.error("nested deeper than \(Self.depthLimit) levels") }
    self.depth += 1
  }

  // MARK: The file

  private mutating func statement() throws(ProtoError) {
    if try self.skip(";") { return }
    guard case .identifier(let keyword) = self.token else { throw self.expected("a definition") }
    switch keyword {
    case "syntax": try self.syntax()
    case "edition": throw self.error("editions are not supported: expected syntax = \"proto3\" or \"proto2\"")
    case "package":
      try self.advance()
      self.file.package = try self.fullName("the name of a package")
      try self.expect(";")
    case "import": try self.importStatement()
    case "option": _ = try self.option()
    case "message": self.file.messages.append(try self.message())
    case "enum": self.file.enums.append(try self.enumeration())
    case "service": self.file.services.append(try self.service())
    case "extend": try self.extend()
    default: throw self.expected("a definition (message, enum, service, import, package, option, extend)")
    }
  }

  private mutating func syntax() throws(ProtoError) {
    try self.advance()
    try self.expect("=")
    let line = self.line
    let name = try self.string("\"proto2\" or \"proto3\"")
    switch String(decoding: name, as: UTF8.self) {
    case "proto3": self.file.isProto3 = true
    case "proto2": self.file.isProto3 = false
    default: throw ProtoError(file: self.file.path, line: line, "expected \"proto2\" or \"proto3\"")
    }
    try self.expect(";")
  }

  private mutating func importStatement() throws(ProtoError) {
    try self.advance()
    if self.isAt("public") || self.isAt("weak") { try self.advance() }
    let line = self.line
    let path = String(decoding: try self.string("the path of a file in quotes"), as: UTF8.self)
    self.file.imports.append(ProtoFile.Import(path: path, line: line))
    try self.expect(";")
  }
}
