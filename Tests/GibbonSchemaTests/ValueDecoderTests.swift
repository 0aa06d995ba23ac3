// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

@Suite struct ValueDecoderTests {
  private struct Config: Decodable, Equatable {
    let keyNames: [String]
    let hideCredentials: Bool
    let anonymous: String?
    let minute: Double?
    let errorCode: Int
    let customID: String
    let redis: Redis
    let headers: [String: [String]]
    let raw: JSONValue
    let kind: Kind

    enum Kind: String, Decodable { case local, redis }

    struct Redis: Decodable, Equatable {
      let host: String?
      let port: UInt16

      enum CodingKeys: String, CodingKey {
        case host
        case port = "redis_port"
      }
    }
  }

  private let value: JSONValue = [
    "key_names": ["apikey"], "hide_credentials": true, "anonymous": .null, "minute": 5, "error_code": 429,
    "custom_id": "x", "redis": ["host": .null, "redis_port": 6379], "headers": ["X-A": ["b"]], "raw": ["a": [1]],
    "kind": "local",
  ]

  @Test func readsSnakeCaseFieldsIntoProperties() throws {
    let config = try ValueDecoder().decode(Config.self, from: self.value)
    #expect(
      config
        == Config(
          keyNames: ["apikey"], hideCredentials: true, anonymous: nil, minute: 5, errorCode: 429, customID: "x",
          redis: .init(host: nil, port: 6379), headers: ["X-A": ["b"]], raw: ["a": [1]], kind: .local))
  }

  @Test(
    arguments: [
      ("hide_credentials", "yes"), ("error_code", 1.5), ("key_names", [1]),
      ("redis", ["redis_port": 70000]),
      ("kind", "other"), ("custom_id", .null),
    ] as [(String, JSONValue)])
  func refusesWhatDoesNotFit(field: String, bad: JSONValue) {
    guard case .object(var object) = self.value else { return }
    object[field] = bad
    #expect(throws: DecodingError.self) { try ValueDecoder().decode(Config.self, from: .object(object)) }
  }

  @Test func namesMissingFields() {
    #expect(throws: DecodingError.self) { try ValueDecoder().decode(Config.self, from: [:]) }
  }

  @Test func decodesScalarsAndArrays() throws {
    #expect(try ValueDecoder().decode([Int?].self, from: [1, .null, 3]) == [1, nil, 3])
    #expect(try ValueDecoder().decode(String.self, from: "x") == "x")
    #expect(throws: DecodingError.self) { try ValueDecoder().decode(UInt8.self, from: 256) }
  }
}
