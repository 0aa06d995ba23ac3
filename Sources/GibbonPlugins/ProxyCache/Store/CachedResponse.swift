// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema

/// A whole response as it is kept. Immutable; its body is shared with every request that it answers.
final class CachedResponse: Sendable {
  typealias Fields = [(name: String, value: String)]

  let status: UInt16
  /// What is repeated.
  let headers: Fields
  /// What was sent the first time only.
  private let otherHeaders: Fields
  let body: ByteBuffer
  /// Of the request that it answered first; nil where it was too large to be kept.
  private let requestBody: ByteBuffer?
  /// When its head came, in Unix seconds.
  let storedAt: Int
  /// Seconds that it is fresh.
  let ttlSeconds: Int
  let traits: Traits
  /// Of memory, about.
  let costBytes: Int

  /// What a service said of its use.
  struct Traits: Sendable, Equatable {
    /// Seconds that it was old when it came.
    var ageSeconds = 0
    /// Also for requests with `Authorization` (RFC 9111 section 3.5).
    var answersAuthorized = false
    /// Never once it is no longer fresh (RFC 9111 sections 5.2.2.2, 5.2.2.8 and 5.2.2.10).
    var mustBeFresh = false
  }

  /// Seconds since it was made.
  func age(now: Int) -> Int { self.traits.ageSeconds + max(0, now - self.storedAt) }

  /// What a response takes besides its texts.
  private static let overheadBytes = 512
  private static let fieldOverheadBytes = 64

  init(
    status: UInt16, headers: Fields, body: ByteBuffer, requestBody: ByteBuffer?, storedAt: Int, ttlSeconds: Int,
    traits: Traits = Traits()
  ) {
    self.status = status
    self.headers = headers.filter { Self.isRepeated($0.name) }
    self.otherHeaders = headers.filter { !Self.isRepeated($0.name) }
    self.body = body
    self.requestBody = requestBody
    self.storedAt = storedAt
    self.ttlSeconds = ttlSeconds
    self.traits = traits
    self.costBytes =
      Self.cost(of: headers) + body.count + (requestBody?.count ?? 0)
  }

  static func cost(of headers: Fields) -> Int {
    headers.reduce(Self.overheadBytes) {
      $0 + Self.fieldOverheadBytes + $1.name.utf8.count + $1.value.utf8.count
    }
  }

  /// Not what concerns one connection or one request, and what the cache says itself. Kong's list.
  private static func isRepeated(_ name: String) -> Bool {
    let name = name.lowercased()
    switch name {
    case "connection", "keep-alive", "proxy-authenticate", "proxy-authorization",
      "authentication-info", "proxy-authentication-info", "te", "trailers", "trailer",
      "transfer-encoding", "upgrade", "content-length", "age", "x-cache-status", "x-cache-key":
      return false
    default: return !name.contains("ratelimit-remaining")
    }
  }

  /// The first field of that name among those that are repeated.
  func header(_ name: String) -> String? {
    let name = name.lowercased()
    return self.headers.first { $0.name.utf8.count == name.utf8.count && $0.name.lowercased() == name }?.value
  }

  /// As the Admin API shows it.
  var shown: JSONValue {
    var fields = JSONObject()
    for (name, value) in self.headers + self.otherHeaders {
      switch fields[name] {
      case nil: fields[name] = .string(value)
      case .array(let values)?: fields[name] = .array(values + [.string(value)])
      case let first?: fields[name] = .array([first, .string(value)])
      }
    }
    var object: JSONObject = [
      "status": .int(Int64(self.status)), "headers": .object(fields), "body": .string(self.body.string),
      "body_len": .int(Int64(self.body.count)), "timestamp": .int(Int64(self.storedAt)),
      "ttl": .int(Int64(self.ttlSeconds)), "version": 1,
    ]
    if let requestBody { object["req_body"] = .string(requestBody.string) }
    return .object(object)
  }
}
