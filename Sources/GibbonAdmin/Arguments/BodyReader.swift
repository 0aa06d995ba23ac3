// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema

/// Reads the body of a request that creates or changes an entity.
enum BodyReader {
  /// The members that the body gives.
  ///
  /// JSON is taken as it is. Forms are decoded, nested and then typed by the schema; without a schema their
  /// values stay texts. No type is needed where there is no body. Kong answers 415 to any other type, even
  /// without a body, and `Cannot parse JSON body` to an empty body that says it is JSON.
  ///
  /// - Parameter header: the value of the Content-Type field.
  static func read(
    contentType header: String?, bytes: [UInt8], schema: EntitySchema?
  ) -> Result<JSONObject, ArgumentError> {
    switch ContentType(header).kind {
    case .none: bytes.isEmpty ? .success([:]) : .failure(.unsupportedMediaType)
    case .unsupported, .yaml: .failure(.unsupportedMediaType)
    case .json: Self.json(bytes)
    case .form: Self.entity(of: FormDecoder.pairs(urlEncoded: bytes), as: schema)
    case .multipart(let boundary): Self.multipart(bytes, boundary: boundary, as: schema)
    }
  }

  /// An empty array is an empty object, because Lua cannot tell them apart. Kong fails with 500 on texts,
  /// numbers and null; they are malformed here, as is an array with elements.
  private static func json(_ bytes: [UInt8]) -> Result<JSONObject, ArgumentError> {
    switch JSONParser.parse(bytes, limits: JSONParser.Limits(allowsRepeatedKeys: false)) {
    case .success(.object(let object)): .success(object)
    case .success(.array(let values)) where values.isEmpty: .success([:])
    case .failure(let error) where error.isDuplicate: .failure(.duplicateMember(error.message))
    case .success, .failure: .failure(.malformedJSON)
    }
  }

  private static func multipart(
    _ bytes: [UInt8], boundary: String?, as schema: EntitySchema?
  ) -> Result<JSONObject, ArgumentError> {
    if bytes.isEmpty { return .success([:]) }
    guard let boundary else { return .failure(.malformedMultipart) }
    return Self.entity(of: MultipartDecoder.pairs(multipart: bytes, boundary: boundary), as: schema)
  }

  private static func entity(
    of pairs: Result<[FormPair], ArgumentError>, as schema: EntitySchema?
  ) -> Result<JSONObject, ArgumentError> {
    pairs.flatMap(ArgumentTree.build).map { object in
      schema.map { ArgumentInference.infer(object, as: $0) } ?? object
    }
  }
}
