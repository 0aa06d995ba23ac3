// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Makes descriptors of declarations: names become places, and what the language forbids is refused.
struct ProtoLinker {
  /// What a method's options say about HTTP, and where.
  struct MethodOptions {
    let method: Int
    let options: [OptionDeclaration]
    let file: String
  }

  private let names: ProtoNames
  private(set) var messages: [MessageDescriptor]
  private(set) var enums: [EnumDescriptor]
  private(set) var methods: [MethodDescriptor] = []
  private(set) var options: [MethodOptions] = []

  init(_ names: ProtoNames) {
    self.names = names
    self.messages = Array(repeating: MessageDescriptor(fullName: ""), count: names.messages.count)
    self.enums = Array(repeating: EnumDescriptor(fullName: "", values: []), count: names.enums.count)
  }

  mutating func link(_ file: ProtoFile) throws(ProtoError) {
    for message in file.messages { try self.link(message, in: file.package, file) }
    for declaration in file.enums { try self.link(declaration, in: file.package, file) }
    for service in file.services {
      for method in service.methods { try self.link(method, of: service, file) }
    }
  }

  // MARK: Messages

  private mutating func link(
    _ message: MessageDeclaration, in scope: String, _ file: ProtoFile
  ) throws(ProtoError) {
    let fullName = ProtoNames.join(scope, message.name)
    var fields: [FieldDescriptor] = []
    var numbers: Set<UInt32> = []
    var fieldNames: Set<String> = []
    var writtenNames: Set<String> = []
    for declaration in message.fields {
      let field = try self.field(declaration, in: fullName, file)
      guard numbers.insert(field.number).inserted, fieldNames.insert(field.name).inserted else {
        throw ProtoError(
          file: file.path, line: declaration.line,
          "expected a name and a number of its own: \(fullName) has a field '\(field.name)' or \(field.number) already")
      }
      guard writtenNames.insert(field.writtenName).inserted else {
        throw ProtoError(
          file: file.path, line: declaration.line, "expected a json_name of its own, not '\(field.writtenName)'")
      }
      fields.append(field)
    }
    if let index = self.names.messages[fullName] {
      self.messages[index] = MessageDescriptor(fullName: fullName, fields: fields)
    }
    for inner in message.messages { try self.link(inner, in: fullName, file) }
    for inner in message.enums { try self.link(inner, in: fullName, file) }
  }

  private mutating func link(
    _ declaration: EnumDeclaration, in scope: String, _ file: ProtoFile
  ) throws(ProtoError) {
    guard let first = declaration.values.first else {
      throw ProtoError(file: file.path, line: declaration.line, "expected at least one value in an enum")
    }
    guard !file.isProto3 || first.number == 0 else {
      throw ProtoError(file: file.path, line: declaration.line, "expected 0 as the first value of an enum of proto3")
    }
    let fullName = ProtoNames.join(scope, declaration.name)
    if let index = self.names.enums[fullName] {
      self.enums[index] = EnumDescriptor(fullName: fullName, values: declaration.values)
    }
  }

  private static let numbers: ClosedRange<UInt64> = 1...536_870_911
  private static let implementationNumbers: ClosedRange<UInt64> = 19_000...19_999

  private func field(
    _ declaration: FieldDeclaration, in scope: String, _ file: ProtoFile
  ) throws(ProtoError) -> FieldDescriptor {
    guard Self.numbers.contains(declaration.number), !Self.implementationNumbers.contains(declaration.number) else {
      throw ProtoError(
        file: file.path, line: declaration.line, "expected a field number from 1 to 536870911, but for 19000 to 19999")
    }
    if file.isProto3, declaration.label == .required {
      throw ProtoError(file: file.path, line: declaration.line, "expected no 'required' in proto3")
    }
    let type = try self.type(declaration.type, in: scope, line: declaration.line, file)
    let ownName = declaration.options.last { $0.name == ["json_name"] }.flatMap { option -> String? in
      if case .string(let text) = option.value { String(decoding: text, as: UTF8.self) } else { nil }
    }
    let isMessage = if case .message = type { true } else { false }
    let kind = try self.kind(declaration, type, file)
    return FieldDescriptor(
      name: declaration.name, jsonName: ownName ?? Self.camelCase(declaration.name), hasOwnJSONName: ownName != nil,
      number: UInt32(truncatingIfNeeded: declaration.number), type: type, kind: kind, oneof: declaration.oneof,
      hasPresence: isMessage || !file.isProto3 || declaration.label == .optional || declaration.oneof != nil)
  }

  private func kind(
    _ declaration: FieldDeclaration, _ type: FieldType, _ file: ProtoFile
  ) throws(ProtoError) -> FieldDescriptor.Kind {
    if let keyName = declaration.keyType {
      switch FieldType(scalar: keyName) {
      case nil, .double, .float, .bytes:
        throw ProtoError(file: file.path, line: declaration.line, "expected an integer, bool or string as a map's key")
      case let key?: return .map(key: key)
      }
    }
    guard declaration.label == .repeated else { return .single }
    var isPacked = file.isProto3
    for option in declaration.options where option.name == ["packed"] {
      if case .identifier(let text) = option.value { isPacked = text == "true" }
    }
    return .repeated(isPacked: isPacked && type.isPackable)
  }

  private func type(
    _ name: String, in scope: String, line: Int, _ file: ProtoFile
  ) throws(ProtoError) -> FieldType {
    if let scalar = FieldType(scalar: name) { return scalar }
    guard let type = self.names.type(name, in: scope) else {
      throw ProtoError(file: file.path, line: line, "expected a type: '\(name)' is not defined here or imported")
    }
    return type
  }

  /// `foo_bar` as `fooBar`.
  static func camelCase(_ name: String) -> String {
    var output: [UInt8] = []
    var isRaised = false
    for byte in name.utf8 {
      if byte == UInt8(ascii: "_") {
        isRaised = true
        continue
      }
      output.append(isRaised && (byte &- 0x61) < 26 ? byte & 0xDF : byte)
      isRaised = false
    }
    return String(decoding: output, as: UTF8.self)
  }

  // MARK: Methods

  private mutating func link(
    _ method: MethodDeclaration, of service: ServiceDeclaration, _ file: ProtoFile
  ) throws(ProtoError) {
    let fullName = ProtoNames.join(file.package, service.name)
    let types = try [method.input, method.output].map { name throws(ProtoError) -> Int in
      guard case .message(let index)? = self.names.type(name, in: fullName) else {
        throw ProtoError(
          file: file.path, line: method.line, "expected a message: '\(name)' is not defined here or imported")
      }
      return index
    }
    self.options.append(MethodOptions(method: self.methods.count, options: method.options, file: file.path))
    self.methods.append(
      MethodDescriptor(
        path: "/\(fullName)/\(method.name)", input: types[0], output: types[1],
        isClientStreaming: method.isClientStreaming, isServerStreaming: method.isServerStreaming))
  }
}
