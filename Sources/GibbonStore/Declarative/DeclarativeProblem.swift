// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonModel
public import GibbonSchema

/// One thing that is wrong, or worth a word, in a declarative file.
public struct DeclarativeProblem: Sendable, Hashable {
  /// The way to the value from the top of the document.
  public let path: [SourceMap.Step]
  /// How many steps of `path` lead to the entity; the rest leads to the field inside it.
  public let entityDepth: Int
  /// The collection, such as `services`; nil for what concerns the whole file.
  public let collection: String?
  /// The entity's name, or what stands for it.
  public let entityName: String?
  public let message: String
  /// The value that was found.
  public let value: JSONValue?
  /// Whether the message is about the entity, not about one of its fields.
  public let isAboutEntity: Bool
  public internal(set) var position: SourceMap.Position?

  /// The path inside the entity: `hosts[1]`, `config.redis.host`.
  public var field: String { Self.text(of: self.path.dropFirst(self.entityDepth)) }

  /// The entity's place in the file: `services[2].routes[0]`, counted from 0.
  public var entity: String { Self.text(of: self.path.prefix(self.entityDepth)) }

  static func text(of path: some Sequence<SourceMap.Step>) -> String {
    var text = ""
    for step in path {
      switch step {
      case .key(let key): text += text.isEmpty ? key : ".\(key)"
      case .index(let index): text += "[\(index)]"
      }
    }
    return text
  }

  /// The name of a plugin that is not enabled, where that is the problem.
  public var unknownPlugin: String? {
    guard self.collection == PluginEntity.collection, self.path.last == .key("name") else { return nil }
    return self.message.contains("not enabled") ? self.value?.stringValue : nil
  }

  /// `services[2] "foo": protocol: expected one of: … (got "htp")`.
  public var summary: String {
    var parts: [String] = []
    if self.entityDepth > 0 { parts.append(self.entity + (self.entityName.map { " \"\($0)\"" } ?? "")) }
    let field = self.field
    if !field.isEmpty { parts.append(field) }
    parts.append(self.message + self.gotText)
    return parts.joined(separator: ": ")
  }

  /// `file:line: summary`.
  public func rendered(file: String) -> String {
    self.position.map { "\(file):\($0.line): \(self.summary)" } ?? "\(file): \(self.summary)"
  }

  /// The longest value that is shown whole, in characters.
  private static let shownLength = 60

  private var gotText: String {
    guard let value = self.value, !self.isAboutEntity, self.message != "unknown field" else { return "" }
    // Most messages show the value already.
    if self.message.contains("'\(value.plainText)'") || self.message.hasSuffix(": \(value.plainText)")
      || self.message.contains(": \(value.plainText)'")
    {
      return ""
    }
    switch value {
    case .object: return " (got an object)"
    case .array: return " (got an array)"
    case .double(let number): return " (got \(number))"
    default: break
    }
    let text = value.description
    return text.count <= Self.shownLength ? " (got \(text))" : " (got \(text.prefix(Self.shownLength))…)"
  }
}

/// Everything that is wrong with a declarative file; there is at least one problem.
public struct DeclarativeErrors: Error, Sendable, Hashable, CustomStringConvertible {
  /// In the order of the file.
  public let problems: [DeclarativeProblem]
  /// What was read, where it could be read.
  let document: JSONValue?

  init(_ problems: [DeclarativeProblem], document: JSONValue? = nil) {
    self.problems = problems
    self.document = document
  }

  /// One line per problem.
  ///
  /// - Parameter advice: what else there is to say of a problem.
  public func rendered(file: String, advice: (DeclarativeProblem) -> String? = { _ in nil }) -> String {
    self.problems.map { problem in
      problem.rendered(file: file) + (advice(problem).map { ": \($0)" } ?? "")
    }.joined(separator: "\n")
  }

  public var description: String { self.rendered(file: "declarative config") }

  /// The problems in the shape of the document, Kong's `fields` of an invalid declarative configuration.
  public var tree: ErrorTree {
    var root = ErrorTree.record(RecordErrors())
    for problem in self.problems {
      root.insert(problem.message, at: problem.path[...], isAboutEntity: problem.isAboutEntity)
    }
    return root
  }
}

extension ErrorTree {
  /// Adds a message at a path, which decides the shape on the way. A message that is there already stays.
  fileprivate mutating func insert(_ message: String, at path: ArraySlice<SourceMap.Step>, isAboutEntity: Bool) {
    switch path.first {
    case nil:
      if isAboutEntity || path.startIndex == 0, case .record(var errors) = self {
        errors.add(entity: message)
        self = .record(errors)
      } else if case .record(let errors) = self, errors.isEmpty {
        self = .message(message)
      }
    case .key(let key):
      var errors = RecordErrors()
      if case .record(let existing) = self { errors = existing }
      var child = errors.fields[key] ?? .record(RecordErrors())
      child.insert(message, at: path.dropFirst(), isAboutEntity: isAboutEntity)
      errors.set(child, at: [key])
      self = .record(errors)
    case .index(let index):
      var elements: [Int: ErrorTree] = [:]
      if case .elements(let existing) = self { elements = existing }
      var child = elements[index] ?? .record(RecordErrors())
      child.insert(message, at: path.dropFirst(), isAboutEntity: isAboutEntity)
      elements[index] = child
      self = .elements(elements)
    }
  }
}

extension JSONValue {
  /// A text without quotes; anything else as JSON.
  fileprivate var plainText: String { self.stringValue ?? self.description }
}
