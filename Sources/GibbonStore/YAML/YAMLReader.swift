// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema

/// Reads the first document of a YAML text as a JSON value, with the types that Kong's parser gives plain
/// scalars.
struct YAMLReader {
  /// What a hostile text may not exceed.
  struct Limits {
    /// Sequences and mappings inside one another.
    var depth = 64
    /// Values, those behind aliases counted each time they are used.
    var values = 20_000_000
  }

  private struct Anchored {
    let value: JSONValue
    let map: SourceMap?
    let count: Int
  }

  private let events: YAMLEvents
  private let limits: Limits
  private let mapsSource: Bool
  private var anchors: [String: Anchored] = [:]
  private var depth = 0
  private var count = 0
  private var failure: YAMLError?
  /// The map of the value read last, where one is asked for.
  private var map: SourceMap?

  /// What a text holds.
  struct Document {
    var value: JSONValue
    var map: SourceMap?
  }

  static func read(
    _ bytes: [UInt8], mapsSource: Bool = false, limits: Limits = Limits()
  ) -> Result<Document, YAMLError> {
    var reader = YAMLReader(events: YAMLEvents(bytes), limits: limits, mapsSource: mapsSource)
    return reader.document()
  }

  private init(events: YAMLEvents, limits: Limits, mapsSource: Bool) {
    self.events = events
    self.limits = limits
    self.mapsSource = mapsSource
  }

  private mutating func document() -> Result<Document, YAMLError> {
    while let event = self.events.next() {
      switch event {
      case .document: continue
      case .streamEnd: return .success(Document(value: .null, map: nil))
      default:
        guard let value = self.value(of: event) else { return .failure(self.error) }
        let map = self.map
        return self.remainder().map { Document(value: value, map: map) }
      }
    }
    return .failure(self.error)
  }

  /// Nothing but the end may follow the first document; the rest of a file is not silently ignored.
  private mutating func remainder() -> Result<Void, YAMLError> {
    while let event = self.events.next() {
      switch event {
      case .streamEnd: return .success(())
      case .document: continue
      default:
        return .failure(YAMLError("more than one document", at: self.events.position))
      }
    }
    return .failure(self.error)
  }

  private var error: YAMLError {
    self.failure ?? self.events.error ?? YAMLError("malformed YAML", at: self.events.position)
  }

  private mutating func fail(_ message: String) -> JSONValue? {
    if self.failure == nil { self.failure = YAMLError(message, at: self.events.position) }
    return nil
  }

  /// The value that begins with `event`; nil after an error.
  private mutating func value(of event: YAMLEvents.Event) -> JSONValue? {
    self.count += 1
    guard self.count <= self.limits.values else { return self.fail("more than \(self.limits.values) values") }
    let before = self.count
    let map = self.mapsSource ? SourceMap(self.events.position) : nil
    switch event {
    case .scalar(let text, let isPlain, let tag, let anchor):
      guard let value = self.scalar(text, isPlain, tag) else { return nil }
      self.map = map
      if let anchor { self.anchors[anchor] = Anchored(value: value, map: map, count: 1) }
      return value
    case .alias(let name):
      guard let anchored = self.anchors[name] else { return self.fail("unknown anchor '\(name)'") }
      self.count += anchored.count
      guard self.count <= self.limits.values else {
        return self.fail("aliases expand to more than \(self.limits.values) values")
      }
      self.map = anchored.map.map { SourceMap(self.events.position, children: $0.children) }
      return anchored.value
    case .sequenceStart(let anchor):
      return self.nested(anchor, before) { $0.sequence(map) }
    case .mappingStart(let anchor):
      return self.nested(anchor, before) { $0.mapping(map) }
    case .end, .document, .streamEnd:
      return self.fail("unexpected end")
    }
  }

  private mutating func nested(
    _ anchor: String?, _ before: Int, _ read: (inout YAMLReader) -> JSONValue?
  ) -> JSONValue? {
    guard self.depth < self.limits.depth else { return self.fail("nested deeper than \(self.limits.depth) levels") }
    self.depth += 1
    defer { self.depth -= 1 }
    guard let value = read(&self) else { return nil }
    if let anchor {
      self.anchors[anchor] = Anchored(value: value, map: self.map, count: self.count - before + 1)
    }
    return value
  }

