// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// One binding as a method's option writes it.
struct HTTPBinding {
  let method: String
  let path: String
  let body: String?
  let responseBody: String?
  let line: Int
}

extension HTTPBinding {
  /// All bindings of a method: the one of the option itself, and its `additional_bindings`.
  static func read(_ entry: ProtoLinker.MethodOptions) throws(ProtoError) -> [HTTPBinding] {
    var members: [OptionValue.Member] = []
    for option in entry.options {
      guard let first = option.name.first, first == "(google.api.http)" || first == "(.google.api.http)" else {
        continue
      }
      members += try Self.members(of: option, file: entry.file)
    }
    guard let line = members.first?.line else { return [] }
    var bindings = [try Self.binding(members, line: line, file: entry.file)]
    for member in members where member.name == "additional_bindings" {
      for value in member.value.elements {
        guard case .aggregate(let inner) = value, !inner.contains(where: { $0.name == "additional_bindings" }) else {
          throw ProtoError(
            file: entry.file, line: member.line, "expected a rule without additional_bindings of its own in { }")
        }
        bindings.append(try Self.binding(inner, line: inner.first?.line ?? member.line, file: entry.file))
      }
    }
    return bindings
  }

  /// `(google.api.http) = { get: "/x" }` and `(google.api.http).get = "/x"` say the same.
  private static func members(
    of option: OptionDeclaration, file: String
  ) throws(ProtoError) -> [OptionValue.Member] {
    let inner = option.name.dropFirst().reversed().reduce(option.value) { value, name in
      .aggregate([OptionValue.Member(name: name, value: value, line: option.line)])
    }
    guard case .aggregate(let members) = inner else {
      throw ProtoError(file: file, line: option.line, "expected a rule in { } for google.api.http")
    }
    return members
  }

  private static func binding(
    _ members: [OptionValue.Member], line: Int, file: String
  ) throws(ProtoError) -> HTTPBinding {
    var pattern: (method: String, path: String)?
    var texts: [String: String] = [:]
    // `custom` may come in two options, one for each part.
    var custom: [OptionValue.Member] = []
    for member in members {
      var found: (method: String, path: String)?
      switch member.name {
      case "get", "put", "post", "delete", "patch":
        found = (Self.uppercased(member.name), try Self.text(member, file: file))
      case "custom": custom += try Self.parts(ofCustom: member, file: file)
      case "body", "response_body": texts[member.name] = try Self.text(member, file: file)
      case "selector", "additional_bindings": break
      default:
        throw ProtoError(
          file: file, line: member.line,
          "expected get, put, post, delete, patch, custom, body, response_body or additional_bindings,"
            + " found '\(member.name.prefix(60))'")
      }
      guard let found else { continue }
      guard pattern == nil else { throw Self.secondPattern(member.line, file) }
      pattern = found
    }
    if let first = custom.first {
      guard pattern == nil else { throw Self.secondPattern(first.line, file) }
      pattern = try Self.custom(custom, line: first.line, file: file)
    }
    guard let pattern else {
      throw ProtoError(file: file, line: line, "expected a method and a path: get, put, post, delete, patch or custom")
    }
    return HTTPBinding(
      method: pattern.method, path: pattern.path, body: texts["body"], responseBody: texts["response_body"], line: line)
  }

  private static func text(_ member: OptionValue.Member, file: String) throws(ProtoError) -> String {
    guard case .string(let bytes) = member.value else {
      throw ProtoError(file: file, line: member.line, "expected a string for \(member.name)")
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func secondPattern(_ line: Int, _ file: String) -> ProtoError {
    ProtoError(file: file, line: line, "expected one method and path; others are additional_bindings")
  }

  private static func parts(
    ofCustom member: OptionValue.Member, file: String
  ) throws(ProtoError) -> [OptionValue.Member] {
    guard case .aggregate(let parts) = member.value, !parts.isEmpty else {
      throw ProtoError(file: file, line: member.line, "expected a kind and a path in custom")
    }
    return parts
  }

  private static func custom(
    _ parts: [OptionValue.Member], line: Int, file: String
  ) throws(ProtoError) -> (method: String, path: String) {
    var texts: [String: String] = [:]
    for part in parts { texts[part.name] = try Self.text(part, file: file) }
    guard let kind = texts["kind"], let path = texts["path"], !kind.isEmpty else {
      throw ProtoError(file: file, line: line, "expected a kind and a path in custom")
    }
    return (Self.uppercased(kind), path)
  }

  private static func uppercased(_ text: String) -> String {
    String(decoding: text.utf8.map { ($0 &- 0x61) < 26 ? $0 & 0xDF : $0 }, as: UTF8.self)
  }
}

extension OptionValue {
  /// The elements of a list; a value alone stands for a list of one.
  fileprivate var elements: [OptionValue] {
    if case .list(let values) = self { values } else { [self] }
  }
}
