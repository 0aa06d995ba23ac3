// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

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
  /// When Kong looks for it.
  var stage = Stage.schema
  /// Where Kong hangs it, if not at `path`.
  var place: [SourceMap.Step]?

  /// The foreign field that names the entity it is nested in.
  var parentField: String?
  /// The collections that may be nested in it.
  var nestedCollections: [String] = []

  /// Whether Kong hangs it on the entity, and not on its name.
  var isInPlace: Bool {
    switch self.stage {
    case .schema: true
    case .links: if case .index? = self.place?.last { self.place?.count == 2 || self.place?.count == 4 } else { false }
    case .uniqueness: false
    }
  }

  /// Kong stops after the first stage that finds something.
  enum Stage: Int, Sendable, Hashable, Comparable {
    /// Every entity by itself.
    case schema
    /// Entities that are declared twice, and references.
    case links
    /// Unique fields other than the endpoint key.
    case uniqueness

    static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
  }

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
  /// In the order of the file; at most `limit`.
  public let problems: [DeclarativeProblem]
  /// Whether there are more.
  public let isTruncated: Bool

  /// Problems of one document that are listed.
  public static let limit = RecordErrors.limit

  /// What was read, where it could be read.
  let document: JSONValue?

  init(_ problems: [DeclarativeProblem], document: JSONValue? = nil, isTruncated: Bool = false) {
    self.problems = problems
    self.isTruncated = isTruncated
    self.document = document
  }

  /// One line per problem.
  public func rendered(file: String) -> String {
    self.problems.map { $0.rendered(file: file) }.joined(separator: "\n")
      + (self.isTruncated ? "\n\(file): there are more mistakes than these \(self.problems.count)" : "")
  }

  public var description: String { self.rendered(file: "declarative config") }

  /// Those that Kong would have found.
  var found: [DeclarativeProblem] {
    let stage = self.problems.map(\.stage).min() ?? .schema
    return self.problems.filter { $0.stage == stage }
  }

  /// The problems in the shape of the document, Kong's `fields` of an invalid declarative configuration.
  public var tree: ErrorTree { Self.tree(of: self.found) }

  static func tree(of problems: [DeclarativeProblem]) -> ErrorTree {
    var root = ErrorTree.record(RecordErrors())
    for problem in problems {
      let path = problem.place ?? problem.path
      root.insert(problem.message, at: path[...], isAboutEntity: problem.place == nil && problem.isAboutEntity)
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
      switch self {
      case .record(let existing): errors = existing
      // Lua's tables have positions and names side by side.
      case .elements(let existing): for (index, error) in existing { errors.set(error, at: [String(index + 1)]) }
      case .message, .entry: break
      }
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
