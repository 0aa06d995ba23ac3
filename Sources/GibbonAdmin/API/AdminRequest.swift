// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema

/// One request to the Admin or Status API, whole and without a transport.
public struct AdminRequest: Sendable {
  /// In upper case.
  public let method: String
  /// The path as sent, percent-encoded, without the query.
  public let path: String
  let query: QueryArguments
  /// Whether the query has more arguments than are read.
  let hasTooManyArguments: Bool
  let headers: [String: String]
  let body: [UInt8]
  /// The path's parameters, decoded.
  var parameters: [String: String] = [:]
  /// The same as they were sent, for links.
  var rawParameters: [String: String] = [:]
  var workspace = Workspace.defaultID

  /// - Parameters:
  ///   - target: path and query, as in the request line.
  ///   - headers: by name in lower case.
  public init(method: String, target: String, headers: [String: String] = [:], body: [UInt8] = []) {
    self.method = method
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    self.path = parts.first.map(String.init) ?? "/"
    switch QueryArguments.parse(parts.count > 1 ? String(parts[1]) : nil) {
    case .success(let query): (self.query, self.hasTooManyArguments) = (query, false)
    case .failure: (self.query, self.hasTooManyArguments) = (QueryArguments(), true)
    }
    self.headers = headers
    self.body = body
  }

  subscript(parameter: String) -> String { self.parameters[parameter] ?? "" }

  /// The first value of a query argument; empty for one without a value.
  func argument(_ name: String) -> String? { self.argumentValues(name)?.first }

  /// All values of a query argument; nil where it is not given.
  func argumentValues(_ name: String) -> [String]? {
    let values = self.query.pairs.filter { $0.name == name }.map { pair in
      switch pair.value {
      case .text(let text): text
      case .flag: ""
      }
    }
    return values.isEmpty ? nil : values
  }

  /// A query argument that a list understands, in the forms that Kong reads: `tags=a`, `tags[]=a`, `tags[1]=a`.
  ///
  /// - Returns: nil where it is not given; a list for several values or a name in brackets; `.object` where the name has
  ///   parts that mean nothing here, such as `tags.x`.
  func filter(_ name: String) -> JSONValue? {
    let given = self.query.pairs.filter { Self.root(of: $0.name).elementsEqual(name.utf8) }
    if given.isEmpty { return nil }
    var values: [JSONValue] = []
    var isList = given.count > 1
    for pair in given {
      guard let path = ArgumentName(pair.name), path.segments.count == 1, let steps = path.segments.first,
        steps.count <= 2, steps[0] == .member(name)
      else { return .object([:]) }
      if steps.count == 2, case .member = steps[1] { return .object([:]) }
      isList = isList || steps.count == 2
      values.append(pair.value.json)
    }
    return isList ? .array(values) : values[0]
  }

  /// What a name begins with, up to its first dot or bracket, in lower case and without spaces: names that were meant
  /// to be this one, and would otherwise be ignored.
  private static func root(of name: String) -> [UInt8] {
    let bytes = name.utf8.map(\.asciiLowercased)
    let end = bytes.indices.dropFirst().first { index in
      bytes[index] == UInt8(ascii: ".") || bytes[index] == UInt8(ascii: "[") || bytes[index...].starts(with: "%5b".utf8)
    }
    return bytes[..<(end ?? bytes.count)].filter { $0 != .space && $0 != .tab }
  }

  /// The names of the query arguments, each once, in their order.
  var argumentNames: [String] {
    var seen: Set<String> = []
    return self.query.pairs.map(\.name).filter { seen.insert($0).inserted }
  }

  func header(_ name: String) -> String? { self.headers[name] }

  /// The body as arguments. Forms are inferred by `schema`; JSON is taken as it is.
  ///
  /// - Parameter assumed: the key of the subschema where the body does not give it.
  func arguments(_ schema: EntitySchema? = nil, assuming assumed: JSONValue? = nil) throws(AdminError) -> JSONObject {
    let type = self.header("content-type")
    let result = BodyReader.read(contentType: type, bytes: self.body, schema: schema).map { object in
      guard let schema, let key = schema.subschemaKey, object[key] == nil, ContentType(type).isForm,
        let record = schema.record(for: object, assuming: assumed)
      else { return object }
      return ArgumentInference.infer(object, as: record)
    }
    switch result {
    case .success(let object): return object
    case .failure(let error): throw AdminError(error.status, error.message)
    }
  }
}
