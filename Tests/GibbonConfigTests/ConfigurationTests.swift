// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonConfig

@Suite struct ConfigurationTests {
  @Test func theDefaultsAreTyped() throws {
    let configuration = try load()
    #expect(configuration.role == .traditional)
    #expect(configuration.database == .sqlite)
    #expect(configuration.datastore.sqlitePath == configuration.prefix + "/gibbon.db")
    #expect(configuration.datastore.updateFrequency == .seconds(5))
    #expect(configuration.declarative == nil)
    #expect(configuration.routerFlavor == .traditionalCompatible)
    #expect(configuration.plugins == .init(includesBundled: true, names: []))
    #expect(configuration.workers.count == .automatic)
    #expect(configuration.workers.acceptsMany)
    #expect(!configuration.staysInForeground)
    #expect(configuration.warnings.isEmpty)
    #expect(configuration.file == nil)
    #expect(configuration.listen.stream.isEmpty)
    #expect(configuration.listen.status.count == 1)
  }

  /// A file that nobody would read helps nobody.
  @Test(arguments: [
    ("declarative_config = kong.yml", Configuration.Database.off),
    ("declarative_config_string = {}", .off),
    ("declarative_config = kong.yml\ndatabase = sqlite", .sqlite),
    ("", .sqlite),
  ])
  func aDeclarativeFileMeansNoDatabase(text: String, database: Configuration.Database) throws {
    #expect(try load(text).database == database)
  }

  @Test func theDefaultsOfTrafficAreTyped() throws {
    let configuration = try load()
    let downstream = configuration.downstream
    #expect(downstream.maxBodyBytes == nil)
    #expect(downstream.bodyBufferBytes == 8192)
    #expect(downstream.headerBufferBytes == 1024)
    #expect(downstream.largeHeaderBuffers == HeaderBuffers(count: 4, size: ByteSize(bytes: 8192)))
    #expect(downstream.maxRequestHeaders == 100)
    #expect(downstream.keepaliveRequests == 10_000)
    #expect(downstream.keepalive.idle == .seconds(75))
    #expect(downstream.headerTimeout == .seconds(60))
    #expect(configuration.upstream.poolSize == 512)
    #expect(configuration.upstream.maxRequests == 10_000)
    #expect(configuration.upstream.idleTimeout == .seconds(60))
    #expect(configuration.forwarding.trusted.isEmpty)
    #expect(configuration.forwarding.realIPHeader == "X-Real-IP")
    #expect(configuration.responses.errorDefaultType == "text/plain")
    #expect(configuration.responses.upstreamHeaders == .requestID)
    #expect(configuration.responses.headers == [.serverTokens, .latencyTokens, .requestID])
    #expect(!configuration.responses.headers.contains(.upstreamStatus))
  }

  @Test func theDefaultsOfNamesAreTyped() throws {
    let dns = try load().dns
    #expect(dns.nameServers.isEmpty)
    #expect(dns.hostsFile == "/etc/hosts")
    #expect(dns.order == [.last, .srv, .a, .cname])
    #expect(dns.validTTL == nil)
    #expect(dns.staleTTL == .seconds(3600))
    #expect(dns.notFoundTTL == .seconds(30))
    #expect(dns.errorTTL == .seconds(1))
    #expect(dns.cacheSize == 10_000)
  }

  @Test func valuesArriveInTheirPlaces() throws {
    let configuration = try load(
      """
      prefix = /p/
      plugins = bundled,mine
      headers = X-Kong-Upstream-Status
      trusted_ips = 10.0.0.0/8,unix:
      port_maps = 443:8443
      upstream_keepalive_idle_timeout = 0
      nginx_http_client_max_body_size = 10m
      nginx_http_keepalive_timeout = 5s 4s
      dns_resolver = 1.1.1.1:54
      router_flavor = expressions
      allow_debug_header = on
      """)
    #expect(configuration.prefix == "/p")
    #expect(configuration.plugins == .init(includesBundled: true, names: ["mine"]))
    #expect(configuration.responses.headers == .upstreamStatus)
    #expect(configuration.forwarding.trusted.contains(.unixSockets))
    #expect(configuration.forwarding.outsidePort(of: 8443) == 443)
    #expect(configuration.forwarding.outsidePort(of: 8000) == 8000)
    #expect(configuration.upstream.idleTimeout == nil)
    #expect(configuration.downstream.maxBodyBytes == 10 << 20)
    #expect(configuration.downstream.keepalive.announced == .seconds(4))
    #expect(configuration.dns.nameServers == [NameServer(address: "1.1.1.1", port: 54)])
    #expect(configuration.routerFlavor == .expressions)
    #expect(configuration.responses.allowsDebugHeader)
  }

  @Test func theNewDNSClientHasItsOwnProperties() throws {
    let file = "new_dns_client = on\nresolver_address = ::1\nresolver_family = AAAA\ndns_resolver = 1.1.1.1"
    let dns = try load(file).dns
    #expect(dns.nameServers == [NameServer(address: "::1", port: 53)])
    #expect(dns.order == [.aaaa])
  }

  @Test func logsAreTakenFromThePrefix() throws {
    let logs = try load("prefix = /p\nproxy_access_log = /dev/stdout basic\nproxy_error_log = e.log warn").logs
    #expect(logs.proxyAccess?.path == "/dev/stdout")
    #expect(logs.proxyAccess?.format == "basic")
    #expect(logs.proxyError.path == "/p/e.log")
    #expect(logs.proxyError.level == .warn)
    #expect(logs.statusAccess == nil)
    #expect(logs.adminAccess?.path == "/p/logs/admin_access.log")
  }

  @Test func theDeclarativeFileGoesBeforeTheText() throws {
    #expect(try load("declarative_config_string = {}").declarative == .text("{}"))
    let both = "declarative_config = /k.yml\ndeclarative_config_string = {}"
    #expect(try load(both).declarative == .file("/k.yml"))
  }

  @Test func thePrefixNeedsNoRoot() {
    let home = ["HOME": "/home/me"]
    let state = ["HOME": "/home/me", "XDG_STATE_HOME": "/state"]
    func choose(_ environment: [String: String], writable: [String], existing: [String] = []) -> String {
      PrefixDefault.choose(
        environment, isWritable: { writable.contains($0) }, exists: { existing.contains($0) })
    }
    #expect(choose(home, writable: ["/usr/local"]) == "/usr/local/gibbon")
    #expect(choose(home, writable: ["/usr/local/gibbon"], existing: ["/usr/local/gibbon"]) == "/usr/local/gibbon")
    #expect(
      choose(home, writable: ["/usr/local", "/home/me"], existing: ["/usr/local/gibbon"])
        == "/home/me/.local/state/gibbon")
    #expect(choose(state, writable: ["/home/me"]) == "/state/gibbon")
    #expect(choose(home, writable: ["/home/me"]) == "/home/me/.local/state/gibbon")
    #expect(choose(home, writable: []).hasPrefix("/tmp/gibbon-"))
    #expect(choose([:], writable: []).hasPrefix("/tmp/gibbon-"))
    #expect(sources(file: "prefix = ~/g", environment: home).prefix() == "/home/me/g")
  }

  @Test(arguments: [
    ("/a/b/", "/a/b"), ("/", "/"), ("c", "/base/c"), ("./c", "/base/c"), ("../c", "/base/../c"),
  ])
  func relativePathsBecomeAbsolute(_ path: String, _ absolute: String) {
    #expect(PathText.absolute(path, in: "/base") == absolute)
  }
}
