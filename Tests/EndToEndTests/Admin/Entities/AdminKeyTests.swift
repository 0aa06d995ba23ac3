// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `/key-sets` and `/keys` (facts: entities.md 2).
@Suite struct AdminKeyTests {
  private typealias Admin = AdminGateway
  /// RFC 7517, appendix A.1.
  private static func jwk(_ kid: String, x: String = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4") -> JSON {
    let y = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"
    return .string(#"{"kty":"EC","crv":"P-256","kid":"\#(kid)","x":"\#(x)","y":"\#(y)"}"#)
  }

  @Test(arguments: [
    #"{"kid":"b"}"#, #"{"kid":"b","kty":"oct","k":"AyM1"}"#, #"{"kid":"b","kty":"RSA","n":"AQAB"}"#,
    #"{"kid":"b","kty":"RSA","n":"!!","e":"AQAB"}"#, #"{"kid":"b","kty":"EC","crv":"P-256","x":"AQAB","y":"AQAB"}"#,
    #"{"kid":"b","kty":"EC","crv":"secp256k1","x":"AQAB","y":"AQAB"}"#,
    #"{"kid":"b","kty":"OKP","crv":"Ed25519","x":"AQAB"}"#,
  ]) func whatIsNoKeyIsRefused(text: String) throws {
    let message = "could not load JWK, likely not a valid key"
    expect(
      try Admin.send("POST", "/keys", .json(["kid": "b", "jwk": .string(text)])), 400,
      AdminError.violation("schema violation (\(message))", ["@entity": [.string(message)]]))
  }

  @Test func keysOfEveryKindAreLoaded() throws {
    for (kid, text) in [
      ("rsa", #"{"kid":"rsa","kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4","e":"AQAB"}"#),
      ("okp", #"{"kid":"okp","kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#),
    ] {
      expect(try Admin.send("POST", "/keys", .json(["kid": .string(kid), "jwk": .string(text)])), 201)
    }
    let point = Self.jwk("off", x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D5")
    expect(try Admin.send("POST", "/keys", .json(["kid": "off", "jwk": point])), 400)
  }

  @Test func aSetHoldsKeys() throws {
    let set = try Admin.send("POST", "/key-sets", .json(["name": "set-1"]))
    expect(set, 201)
    #expect(set.json.without("id", "created_at", "updated_at") == ["name": "set-1", "tags": nil])
    let key = try Admin.send(
      "POST", "/key-sets/set-1/keys", .json(["name": "key-1", "kid": "k1", "jwk": Self.jwk("k1")]))
    expect(key, 201)
    #expect(
      key.json.without("id", "created_at", "updated_at") == [
        "name": "key-1", "kid": "k1", "jwk": Self.jwk("k1"), "pem": nil, "tags": nil,
        "set": ["id": .string(set.id)],
      ])
    for target in ["/keys/key-1", "/keys/\(key.id)", "/key-sets/set-1/keys/key-1"] {
      expect(try Admin.send("GET", target), 200, key.json)
    }
    expect(try Admin.send("GET", "/keys/key-1/set"), 200, set.json)
    expect(try Admin.send("DELETE", "/key-sets/set-1"), 204)
    expect(try Admin.send("GET", "/keys/key-1"), 404, AdminError.notFound)
  }

  @Test func aKeyIDStandsOnceInItsSet() throws {
    let set = try Admin.make("/key-sets", ["name": "set-2"])
    let key: JSON = ["kid": "twice", "jwk": Self.jwk("twice"), "set": ["name": "set-2"]]
    expect(try Admin.send("POST", "/keys", .json(key)), 201)
    expect(
      try Admin.send("POST", "/keys", .json(key)), 409,
      AdminError.duplicate(
        "kid=\"twice\",set={id=\"\(set)\"}", ["kid": "twice", "set": ["id": .string(set)]]))
    try Admin.make("/key-sets", ["name": "set-3"])
    expect(try Admin.send("POST", "/keys", .json(key.with(["set": ["name": "set-3"]]))), 201)
  }

  @Test func badKeysAreRefused() throws {
    expect(
      try Admin.send("POST", "/keys", .json(["jwk": Self.jwk("x")])), 400,
      AdminError.violation("kid", "required field missing"))
    for body: JSON in [
      ["kid": "x"], ["kid": "x", "jwk": Self.jwk("y")], ["kid": "x", "jwk": "no JSON"], ["kid": "x", "pem": [:]],
      ["kid": "x", "jwk": Self.jwk("x"), "pem": ["private_key": .string(TestCertificates.first.key)]],
    ] {
      let reply = try Admin.send("POST", "/keys", .json(body))
      expect(reply, 400)
      #expect(reply.json["code"] == 2)
    }
    expect(
      try Admin.send("POST", "/keys", .json(["kid": "x", "jwk": Self.jwk("x"), "set": ["id": .string(Unknown.id)]])),
      400, AdminError.unknownReference("set", Unknown.id, "key_sets"))
    expect(try Admin.send("GET", "/key-sets/ghost/keys"), 404, AdminError.notFound)
    expect(
      try Admin.send("POST", "/key-sets", .json(["name": 7])), 400, AdminError.violation("name", "expected a string"))
  }

  @Test func aKeyMayBeAPairOfTexts() throws {
    let pem: JSON = ["private_key": .string(TestCertificates.first.key)]
    let reply = try Admin.send("POST", "/keys", .json(["kid": "pem-1", "pem": pem]))
    expect(reply, 201)
    #expect(reply.json["pem"] == pem.with(["public_key": nil]))
    #expect(reply.json["jwk"] == nil && reply.json["set"] == nil)
    expect(try Admin.send("GET", "/keys/\(reply.id)/set"), 404, AdminError.notFound)
  }
}
