// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema

/// What a request says of a plugin of an API, on its way to a plugin of the service.
struct ApiPluginInput: Sendable {
  private let input: JSONObject

  /// - Parameters:
  ///   - existing: the plugin that it changes.
  ///   - isWhole: it replaces that plugin; what is not given takes its default.
  /// - Throws: the flat object of faults that clients of the old API expect.
  init(
    _ request: AdminRequest, _ schema: EntitySchema, over existing: JSONObject? = nil, isWhole: Bool = false
  ) throws(AdminError) {
    var input = Self.withoutDots(try request.arguments())
    if input["route_id"] != nil || input["service_id"] != nil {
      throw AdminError(400, "cannot configure plugin with api_id and one of route_id or service_id")
    }
    let time = try Self.take("created_at", .time, from: &input)
    if let id = try Self.take("consumer_id", .id, from: &input) {
      input["consumer"] = id.isNull ? .null : ["id": id]
    }
    if let existing { try Self.checkName(input, existing, isWhole: isWhole) }
    // With types as a form's, because texts were good for everything in JSON too.
    if let record = schema.record(for: input, assuming: existing?["name"]) {
      input = ArgumentInference.infer(Self.splittingLists(input, record), as: record)
    } else if let name = input["name"]?.stringValue, !name.isEmpty {
      throw AdminError(.json(["config": .string("Plugin \"\(name)\" not found")], status: 400))
    }
    // The old API's time is in milliseconds; a replacement keeps the time of the first.
    if let milliseconds = time?.intValue {
      input["created_at"] = .int(Int64(milliseconds / 1000))
    } else if isWhole {
      input["created_at"] = existing?["created_at"]
    }
    self.input = input
  }

  /// The fields of the plugin of the API's service.
  func fields(of api: String) -> JSONObject {
    var fields = self.input
    fields["api_id"] = nil
    fields["service"] = ["id": .string(api)]
    return fields
  }

  private static func take(
    _ name: String, _ field: ApiField, from input: inout JSONObject
  ) throws(AdminError) -> JSONValue? {
    guard let value = input[name] else { return nil }
    input[name] = nil
    // Forms have an empty text for null.
    if value == "" { return .null }
    switch field.read(value, named: name) {
    case .success(let value): return value
    case .failure(let fault): throw AdminError(.json([name: .string(fault.message)], status: 400))
    }
  }

  private static func checkName(_ input: JSONObject, _ existing: JSONObject, isWhole: Bool) throws(AdminError) {
    guard let name = input["name"] else {
      if isWhole { throw AdminError(.json(["name": "name is required"], status: 400)) }
      return
    }
    if name != existing["name"] { throw AdminError(.json(["name": "name cannot be updated"], status: 400)) }
  }

  /// More names than this in a dotted key are no field of any plugin.
  private static let maxDepth = 16

  /// `config.x` stands for a member of `config`, in JSON too.
  private static func withoutDots(_ body: JSONObject) -> JSONObject {
    var body = body
    for member in body where member.key.hasPrefix("config.") {
      let path = member.key.split(separator: ".", maxSplits: Self.maxDepth).map(String.init)
      guard path.count <= Self.maxDepth else { continue }
      body[member.key] = nil
      body.set(member.value, at: path)
    }
    return body
  }

  /// Lists may be texts with commas.
  private static func splittingLists(_ object: JSONObject, _ record: RecordSchema) -> JSONObject {
    JSONObject(
      distinct: object.map { member in
        switch (record.field(named: member.key)?.type, member.value) {
        case (.array, .string(let text)), (.set, .string(let text)):
          JSONObject.Member(member.key, .strings(ApiField.items(of: text)))
        case (.record(let inner), .object(let object)):
          JSONObject.Member(member.key, .object(Self.splittingLists(object, inner)))
        default: member
        }
      })
  }
}
