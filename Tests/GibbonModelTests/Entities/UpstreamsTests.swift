// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonSchema
import Testing

@Suite struct UpstreamsTests {
  @Test(
    arguments: [
      (["name": "1.2.3.4"], "name: Invalid name ('1.2.3.4'); no ip addresses allowed"),
      (["name": "u", "slots": 9], "slots: value should be between 10 and 65536"),
      (["name": "u", "hash_on": "header"], "hash_on_header: required field missing"),
      (["name": "u", "hash_on": "cookie"], "hash_on_cookie: required field missing"),
      (["name": "u", "hash_on": "query_arg"], "hash_on_query_arg: required field missing"),
      (["name": "u", "hash_on": "uri_capture"], "hash_on_uri_capture: required field missing"),
      (["name": "u", "hash_on": "ip", "hash_fallback": "header"], "hash_fallback_header: required field missing"),
      (
        ["name": "u", "hash_on": "ip", "hash_fallback": "ip"], "hash_fallback: expected one of: none, consumer, header,"
      ),
      (["name": "u", "hash_fallback": "ip"], "hash_fallback: expected one of: none"),
      (
        ["name": "u", "hash_on": "cookie", "hash_on_cookie": "c", "hash_fallback": "ip"],
        "hash_fallback: expected one of: none"
      ),
      (
        [
          "name": "u", "hash_on": "header", "hash_on_header": "A", "hash_fallback": "header",
          "hash_fallback_header": "A",
        ], "values of these fields must be distinct: 'hash_on_header', 'hash_fallback_header'"
      ),
      (["name": "u", "healthchecks": ["threshold": 101]], "healthchecks.threshold: value should be between 0 and 100"),
      (
        ["name": "u", "healthchecks": ["active": ["healthy": ["successes": 256]]]],
        "successes = \"value should be between 0 and 255\""
      ),
      (["name": "u", "host_header": "a b"], "host_header: invalid hostname: a b"),
      (["name": "u", "algorithm": "random"], "algorithm: expected one of: consistent-hashing, least-connections,"),
    ] as [(JSONObject, String)])
  func refuses(input: JSONObject, message: String) {
    let found = outcome("upstreams", input)
    #expect(found.contains(message), "\(found)")
  }

  @Test(
    arguments: [
      (["hash_on": "ip"], .consistentHashing, .ip), (["hash_on": "none", "algorithm": "latency"], .roundRobin, .none),
      (["algorithm": "least-connections"], .leastConnections, .none),
      (["algorithm": "least-connections", "hash_on": "ip"], .leastConnections, .none),
      (["algorithm": "consistent-hashing"], .consistentHashing, .none),
    ] as [(JSONObject, Upstream.Algorithm, Upstream.HashInput)])
  func algorithmAndHashInputAreKeptConsistent(
    input: JSONObject, algorithm: Upstream.Algorithm, hashOn: Upstream.HashInput
  ) throws {
    var input = input
    input["name"] = "u"
    // Kong's shorthand for `algorithm` sets hash_on to null; the one for hash_on then sees that.
    if input["hash_on"] == "none" {
      #expect(try entity(input, as: Upstream.self).hashOn == hashOn)
      return
    }
    let upstream = try entity(input, as: Upstream.self)
    #expect(upstream.algorithm == algorithm)
    #expect(upstream.hashOn == hashOn)
  }

  @Test func typesHealthchecks() throws {
    let upstream = try entity(
      [
        "name": "u",
        "healthchecks": [
          "active": [
            "type": "grpcs", "timeout": 2.5, "concurrency": 3, "http_path": "/h", "https_sni": "s",
            "https_verify_certificate": false, "headers": ["X": ["y"]],
            "healthy": ["interval": 1, "http_statuses": [204], "successes": 2],
            "unhealthy": ["interval": 3, "http_failures": 4, "tcp_failures": 5, "timeouts": 6, "http_statuses": [500]],
          ],
          "passive": ["type": "tcp", "unhealthy": ["tcp_failures": 7]], "threshold": 12.5,
        ],
      ], as: Upstream.self)
    let active = upstream.healthchecks.active
    #expect(active.kind == .grpcs && active.timeoutSeconds == 2.5 && active.concurrency == 3 && active.path == "/h")
    #expect(active.sni == "s" && !active.verifiesCertificate)
    #expect(active.headers == [HeaderValues(name: "X", values: ["y"])])
    #expect(active.healthy.interval == 1 && active.healthy.statuses == [204] && active.healthy.successes == 2)
    #expect(active.unhealthy.interval == 3 && active.unhealthy.httpFailures == 4 && active.unhealthy.tcpFailures == 5)
    #expect(active.unhealthy.timeouts == 6 && active.unhealthy.statuses == [500])
    #expect(upstream.healthchecks.passive.kind == .tcp && upstream.healthchecks.passive.unhealthy.tcpFailures == 7)
    #expect(upstream.healthchecks.threshold == 12.5)
  }

  @Test func unsetHealthchecksEqualTheDefaults() throws {
    #expect(try entity(["name": "u"], as: Upstream.self).healthchecks == Healthchecks())
  }
}
