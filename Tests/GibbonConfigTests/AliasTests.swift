// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonConfig

@Suite struct AliasTests {
  @Test func shortNamesSetTheDirective() throws {
    #expect(try load("nginx_worker_processes = 3").workers.count == .count(3))
    #expect(try load("real_ip_header = X-Forwarded-For").forwarding.realIPHeader == "X-Forwarded-For")
    #expect(try load("real_ip_recursive = on").forwarding.isRecursive)
    #expect(try load("client_body_buffer_size = 1m").downstream.bodyBufferBytes == 1 << 20)
    #expect(try load(environment: ["KONG_NGINX_DAEMON": "off"]).staysInForeground)
    #expect(try load("ssl_protocols = TLSv1.3").text("nginx_http_ssl_protocols") == "TLSv1.3")
    #expect(try load().text("nginx_stream_ssl_protocols") == "TLSv1.2 TLSv1.3")
  }

  @Test func theDirectiveItselfWins() throws {
    let file = "nginx_worker_processes = 3\nnginx_main_worker_processes = 2"
    #expect(try load(file).workers.count == .count(2))
  }

  @Test func aBadValueIsToldOnceUnderTheNameThatWasGiven() {
    #expect(
      problems("nginx_worker_processes = many") == [
        "/test/gibbon.conf:1: nginx_worker_processes = 'many': expected auto or a whole number from 1"
      ])
  }

  @Test func deprecatedNamesWarn() throws {
    let warnings = try load("opentelemetry_tracing = all").warnings
    #expect(warnings.contains { $0.contains("opentelemetry_tracing is deprecated; use tracing_instrumentations") })
  }

  @Test func directivesOfTheServerBlockBeatThoseOfHTTP() throws {
    let file = "nginx_http_client_max_body_size = 1m\nnginx_proxy_client_max_body_size = 2m"
    #expect(try load(file).downstream.maxBodyBytes == 2 << 20)
  }

  @Test func otherDirectivesAreKeptAndNamedInAWarning() throws {
    let configuration = try load(
      "nginx_http_gzip = on\nvault_env_ttl = 3", environment: ["KONG_NGINX_PROXY_PROXY_BUFFERING": "off"])
    #expect(configuration.directives["nginx_http_gzip"] == "on")
    #expect(configuration.directives["vault_env_ttl"] == "3")
    #expect(
      configuration.warnings == [
        "nginx directives without effect in Gibbon: nginx_http_gzip, nginx_proxy_proxy_buffering"
      ])
  }

  @Test(arguments: ["nginx_httpx = 1", "nginx_http_ = 1", "nginx_foo_bar = 1"])
  func aPrefixAloneIsNotADirective(_ text: String) {
    #expect(problems(text).count == 1)
  }

  @Test func noneRemovesADirective() throws {
    #expect(try load("nginx_http_client_max_body_size = NONE").downstream.maxBodyBytes == 1 << 20)
    #expect(try load("nginx_http_gzip = NONE").directives.isEmpty)
    #expect(try load("nginx_http_gzip = NONE").warnings.isEmpty)
  }

  @Test func whatHasNoEffectYetIsSaid() throws {
    #expect(try load("stream_listen = off").warnings.isEmpty)
    let warnings = try load("stream_listen = 127.0.0.1:9000").warnings
    #expect(
      warnings == [
        "/test/gibbon.conf:1: stream_listen has no effect yet: TCP and UDP streams come with a later version"
      ])
  }
}
