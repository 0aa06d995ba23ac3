// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Why the arguments of an Admin API request cannot be read, and what Kong answers then.
enum ArgumentError: Error, Sendable, Hashable {
  /// The body says it is JSON and is not, or is no object.
  case malformedJSON
  /// The body names a member twice, so that one would be lost; says which and where.
  case duplicateMember(String)
  /// The multipart body does not follow RFC 2046 with the boundary of its Content-Type.
  case malformedMultipart
  /// More than `FormDecoder.maxCount` arguments or parts.
  case tooMany
  /// A name of more than `ArgumentName.maxDepth` levels. Kong has no such limit.
  case tooDeep
  /// A body of no type that the Admin API reads.
  case unsupportedMediaType

  /// The HTTP status.
  var status: Int {
    switch self {
    case .malformedJSON, .duplicateMember, .malformedMultipart, .tooMany, .tooDeep: 400
    case .unsupportedMediaType: 415
    }
  }

  /// The response's `message`; nil where Kong answers without a body.
  var message: String? {
    switch self {
    case .malformedJSON: "Cannot parse JSON body"
    case .duplicateMember(let reason): "Cannot parse JSON body: \(reason)"
    case .malformedMultipart: "Cannot parse multipart body"
    case .tooMany: "Too many arguments"
    case .tooDeep: "Arguments nested too deeply"
    case .unsupportedMediaType: nil
    }
  }
}
