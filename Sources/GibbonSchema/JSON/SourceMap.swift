// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Where a document's values stand in its text, shaped like the document: one child per array element or
/// object member, in the same order.
///
/// Built only when an error must be shown; a document without errors never pays for it.
public struct SourceMap: Sendable {
  /// A place in a text; both count from 1.
  public struct Position: Sendable, Hashable {
    public let line: Int
    public let column: Int

    public init(line: Int, column: Int) {
      self.line = line
      self.column = column
    }
  }

  /// One step from a value to one inside it.
  public enum Step: Sendable, Hashable {
    case key(String)
    case index(Int)
  }

  /// The member's key or the element's first character.
  public var position: Position
  public var children: [SourceMap]

  public init(_ position: Position, children: [SourceMap] = []) {
    self.position = position
    self.children = children
  }

  /// The position of a path in `document`, which this map belongs to, or of the deepest value on the way
  /// that exists.
  public func position(of path: some Sequence<Step>, in document: JSONValue) -> Position {
    var map = self
    var value = document
    for step in path {
      let next: (place: Int, value: JSONValue)
      switch (step, value) {
      case (.key(let key), .object(let object)):
        guard let place = object.position(of: key) else { return map.position }
        next = (place, object.members[place].value)
      case (.index(let index), .array(let elements)):
        guard elements.indices.contains(index) else { return map.position }
        next = (index, elements[index])
      default:
        return map.position
      }
      guard map.children.indices.contains(next.place) else { return map.position }
      map = map.children[next.place]
      value = next.value
    }
    return map.position
  }
}

extension JSONValue {
  /// The value at a path; nil where the path leads nowhere.
  public func value(at path: some Sequence<SourceMap.Step>) -> JSONValue? {
    path.reduce(Optional(self)) { value, step in
      switch step {
      case .key(let key): value?[key]
      case .index(let index): value?[index]
      }
    }
  }
}
