// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// All types and methods of a `.proto` file and of what it imports. Immutable.
package final class DescriptorPool: Sendable {
  package let messages: [MessageDescriptor]
  package let enums: [EnumDescriptor]
  /// Of the file itself and of the files it imports, in the order in which they stand.
  package let methods: [MethodDescriptor]
  /// What the methods' `google.api.http` options say, in the same order.
  package let rules: HTTPRuleTable
  private let messageIndexes: [String: Int]
  private let methodIndexes: [String: Int]

  /// - Parameter files: each after those that it imports.
  init(_ files: [ProtoFile]) throws(ProtoError) {
    let names = try ProtoNames(files)
    var linker = ProtoLinker(names)
    for file in files { try linker.link(file) }
    self.messages = linker.messages
    self.enums = linker.enums
    self.methods = linker.methods
    self.messageIndexes = names.messages
    self.methodIndexes = Dictionary(linker.methods.enumerated().map { ($1.path, $0) }) { first, _ in first }
    self.rules = try HTTPRuleTable(linker.options, methods: linker.methods, messages: linker.messages)
  }

  /// The place of a message, by its full name without a leading dot.
  package func message(named fullName: String) -> Int? { self.messageIndexes[fullName] }

  /// The method that a call's path names: `/package.Service/Method`.
  package func method(path: String) -> MethodDescriptor? { self.methodIndexes[path].map { self.methods[$0] } }
}

/// Where each message and enum of some files will stand.
struct ProtoNames {
  private(set) var messages: [String: Int] = [:]
  private(set) var enums: [String: Int] = [:]

  init(_ files: [ProtoFile]) throws(ProtoError) {
    for file in files {
      for message in file.messages { try self.add(message, in: file.package, file) }
      for declaration in file.enums { try self.add(declaration, in: file.package, file) }
    }
  }

  static func join(_ scope: String, _ name: String) -> String { scope.isEmpty ? name : "\(scope).\(name)" }

  private mutating func add(_ message: MessageDeclaration, in scope: String, _ file: ProtoFile) throws(ProtoError) {
    let name = Self.join(scope, message.name)
    try self.refuse(name, message.line, file)
    self.messages[name] = self.messages.count
    for inner in message.messages { try self.add(inner, in: name, file) }
    for inner in message.enums { try self.add(inner, in: name, file) }
  }

  private mutating func add(_ declaration: EnumDeclaration, in scope: String, _ file: ProtoFile) throws(ProtoError) {
    let name = Self.join(scope, declaration.name)
    try self.refuse(name, declaration.line, file)
    self.enums[name] = self.enums.count
  }

  private func refuse(_ name: String, _ line: Int, _ file: ProtoFile) throws(ProtoError) {
    guard self.messages[name] == nil, self.enums[name] == nil else {
      throw ProtoError(file: file.path, line: line, "expected a new name: \(name) is defined already")
    }
  }

  /// What a name means inside of a scope: the innermost scope that has it counts. A leading dot begins at the root.
  func type(_ name: String, in scope: String) -> FieldType? {
    if name.utf8.first == UInt8(ascii: ".") { return self.type(fullName: String(name.dropFirst())) }
    var scope = scope[...]
    while true {
      if let found = self.type(fullName: Self.join(String(scope), name)) { return found }
      guard !scope.isEmpty else { return nil }
      scope = scope.lastIndex(of: ".").map { scope[..<$0] } ?? ""
    }
  }

  private func type(fullName: String) -> FieldType? {
    if let index = self.messages[fullName] { return .message(index) }
    return self.enums[fullName].map { .enumeration($0) }
  }
}
