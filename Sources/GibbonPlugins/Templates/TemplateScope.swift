// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonPluginAPI
internal import GibbonSchema

/// What templates see of a request.
///
/// Headers and query are read when the first expression asks for them and then stay as they were, whatever is changed
/// later: what was removed or replaced can still be named.
struct TemplateScope {
  private let context: RequestContext
  /// The names of all headers that the plugin's templates name.
  private let headerNames: [String]
  private var headers: [String: JSONValue]?
  private var query: FormArguments?
  /// Where the text goes that is made now.
  var place = TemplatePlace.text
  /// Whether that text is empty as yet.
  var isFirst = false

  /// - Parameter headerNames: those that all templates rendered in this scope name.
  init(_ context: RequestContext, headerNames: [String]) {
    self.context = context
    self.headerNames = headerNames
  }

  /// The headers that these references name.
  static func headerNames(in references: [TemplateReference]) -> [String] {
    let names = references.compactMap { reference -> String? in
      guard reference.root == .headers, case .name(let name) = reference.first else { return nil }
      return name
    }
    return Array(Set(names)).sorted()
  }

  /// The arguments of the query, as expressions see them.
  mutating func queryArguments() -> FormArguments {
    if let query { return query }
    let arguments = FormArguments(Array(self.context.serviceRequest.rawQuery.utf8))
    self.query = arguments
    return arguments
  }

  mutating func value(of reference: TemplateReference) throws(TemplateFault) -> JSONValue {
    var value = self.first(reference)
    for step in reference.rest { value = try value.following(step) }
    return value
  }

  private mutating func first(_ reference: TemplateReference) -> JSONValue {
    switch (reference.root, reference.first) {
    case (.headers, .name(let name)): return self.header(name).encoded(for: self.place, isFirst: self.isFirst)
    case (.queryParams, .name(let name)):
      return self.queryArguments().value(of: name).encoded(for: self.place, isFirst: self.isFirst)
    // Captures are parts of a path already, encoded as such.
    case (.uriCaptures, .name(let name)):
      return self.context.uriCapture(named: name).map { .string($0) } ?? .null
    case (.uriCaptures, .index(let index)): return self.context.uriCapture(index).map { .string($0) } ?? .null
    case (.shared, .name(let name)):
      let value = self.context.shared[name].map { JSONValue(shared: $0) } ?? .null
      return value.encoded(for: self.place, isFirst: self.isFirst)
    case (_, .index): return .null
    }
  }

  private mutating func header(_ name: String) -> JSONValue {
    if let headers { return headers[name] ?? .null }
    var headers: [String: JSONValue] = [:]
    for name in self.headerNames { headers[name] = self.read(name) }
    self.headers = headers
    return headers[name] ?? .null
  }

  private func read(_ name: String) -> JSONValue { JSONValue(values: self.context.request.headers(lookingUp: name)) }
}

extension JSONValue {
  /// One value is a text, several are an array.
  init(values: [String]) {
    switch values.count {
    case 0: self = .null
    case 1: self = .string(values[0])
    default: self = .array(values.map { .string($0) })
    }
  }

  /// What a plugin left for others, where it is a value that JSON has.
  fileprivate init(shared value: any Sendable) {
    switch value {
    case let value as JSONValue: self = value
    case let value as JSONObject: self = .object(value)
    case let value as String: self = .string(value)
    case let value as Bool: self = .bool(value)
    case let value as any BinaryInteger: self = Int64(exactly: value).map { .int($0) } ?? .null
    case let value as Double: self = .double(value)
    case let value as [String]: self = .array(value.map { .string($0) })
    case let value as [String: String]: self = .object(JSONObject(value.map { ($0.key, .string($0.value)) }))
    default: self = .null
    }
  }

  /// With every text in it encoded for where it goes.
  fileprivate func encoded(for place: TemplatePlace, isFirst: Bool) -> JSONValue {
    switch self {
    case .string(let text): .string(place.encoded(text, isFirst: isFirst))
    case .array(let values): .array(values.map { $0.encoded(for: place, isFirst: isFirst) })
    case .object(let object):
      .object(JSONObject(distinct: object.map { .init($0.key, $0.value.encoded(for: place, isFirst: isFirst)) }))
    default: self
    }
  }

  /// As Lua indexes: a text has no parts, so that what comes once can be indexed like what comes twice.
  fileprivate func following(_ step: TemplateReference.Step) throws(TemplateFault) -> JSONValue {
    switch (self, step) {
    case (.object(let object), .name(let name)): return object[name] ?? .null
    case (.array(let values), .index(let index)):
      return values.indices.contains(index - 1) ? values[index - 1] : .null
    case (.object, _), (.array, _), (.string, _): return .null
    default: throw TemplateFault(.notIndexable(self.luaType))
    }
  }
}
