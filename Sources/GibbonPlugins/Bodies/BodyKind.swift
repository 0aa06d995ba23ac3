// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// The forms of a request's body that plugins read.
enum BodyKind: Sendable {
  case form, json, multipart

  private static let names: [(name: [UInt8], kind: BodyKind)] = [
    (Array("application/x-www-form-urlencoded".utf8), .form), (Array("application/json".utf8), .json),
    (Array("multipart/form-data".utf8), .multipart),
  ]

  /// By what a content type begins with, as Kong's plugin development kit tells them.
  init?(_ contentType: [UInt8]) {
    let type = contentType.map(\.asciiLowercased)
    guard let found = Self.names.first(where: { type.starts(with: $0.name) }) else { return nil }
    self = found.kind
  }

  /// By what a content type has anywhere in it, as Kong's request-transformer does.
  init?(anywhereIn contentType: [UInt8]) {
    let type = contentType.map(\.asciiLowercased)
    let order: [BodyKind] = [.json, .multipart, .form]
    let found = order.first { kind in Self.names.contains { $0.kind == kind && type.contains($0.name) } }
    guard let found else { return nil }
    self = found
  }
}

/// Why a plugin cannot see what a body has in it.
enum BodyFault: Error, Sendable, Hashable {
  /// It did not fit into `client_body_buffer_size`.
  case tooLarge
  /// It is of a type that is not read, or says nothing of its type, or says it twice; or it is compressed.
  case otherType
  /// It is not what its type says.
  case malformed(String)
}
