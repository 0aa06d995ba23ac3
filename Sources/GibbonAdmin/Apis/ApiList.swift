// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema

/// A list as Kong's first versions gave it: `data`, `total`, and where to go on. The offset is a position.
struct ApiList: Sendable {
  private let start: Int
  private let size: Int
  private let wanted: [(name: String, value: JSONValue)]
  private var data: [JSONValue] = []
  private var total = 0

  /// - Parameter fields: that may be asked for by `?name=value`, exactly.
  init(_ request: AdminRequest, fields: [String: ApiField]) throws(AdminError) {
    guard let size = Int(request.argument("size") ?? "\(Paging.defaultSize)"), size > 0 else {
      throw AdminError(400, "size must be a number of at least 1")
    }
    self.size = min(size, Paging.maxSize)
    self.start = try Self.start(request)
    var wanted: [(String, JSONValue)] = []
    for name in request.argumentNames where name != "size" && name != "offset" {
      guard let field = fields[name] else { throw AdminError(.json([name: "unknown field"], status: 400)) }
      switch field.read(.string(request.argument(name) ?? ""), named: name) {
      case .success(let value): wanted.append((name, value))
      case .failure(let fault): throw AdminError(.json([name: .string(fault.message)], status: 400))
      }
    }
    self.wanted = wanted
  }

  private static func start(_ request: AdminRequest) throws(AdminError) -> Int {
    guard let offset = request.argument("offset") else { return 0 }
    let text = Base64.standard.decoded(offset).map { String(decoding: $0, as: UTF8.self) }
    guard let start = text.flatMap({ Int($0) }), start >= 0 else { throw AdminError(400, "Invalid offset") }
    return start
  }

  /// Whether the next item has to be read. Without filters, those that are not shown are only counted.
  var looksAtNext: Bool { !self.wanted.isEmpty || self.isShown }

  /// A difference of two counts cannot overflow, as the sum with an offset could.
  private var isShown: Bool { self.total >= self.start && self.total - self.start < self.size }

  /// Counts an item nobody looks at.
  mutating func skip() { self.total += 1 }

  /// Takes an item if it fits.
  mutating func add(_ item: JSONObject) {
    guard self.wanted.allSatisfy({ item[$0.name] == $0.value }) else { return }
    if self.isShown { self.data.append(.object(item)) }
    self.total += 1
  }

  /// The body; filters are not repeated in the link, as they were not by Kong.
  func response(_ request: AdminRequest) -> AdminResponse {
    var object: JSONObject = ["data": .array(self.data), "total": .int(Int64(self.total))]
    if self.start < self.total, self.total - self.start > self.size {
      let offset = Base64.standard.encoded(Array("\(self.start + self.size)".utf8), isPadded: false)
      let host = request.header("host") ?? "localhost:8001"
      object["offset"] = .string(offset)
      object["next"] = .string(
        "http://\(host)\(request.path)?offset=\(PercentEncoding.encoded(offset))&size=\(self.size)")
    }
    return .json(object)
  }
}
