// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

@Suite struct PatchTests {
  private let schema = EntitySchema(
    "things",
    RecordSchema(
      [
        .string("name", .required), .array("list", of: .string()), .updatedAt,
        .record("redis", [.host("host"), .port("port", .default(6379))]),
      ],
      shorthands: [.renamed(.string("redis_host"), to: ["redis", "host"])]))
  private let existing: JSONObject = [
    "name": "a", "list": ["x", "y"], "updated_at": 1, "redis": ["host": "old", "port": 1],
  ]

  private func patch(_ patch: JSONObject) -> String {
    switch validator.patched(self.existing, with: patch, as: self.schema) {
    case .success(let object): JSONValue.object(object).description
    case .failure(let failure): failure.message
    }
  }

  @Test func mergesRecordsAndReplacesTheRest() {
    #expect(
      self.patch(["list": ["z"], "redis": ["port": 2]])
        == #"{"name":"a","list":["z"],"updated_at":1700000000,"redis":{"host":"old","port":2}}"#)
    #expect(self.patch(["list": .null]).contains(#""list":null"#))
  }

  @Test func expandsShorthandsOfThePatchOnly() {
    #expect(self.patch(["redis_host": "new"]).contains(#""redis":{"host":"new","port":1}"#))
  }

  @Test func checksTheMergedEntity() {
    #expect(self.patch(["name": .null]) == "schema violation (name: required field missing)")
    #expect(self.patch(["redis": ["port": -1]]) == "schema violation (redis.port: value should be between 0 and 65535)")
    #expect(self.patch(["colour": 1]) == "schema violation (colour: unknown field)")
  }
}
