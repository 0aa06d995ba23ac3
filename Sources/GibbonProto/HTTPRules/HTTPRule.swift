// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// How requests over HTTP become calls of one method: a binding of `google.api.http`.
package struct HTTPRule: Sendable {
  package enum Body: Sendable, Hashable {
    /// The request has none; arguments of the query have the fields.
    case none
    /// The whole message but for what the path has.
    case whole
    /// One field, by its place.
    case field(Int)
  }

  /// In upper case, as requests have it.
  package let method: String
  package let template: PathTemplate
  package let call: MethodDescriptor
  package let body: Body
  /// The field of the answer that is the response; nil for all of it.
  package let responseField: Int?
  /// For each variable of the template, the places of the fields that lead to its own.
  let variables: [[Int]]
}

/// The rules of all methods of a file.
package struct HTTPRuleTable: Sendable {
  package enum Match: Sendable {
    /// The values are those of the template's variables, in their order.
    case found(HTTPRule, values: [String])
    case unknownMethod
    case unknownPath
  }

  /// By method of HTTP. Those with a verb come first, since `*` takes a verb for a part of the name.
  private var rules: [String: [HTTPRule]] = [:]

  package var isEmpty: Bool { self.rules.isEmpty }

  package func match(method: String, path: String) -> Match {
    guard let rules = self.rules[method] else { return .unknownMethod }
    let path = Array(path.utf8)
    for rule in rules {
      if let values = rule.template.match(path) { return .found(rule, values: values) }
    }
    return .unknownPath
  }

  init(
    _ options: [ProtoLinker.MethodOptions], methods: [MethodDescriptor], messages: [MessageDescriptor]
  ) throws(ProtoError) {
    for entry in options {
      for binding in try HTTPBinding.read(entry) {
        let rule = try HTTPRule(binding, methods[entry.method], messages, file: entry.file)
        self.rules[rule.method, default: []].append(rule)
      }
    }
    self.rules = self.rules.mapValues { rules in
      rules.filter { $0.template.verb != nil } + rules.filter { $0.template.verb == nil }
    }
  }
}

extension HTTPRule {
  /// Finds the fields that a binding names.
  init(
    _ binding: HTTPBinding, _ call: MethodDescriptor, _ messages: [MessageDescriptor], file: String
  ) throws(ProtoError) {
    func error(_ message: String) -> ProtoError { ProtoError(file: file, line: binding.line, message) }
    self.method = binding.method
    self.call = call
    do {
      self.template = try PathTemplate(binding.path)
    } catch {
      throw ProtoError(file: file, line: binding.line, "\(error.message) in \"\(binding.path)\"")
    }
    var variables: [[Int]] = []
    for variable in self.template.variables {
      guard let path = FieldPath.resolve(variable.fields, from: call.input, in: messages) else {
        throw error("expected a field of the request that is one value: \(variable.fields.joined(separator: "."))")
      }
      variables.append(path)
    }
    self.variables = variables
    switch binding.body {
    case nil, "": self.body = .none
    case "*": self.body = .whole
    case let name?:
      guard let index = messages[call.input].index(named: name) else {
        throw error("expected a field of the request as body: \(name)")
      }
      self.body = .field(index)
    }
    guard let name = binding.responseBody, !name.isEmpty else {
      self.responseField = nil
      return
    }
    guard let index = messages[call.output].index(named: name) else {
      throw error("expected a field of the answer as response_body: \(name)")
    }
    self.responseField = index
  }
}

/// Fields inside of fields, by their places.
enum FieldPath {
  /// Messages inside one another that a name may go through.
  private static let lengthLimit = 32

  /// The way to a field, whose last one has a value that is no message with members; nil where there is none.
  static func resolve(
    _ names: [String], from type: Int, in messages: [MessageDescriptor], allowsRepeated: Bool = false
  ) -> [Int]? {
    guard !names.isEmpty, names.count <= Self.lengthLimit else { return nil }
    var path: [Int] = []
    var type = type
    for (position, name) in names.enumerated() {
      guard let index = messages[type].index(named: name) else { return nil }
      let field = messages[type].fields[index]
      path.append(index)
      if position == names.count - 1 {
        return Self.isLeaf(field, messages, allowsRepeated: allowsRepeated) ? path : nil
      }
      guard field.isSingle, case .message(let inner) = field.type, messages[inner].wellKnown == nil else { return nil }
      type = inner
    }
    return nil
  }

  private static func isLeaf(
    _ field: FieldDescriptor, _ messages: [MessageDescriptor], allowsRepeated: Bool
  ) -> Bool {
    switch field.kind {
    case .map: return false
    case .repeated where !allowsRepeated: return false
    case .repeated, .single: break
    }
    guard case .message(let inner) = field.type else { return true }
    switch messages[inner].wellKnown {
    case .wrapper, .timestamp, .duration, .fieldMask, .value: return true
    case nil, .any, .empty, .listValue, .structure: return false
    }
  }
}
