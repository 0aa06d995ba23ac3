// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

@Suite struct RecordTests {
  @Test func fillsInDefaultsAndNulls() {
    let record = RecordSchema([
      .string("a"), .integer("b", .default(5)), .array("c", of: .string(), .default(["x"])),
      .record("d", [.boolean("e", .required, .default(true)), .record("g", [.number("h")])]),
      .record("o", [.string("p")], .optional),
    ])
    #expect(outcome(record, [:]) == #"{"a":null,"b":5,"c":["x"],"d":{"e":true,"g":{"h":null}},"o":null}"#)
    #expect(
      outcome(record, ["b": .null, "o": [:]])
        == #"{"a":null,"b":null,"c":["x"],"d":{"e":true,"g":{"h":null}},"o":{"p":null}}"#)
  }

  @Test func reportsEveryErrorAtOnceInKongsOrder() {
    let record = RecordSchema(
      [
        .string("name", .required), .integer("port", .between(0, 65535)),
        .record("redis", [.host("host", .required), .port("port")]), .array("hosts", of: .string(.oneOf("a"))),
      ], checks: [.atLeastOneOf(["x", "y"])])
    let input: JSONValue = [
      "port": 70000, "redis": ["port": "x"], "hosts": ["a", "b"], "extra": 1,
    ]
    #expect(
      outcome(record, input) == """
        7 schema violations (at least one of these fields must be non-empty: 'x', 'y'; extra: unknown field; \
        hosts.2: expected one of: a; name: required field missing; port: value should be between 0 and 65535; \
        redis.host: required field missing; redis.port: expected an integer)
        """)
  }

  @Test func theTreeHasTheShapeOfTheInput() {
    let record = RecordSchema([
      .array("hosts", of: .string(.oneOf("a"))), .headers("headers"), .record("r", [.record("s", [.port("t")])]),
    ])
    let input: JSONValue = [
      "hosts": ["a", "b", 1], "headers": ["X-A": ["ok", 1]], "r": ["s": ["t": -1]],
    ]
    guard case .failure(let failure) = validator.validate(input, as: record) else {
      Issue.record("valid")
      return
    }
    #expect(
      failure.tree.json.description == """
        {"headers":[null,"expected a string"],"hosts":[null,"expected one of: a","expected a string"],\
        "r":{"s":{"t":"value should be between 0 and 65535"}}}
        """)
    #expect(
      failure.tree.leaves.map(\.path) == [
        [.key("headers"), .key("X-A"), .index(1)], [.key("hosts"), .index(1)], [.key("hosts"), .index(2)],
        [.key("r"), .key("s"), .key("t")],
      ])
    #expect(failure.message.contains("r.s: {\n  t = \"value should be between 0 and 65535\"\n}"))
  }

  @Test func errorsOfElementRecordsKeepTheirIndex() {
    let element = RecordSchema([.ipOrCIDR("ip"), .port("port")], checks: [.atLeastOneOf(["ip", "port"])])
    let record = RecordSchema([.set("sources", of: .record(element))])
    #expect(
      outcome(record, ["sources": [["port": 1], [:]]])
        == """
        schema violation (sources.2: {
          ["@entity"] = {
            "at least one of these fields must be non-empty: 'ip', 'port'"
          }
        })
        """)
  }

  @Test func mapsCheckKeysAndValues() {
    let field: Field = .map("f", keys: .headerName(), values: .array(of: .string()))
    #expect(outcome(field, ["X-A": ["b"]]) == #"{"f":{"X-A":["b"]}}"#)
    #expect(
      outcome(field, ["X A": ["b"]])
        == "schema violation (f: bad header name 'X A', allowed characters are A-Z, a-z, 0-9, '_', and '-')")
    #expect(outcome(field, ["X-A": "b"]) == "schema violation (f: expected an array)")
  }

  @Test func foreignFieldsTakeAnObjectWithAnID() {
    let field: Field = .foreign("service", to: "services")
    let id = "0dc6f45b-8f8d-40d2-a504-473544ee190b"
    #expect(outcome(field, ["id": .string(id), "name": "x"]) == #"{"service":{"id":"\#(id)"}}"#)
    #expect(outcome(field, ["id": "x"]) == "schema violation (service.id: expected a valid UUID)")
    #expect(outcome(field, ["name": "x"]) == "schema violation (service.id: missing primary key)")
    #expect(outcome(field.with(.required), .null) == "schema violation (service: required field missing)")
  }

  @Test func automaticFieldsAreFilledIn() throws {
    let schema = EntitySchema(
      "things", RecordSchema([.id, .createdAt, .updatedAt, .string("key", .auto, .unique)]))
    let first = try validator.validate(["updated_at": "junk"], as: schema).get()
    #expect(first["id"]?.stringValue?.isUUID == true)
    #expect(first["created_at"] == 1_700_000_000)
    #expect(first["updated_at"] == 1_700_000_000)
    #expect(first["key"]?.stringValue?.utf8.count == 32)
    let given = try validator.validate(["created_at": 5, "key": "k", "ws_id": .null], as: schema).get()
    #expect(given["created_at"] == 5)
    #expect(given["key"] == "k")
  }

  @Test func timeToLiveIsTakenWhereTheEntityHasIt() throws {
    let plain = EntitySchema("plain", RecordSchema([.string("a")]))
    let mortal = EntitySchema("mortal", RecordSchema([.string("a")]), configure: { $0.hasTTL = true })
    #expect(try validator.validate(["ttl": 60], as: mortal).get()["ttl"] == 60)
    #expect(throws: ValidationFailure.self) { try validator.validate(["ttl": 60], as: plain).get() }
    #expect(throws: ValidationFailure.self) { try validator.validate(["ttl": -1], as: mortal).get() }
    #expect(throws: ValidationFailure.self) { try validator.validate(["ttl": "x"], as: mortal).get() }
  }
}
