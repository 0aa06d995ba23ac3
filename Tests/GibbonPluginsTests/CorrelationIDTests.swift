// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonSchema
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

@Suite struct CorrelationIDTests {
  private static func id(_ plugin: CorrelationIDPlugin, _ request: FakeRequest) throws -> String {
    #expect(words(try plugin.access(request.context)) == "next")
    return request.upstreamHeader("Kong-Request-ID").joined(separator: ",")
  }

  @Test func anIDTheClientBroughtIsKept() throws {
    let plugin = try instance(CorrelationIDPlugin.self)
    #expect(try Self.id(plugin, FakeRequest(headers: [("kong-request-id", "mine")])) == "mine")
  }

  @Test func anEmptyIDIsReplaced() throws {
    let plugin = try instance(CorrelationIDPlugin.self)
    #expect(try !Self.id(plugin, FakeRequest(headers: [("kong-request-id", "")])).isEmpty)
  }

  @Test func theCounterMakesIDsOfOneInstanceDiffer() throws {
    let plugin = try instance(CorrelationIDPlugin.self)
    let ids = try (0..<3).map { _ in try Self.id(plugin, FakeRequest()) }
    let parts = ids.map { $0.split(separator: "#").map(String.init) }
    #expect(parts.map { $0.last ?? "" } == ["1", "2", "3"])
    #expect(Set(parts.map { $0.first ?? "" }).count == 1)
    #expect(EntityID(parts[0][0]) != nil)
  }

  @Test func uuidMakesANewOneEachTime() throws {
    let plugin = try instance(CorrelationIDPlugin.self, ["generator": "uuid"])
    let ids = try (0..<3).map { _ in try Self.id(plugin, FakeRequest()) }
    #expect(Set(ids).count == 3 && ids.allSatisfy { EntityID($0) != nil })
  }

  @Test func trackerNamesAddressPortAndTime() throws {
    let plugin = try instance(CorrelationIDPlugin.self, ["generator": "tracker"])
    let parts = try Self.id(plugin, FakeRequest()).split(separator: "-")
    #expect(parts.count == 6 && parts.first == "127.0.0.1" && parts[1] == "8000")
    #expect(parts.last == "1700000000.123")
  }

  @Test func theResponseCarriesItWhenAskedTo() throws {
    for isEchoed in [true, false] {
      let plugin = try instance(CorrelationIDPlugin.self, ["echo_downstream": .bool(isEchoed)])
      let request = try FakeRequest()
      let id = try Self.id(plugin, request)
      try plugin.headerFilter(request.context)
      #expect(request.context.response.header("kong-request-id") == (isEchoed ? id : nil))
    }
  }

  @Test func aHeaderOfAnotherNameMayBeUsed() throws {
    let plugin = try instance(CorrelationIDPlugin.self, ["header_name": "X-Trace"])
    let request = try FakeRequest()
    #expect(try Self.id(plugin, request).isEmpty)
    #expect(request.upstreamHeader("x-trace").count == 1)
  }
}
