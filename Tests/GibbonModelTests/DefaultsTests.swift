// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

/// The rest of a JSON Web Key.
private let okp = #""kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#

/// The smallest valid input of each entity, and the complete entity it stands for.
@Suite struct DefaultsTests {
  static let cases: [(String, JSONObject, String)] = [
    (
      "services", ["host": "a"],
      """
      {"name":null,"retries":5,"protocol":"http","host":"a","port":80,"path":null,"connect_timeout":60000,\
      "write_timeout":60000,"read_timeout":60000,"tags":null,"client_certificate":null,"tls_verify":null,\
      "tls_verify_depth":null,"ca_certificates":null,"enabled":true}
      """
    ),
    (
      "routes", ["paths": ["/"]],
      """
      {"name":null,"protocols":["http","https"],"https_redirect_status_code":426,"strip_path":true,\
      "preserve_host":false,"request_buffering":true,"response_buffering":true,"tags":null,"service":null,\
      "snis":null,"sources":null,"destinations":null,"methods":null,"hosts":null,"paths":["/"],"headers":null,\
      "regex_priority":0,"path_handling":"v0"}
      """
    ),
    ("consumers", ["username": "a"], #"{"username":"a","custom_id":null,"tags":null}"#),
    (
      "plugins", ["name": "test", "config": ["limit": 1]],
      """
      {"name":"test","instance_name":null,"route":null,"service":null,"consumer":null,\
      "config":{"limit":1,"mode":"a"},"protocols":["grpc","grpcs","http","https"],"enabled":true,"tags":null}
      """
    ),
    (
      "upstreams", ["name": "u"],
      """
      {"name":"u","algorithm":"round-robin","hash_on":"none","hash_fallback":"none","hash_on_header":null,\
      "hash_fallback_header":null,"hash_on_cookie":null,"hash_on_cookie_path":"/","hash_on_query_arg":null,\
      "hash_fallback_query_arg":null,"hash_on_uri_capture":null,"hash_fallback_uri_capture":null,"slots":10000,\
      "healthchecks":{"active":{"headers":null,"concurrency":10,"timeout":1,"https_sni":null,\
      "https_verify_certificate":true,"type":"http","http_path":"/","unhealthy":{"timeouts":0,"http_failures":0,\
      "interval":0,"http_statuses":[429,404,500,501,502,503,504,505],"tcp_failures":0},"healthy":{"interval":0,\
      "successes":0,"http_statuses":[200,302]}},"passive":{"type":"http","unhealthy":{"http_statuses":[429,500,503],\
      "http_failures":0,"timeouts":0,"tcp_failures":0},"healthy":{"http_statuses":[200,201,202,203,204,205,206,207,\
      208,226,300,301,302,303,304,305,306,307,308],"successes":0}},"threshold":0},"tags":null,"host_header":null,\
      "client_certificate":null,"use_srv_name":false}
      """
    ),
    (
      "targets", ["upstream": reference, "target": "a"],
      #"{"upstream":{"id":"0dc6f45b-8f8d-40d2-a504-473544ee190b"},"target":"a","weight":100,"tags":null}"#
    ),
    (
      "certificates", ["cert": "{vault://env/c}", "key": "{vault://env/k}"],
      #"{"cert":"{vault://env/c}","key":"{vault://env/k}","cert_alt":null,"key_alt":null,"tags":null,"snis":null}"#
    ),
    (
      "snis", ["name": "a", "certificate": reference],
      #"{"name":"a","tags":null,"certificate":{"id":"0dc6f45b-8f8d-40d2-a504-473544ee190b"}}"#
    ),
    (
      "ca_certificates", ["cert": .string(TestPEM.authority)],
      #"{"cert":\#(JSONValue.string(TestPEM.authority)),"cert_digest":null,"tags":null}"#
    ),
    (
      "keys", ["kid": "k", "jwk": .string(#"{"kid":"k",\#(okp)}"#)],
      #"{"set":null,"name":null,"kid":"k","jwk":\#(JSONValue.string(#"{"kid":"k",\#(okp)}"#)),"pem":null,"tags":null}"#
    ),
    ("key_sets", [:], #"{"name":null,"tags":null}"#),
    (
      "vaults", ["prefix": "my-vault", "name": "env"],
      #"{"prefix":"my-vault","name":"env","description":null,"config":{"prefix":null},"tags":null}"#
    ),
    ("workspaces", ["name": "w"], #"{"name":"w","comment":null,"meta":{},"config":{}}"#),
    ("parameters", ["key": "k", "value": "v"], #"{"key":"k","value":"v"}"#),
    (
      "clustering_data_planes", ["ip": "1.2.3.4", "hostname": "h"],
      """
      {"last_seen":null,"ip":"1.2.3.4","config_hash":null,"hostname":"h","version":null,"sync_status":"unknown",\
      "labels":null,"cert_details":{"expiry_timestamp":null},"rpc_capabilities":null}
      """
    ),
    (
      "tags", ["tag": "t", "entity_name": "services", "entity_id": someID],
      #"{"tag":"t","entity_name":"services","entity_id":"0dc6f45b-8f8d-40d2-a504-473544ee190b"}"#
    ),
  ]

  @Test(arguments: cases.indices)
  func areComplete(index: Int) {
    let (collection, input, complete) = Self.cases[index]
    #expect(outcome(collection, input) == complete)
  }

  @Test func everyCoreEntityIsCovered() {
    let covered = Set(Self.cases.map(\.0) + ["filter_chains"])
    #expect(covered == Set(EntityRegistryNames.core))
  }
}