  private mutating func sequence(_ map: SourceMap?) -> JSONValue? {
    var map = map
    var values: [JSONValue] = []
    while let event = self.events.next() {
      if case .end = event {
        self.map = map
        return .array(values)
      }
      guard let value = self.value(of: event) else { return nil }
      values.append(value)
      if let child = self.map { map?.children.append(child) }
    }
    return nil
  }

  private mutating func mapping(_ map: SourceMap?) -> JSONValue? {
    var mapping = Mapping(map: map)
    while let event = self.events.next() {
      let position = self.events.position
      switch event {
      case .end:
        self.map = mapping.map
        return .object(mapping.object)
      case .scalar(let key, let isPlain, _, let anchor):
        if let anchor { self.anchors[anchor] = Anchored(value: .string(key), map: nil, count: 1) }
        guard let next = self.events.next(), let value = self.value(of: next) else { return nil }
        if isPlain, key == "<<" {
          guard mapping.merge(value, self.map) else {
            self.failure = YAMLError("'<<' needs a mapping or a sequence of mappings", at: position)
            return nil
          }
        } else if let first = mapping.add(key, value, self.map, at: position) {
          return self.failDuplicate(key, first: first, second: position)
        }
      case .alias(let name):
        guard case .string(let key)? = self.anchors[name]?.value else { return self.fail("expected a key") }
        guard let next = self.events.next(), let value = self.value(of: next) else { return nil }
        if let first = mapping.add(key, value, self.map, at: position) {
          return self.failDuplicate(key, first: first, second: position)
        }
      default:
        return self.fail("expected a scalar as key of a mapping")
      }
    }
    return nil
  }

  /// A key given twice: the first one would be lost without a word.
  private mutating func failDuplicate(
    _ key: String, first: SourceMap.Position, second: SourceMap.Position
  ) -> JSONValue? {
    self.failure = YAMLError(JSONSyntaxError.duplicate(key, first.line, second.line), at: second)
    return nil
  }

  private mutating func scalar(_ text: String, _ isPlain: Bool, _ tag: String?) -> JSONValue? {
    guard let tag else { return isPlain ? YAMLScalar.value(of: text) : .string(text) }
    guard let value = YAMLScalar.value(of: text, tag: tag) else {
      // The text may be a secret.
      return self.fail("the value does not fit its tag '\(tag)'")
    }
    return value
  }
}

/// A mapping while it is read.
private struct Mapping {
  var object = JSONObject()
  var map: SourceMap?
  /// Members that came by `<<` and give way to members of the mapping itself.
  private var merged: Set<String> = []
  /// Where the keys of the object's members stand.
  private var positions: [SourceMap.Position] = []

  init(map: SourceMap?) {
    self.map = map
  }

  /// Adds a member.
  ///
  /// - Returns: where the key stands that was there before; nil where there was none.
  mutating func add(
    _ key: String, _ value: JSONValue, _ map: SourceMap?, at position: SourceMap.Position
  ) -> SourceMap.Position? {
    var map = map
    map?.position = position
    if let place = self.object.position(of: key) {
      guard self.merged.remove(key) != nil else { return self.positions[place] }
      self.object[key] = value
      self.positions[place] = position
      if let map { self.map?.children[place] = map }
      return nil
    }
    self.object[key] = value
    self.positions.append(position)
    if let map { self.map?.children.append(map) }
    return nil
  }

  /// Adds the members of a mapping, or of several, that are not there yet; false when it is neither.
  mutating func merge(_ value: JSONValue, _ map: SourceMap?) -> Bool {
    switch value {
    case .object(let object):
      for (place, member) in object.enumerated() where self.object[member.key] == nil {
        self.object[member.key] = member.value
        self.positions.append(SourceMap.Position(line: 0, column: 0))
        self.merged.insert(member.key)
        if let map, map.children.indices.contains(place) { self.map?.children.append(map.children[place]) }
      }
      return true
    case .array(let values):
      for (place, value) in values.enumerated() {
        guard case .object = value else { return false }
        let child = map.flatMap { $0.children.indices.contains(place) ? $0.children[place] : nil }
        guard self.merge(value, child) else { return false }
      }
      return true
    default:
      return false
    }
  }
}
