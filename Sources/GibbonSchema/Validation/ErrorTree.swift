// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Everything that is wrong with a value, shaped like the value: Kong's `fields` of a schema violation.
public indirect enum ErrorTree: Sendable, Hashable {
  case message(String)
  case record(RecordErrors)
  /// Errors of an array's or set's elements, by index.
  case elements([Int: ErrorTree])
  /// The first error inside a map, of the key or its value. In Kong's JSON the key is not shown.
  case entry(key: String, ErrorTree)
}

/// What is wrong with an object as a whole and with its fields.
public struct RecordErrors: Sendable, Hashable {
  /// Shown as `@entity`.
  public private(set) var entity: [String] = []
  public private(set) var fields: [String: ErrorTree] = [:]
  /// Whether there are more, which nobody looked for.
  public internal(set) var isTruncated = false

  /// Members and elements of one input whose errors are listed. What is wrong with more is a mistake of another kind.
  public static let limit = 100
  /// Bytes of a name or message that are shown; what a client sent may be large.
  static let shownBytes = 4096

  public init() {}

  public init(entity: [String] = [], fields: [String: ErrorTree] = [:]) {
    self.entity = entity
    self.fields = fields
  }

  public var isEmpty: Bool { self.entity.isEmpty && self.fields.isEmpty }

  public mutating func add(entity message: String) {
    self.entity.append(message)
  }

  /// Sets the error of a field; a path goes into records inside.
  public mutating func set(_ error: ErrorTree, at path: some Collection<String>) {
    guard let first = path.first else { return }
    let rest = path.dropFirst()
    guard !rest.isEmpty else {
      self.fields[first.shown] = error
      return
    }
    var inner = RecordErrors()
    if case .record(let existing) = self.fields[first] { inner = existing }
    inner.set(error, at: rest)
    self.fields[first] = .record(inner)
  }
}

extension ErrorTree {
  /// One error, and the way to the value it is about.
  public struct Leaf: Sendable, Hashable {
    public let path: [SourceMap.Step]
    public let message: String
    /// Whether the error is about the object at `path` as a whole, not about a field.
    public let isAboutEntity: Bool
  }

  /// Every error, those of an object as a whole first, then by field name and index.
  public var leaves: [Leaf] {
    var leaves: [Leaf] = []
    self.collect(into: &leaves, at: [])
    return leaves
  }

  private func collect(into leaves: inout [Leaf], at path: [SourceMap.Step]) {
    switch self {
    case .message(let message):
      leaves.append(Leaf(path: path, message: message, isAboutEntity: false))
    case .record(let errors):
      for message in errors.entity {
        leaves.append(Leaf(path: path, message: message, isAboutEntity: true))
      }
      for (name, error) in errors.fields.sorted(by: { $0.key < $1.key }) {
        error.collect(into: &leaves, at: path + [.key(name)])
      }
    case .elements(let errors):
      for (index, error) in errors.sorted(by: { $0.key < $1.key }) {
        error.collect(into: &leaves, at: path + [.index(index)])
      }
    case .entry(let key, let error):
      error.collect(into: &leaves, at: path + [.key(key)])
    }
  }

  /// Elements of the longest list that is shown as one; positions in longer ones are member names, counted from 1.
  private static let longestList = 1 << 15

  /// The tree as the Admin API shows it: elements without errors are null.
  public var json: JSONValue {
    switch self {
    case .message(let message): return .string(message)
    case .entry(_, let error): return error.json
    case .elements(let errors):
      let count = (errors.keys.max() ?? -1) + 1
      guard count <= Self.longestList else {
        return .object(JSONObject(errors.sorted { $0.key < $1.key }.map { (String($0.key + 1), $0.value.json) }))
      }
      return .array((0..<count).map { errors[$0]?.json ?? .null })
    case .record(let errors):
      var object = JSONObject()
      if !errors.entity.isEmpty { object["@entity"] = .array(errors.entity.map { .string($0) }) }
      for (name, error) in errors.fields.sorted(by: { $0.key < $1.key }) { object[name] = error.json }
      return .object(object)
    }
  }
}

extension String {
  /// The text, cut where it is longer than what is shown.
  var shown: String {
    guard self.utf8.count > RecordErrors.shownBytes else { return self }
    return String(decoding: self.utf8.prefix(RecordErrors.shownBytes), as: UTF8.self) + "…"
  }
}
