// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

@testable import GibbonAdmin

@Suite struct ArgumentInferenceTests {
  static let inner = RecordSchema([.integer("port"), .boolean("on"), .string("host")])

  static let schema = EntitySchema(
    "things",
    RecordSchema(
      [
        .string("name"), .integer("port"), .number("ratio"), .boolean("enabled"), .json("data"),
        .array("numbers", of: .number()), .set("tags", of: .string()), .array("records", of: .record(inner)),
        .map("limits", keys: .string(), values: .integer()), .headers("headers"), .record("redis", inner),
        .record("closed", inner, .abstract), .foreign("service", to: "services"),
      ],
      shorthands: [
        .renamed(.integer("redis_port"), to: ["redis", "port"]),
        Shorthand(.array("names", of: .string())) { ["name": $0] },
      ])
  ) { $0.hasTTL = true }

  static let plugins = EntitySchema(
    "plugins", RecordSchema([.string("name"), .boolean("enabled"), .record("config", [], .abstract)]),
    subschemas: EntitySchema.Subschemas(
      key: "name",
      byName: [
        "limit": Subschema(fields: [
          .record(
            "config",
            RecordSchema(
              [.integer("minute"), .string("policy"), .record("redis", inner)],
              shorthands: [.renamed(.integer("redis_port"), to: ["redis", "port"])]))
        ])
      ]))

  @Test(
    arguments: [
      (["name": "1"], ["name": "1"]),
      (["name": ""], ["name": .null]),
      (["port": "80"], ["port": 80]),
      (["port": " 0x50 "], ["port": 80]),
      (["port": "80.5"], ["port": 80.5]),
      (["ratio": "1e-1"], ["ratio": 0.1]),
      (["port": ""], ["port": .null]),
      (["enabled": "true"], ["enabled": true]),
      (["enabled": "false"], ["enabled": false]),
      (["enabled": true], ["enabled": true]),
      (["data": "1"], ["data": "1"]),
      (["data": ["a": "1"]], ["data": ["a": "1"]]),
      (["numbers": "2"], ["numbers": [2]]),
      (["numbers": ["2", "", "x"]], ["numbers": [2, .null, "x"]]),
      (["tags": "a"], ["tags": ["a"]]),
      (["tags": ["a", "b"]], ["tags": ["a", "b"]]),
      (["tags": ""], ["tags": .null]),
      (["tags": true], ["tags": [true]]),
      (["records": [["port": "1"], ["on": "true"]]], ["records": [["port": 1], ["on": true]]]),
      (["limits": ["a": "1", "b": "", "c": "x"]], ["limits": ["a": 1, "b": .null, "c": "x"]]),
      (["limits": ["1"]], ["limits": [1]]),
      (["headers": ["x-foo": "bar"]], ["headers": ["x-foo": ["bar"]]]),
      (["redis": ["port": "1", "on": "false", "host": "1"]], ["redis": ["port": 1, "on": false, "host": "1"]]),
      (["service": ["id": "1"]], ["service": ["id": "1"]]),
      (["service": ["id": ""]], ["service": ["id": .null]]),
      (["service": ""], ["service": .null]),
      (["redis_port": "1"], ["redis_port": 1]),
      (["names": "a"], ["names": ["a"]]),
      (["ttl": "60"], ["ttl": 60]),
    ] as [(JSONObject, JSONObject)])
  func textsGetTheTypesOfTheirFields(object: JSONObject, typed: JSONObject) {
    #expect(ArgumentInference.infer(object, as: Self.schema) == typed)
  }

  @Test(
    arguments: [
      ["port": "x"], ["port": true], ["port": ["1"]], ["port": ["a": "1"]], ["enabled": "yes"], ["enabled": "TRUE"],
      ["enabled": "1"], ["numbers": ["2": "1"]], ["limits": "1"], ["redis": "1"], ["redis": ["1"]],
      ["redis": ["unknown": ""]], ["unknown": "1"], ["unknown": ""], ["service": "id"], ["closed": ["port": "1"]],
      ["ttl": "x"], ["ttl": ""],
    ] as [JSONObject])
  func whatDoesNotFitStays(object: JSONObject) {
    #expect(ArgumentInference.infer(object, as: Self.schema) == object)
  }

  @Test func pluginsConfigurationIsTypedWhenItsNameIsKnown() {
    let config: JSONValue = ["minute": "5", "policy": "", "redis": ["port": "6379"], "redis_port": "1"]
    let typed: JSONValue = ["minute": 5, "policy": .null, "redis": ["port": 6379], "redis_port": 1]
    #expect(
      ArgumentInference.infer(["name": "limit", "config": config], as: Self.plugins)
        == ["name": "limit", "config": typed])

    var patch = ArgumentInference.infer(["enabled": "false", "config": config], as: Self.plugins)
    #expect(patch == ["enabled": false, "config": config])
    patch["name"] = "limit"
    #expect(
      ArgumentInference.infer(patch, as: Self.plugins) == ["enabled": false, "config": typed, "name": "limit"])
  }

  @Test func unknownPluginsConfigurationStays() {
    let object: JSONObject = ["name": "unknown", "enabled": "true", "config": ["minute": "5"]]
    #expect(
      ArgumentInference.infer(object, as: Self.plugins)
        == ["name": "unknown", "enabled": true, "config": ["minute": "5"]])
  }

  @Test func timeToLiveStaysATextWhereTheEntityHasNone() {
    #expect(ArgumentInference.infer(["ttl": "60"], as: Self.plugins) == ["ttl": "60"])
  }
}
