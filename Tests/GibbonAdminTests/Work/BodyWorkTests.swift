// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonSchema
import GibbonStore
import Glibc
import Testing

@testable import GibbonAdmin

/// What bodies that were made to be expensive cost: the work for each byte is bounded, whatever the grammar. Work is
/// counted in steps of the processor's clock of this thread, and held against what reading plain JSON of the same size
/// takes on the same machine.
@Suite(.serialized) struct BodyWorkTests {
  /// How much more than reading plain JSON a byte may cost.
  private static let mostPerByte = 60.0

  private static func work(_ body: () async -> Void) async -> Double {
    var best = Double.infinity
    for _ in 0..<2 {
      let start = Self.ticks
      await body()
      best = min(best, Self.ticks - start)
    }
    return best
  }

  private static var ticks: Double {
    var time = timespec()
    // Safety: the structure is this function's own.
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
  }

  /// What a byte of plain JSON costs.
  private static func unit() async -> Double {
    let text = Array(("[" + String(repeating: #"{"a":"b","c":1},"#, count: 20_000) + "1]").utf8)
    return await Self.work { _ = JSONParser.parse(text) } / Double(text.count)
  }

  private static let size = 400_000

  /// One pattern after another until there is enough.
  private static func filled(_ begin: String, _ end: String, _ item: (Int) -> String) -> String {
    var text = begin
    var index = 0
    while text.utf8.count < Self.size {
      if index > 0 { text += "," }
      text += item(index)
      index += 1
    }
    return text + end
  }

  /// As much of a text as makes the size.
  private static func run(_ text: String) -> String { String(repeating: text, count: self.size / text.utf8.count) }

  static let entities: [(path: String, body: String)] = {
    var cases: [(path: String, body: String)] = []
    func add(_ path: String, _ body: String) { cases.append((path, body)) }
    add("/services", Self.filled("{", "}") { #""k\#($0)":1"# })
    add("/routes", Self.filled(#"{"hosts":["#, "]}") { _ in "1" })
    add("/routes", Self.filled(#"{"sources":["#, "]}") { _ in #"{"x":1}"# })
    add("/routes", Self.filled(#"{"paths":["#, "]}") { #""/p\#($0)/../""# })
    add("/routes", Self.filled(#"{"headers":{"#, "}}") { #""h\#($0)":["v"]"# })
    add("/routes", "{\"paths\":[\"/\(Self.run("a/../"))\"]}")
    add("/routes", "{\"hosts\":[\"\(Self.run("a"))*\(Self.run("b"))*\"]}")
    add("/routes", "{\"hosts\":[\"\(Self.run("a."))\"]}")
    add("/consumers", Self.filled(#"{"username":"u","tags":["#, "]}") { _ in #""t""# })
    add("/consumers", "{\"username\":\"\(Self.run("ü"))!\"}")
    add("/certificates", Self.filled(#"{"snis":["#, "]}") { #""n\#($0).test""# })
    add("/certificates", "{\"cert\":\"-----BEGIN CERTIFICATE-----\(Self.run("\\nAAAA"))\",\"key\":\"k\"}")
    add("/upstreams", Self.filled(#"{"name":"u","healthchecks":{"active":{"#, "}}}") { #""k\#($0)":1"# })
    add("/services", Self.run(#"{"a":"#))
    add("/services", Self.run("["))
    add("/services", "{\"host\":\"\(Self.run("\\u00e9"))\"}")
    add("/explain", Self.filled(#"{"url":"http://h/","headers":{"#, "}}") { #""h\#($0)":"v""# })
    return cases
  }()

  @Test(arguments: entities.indices) func jsonEntities(index: Int) async throws {
    let (path, body) = Self.entities[index]
    try await Self.check(path, "application/json", Array(body.utf8))
  }

  static let forms: [String] = {
    func arguments(_ argument: (Int) -> String) -> String { (0..<1000).map(argument).joined(separator: "&") }
    let long = String(repeating: "x", count: 400)
    return [
      arguments { "a\($0)=\(long)" }, arguments { "a.b.c.d[\($0)]=\(long)" }, arguments { _ in "a[]=\(long)" },
      Self.run("a["), Self.run("a]"), Self.run("%5B"), "a\(Self.run("%5B%5D"))", Self.run("."), Self.run("&"),
      "port=\(Self.run("9"))", "\(Self.run("%"))=1",
    ]
  }()

  @Test(arguments: forms.indices) func forms(index: Int) async throws {
    try await Self.check("/services", "application/x-www-form-urlencoded", Array(Self.forms[index].utf8))
  }

  static let parts: [String] = {
    let name = "--B\r\nContent-Disposition: form-data"
    return [
      Self.run("\r\n"), Self.run("\r\n--"), Self.run("\r\n--B"), Self.run("--B\r\n"), "--B\r\n\(Self.run("a: b\r\n"))",
      "\(name); name=\"\(Self.run("\\\""))", "\(name)\(String(repeating: ";a=b", count: 4000))\r\n\r\nx\r\n--B--",
    ]
  }()

  @Test(arguments: parts.indices) func multipart(index: Int) async throws {
    try await Self.check("/services", "multipart/form-data; boundary=B", Array(Self.parts[index].utf8))
  }

  static let documents: [String] = {
    var cases: [String] = []
    func list(_ collection: String, _ item: (Int) -> String) {
      cases.append(Self.filled("{\"_format_version\":\"3.0\",\"\(collection)\":[", "]}", item))
    }
    list("services") { _ in "1" }
    list("services") { _ in "{}" }
    list("plugins") { _ in #"{"name":"x"}"# }
    list("services") { #"{"name":"s\#($0)","host":"h"}"# }
    list("services") { _ in #"{"name":"s","host":"h"}"# }
    list("routes") { _ in #"{"paths":["/"]}"# }
    list("routes") { #"{"paths":["/"],"service":"s\#($0)"}"# }
    cases.append(Self.filled(#"{"_format_version":"3.0","#, "}") { #""k\#($0)":[]"# })
    let head = "_format_version: '3.0'\n"
    cases.append("\(head)services:\n\(Self.run("- host: h\n"))")
    cases.append("\(head)services:\n\(Self.run("- name\n"))")
    cases.append("\(head)x: \(Self.run("["))")
    cases.append(Self.run("- "))
    cases.append("a: &a [1]\nb: [\(Self.run("*a,"))1]")
    cases.append(Self.run("? "))
    cases.append("x: \"\(Self.run("\\u00e9"))\"")
    cases.append("x: |\n\(Self.run(" a\n"))")
    return cases
  }()

  @Test(arguments: documents.indices) func declarative(index: Int) async throws {
    try await Self.check("/config", "application/yaml", Array(Self.documents[index].utf8), isReadOnly: true)
  }

  private static func check(_ path: String, _ type: String, _ body: [UInt8], isReadOnly: Bool = false) async throws {
    let unit = await Self.unit()
    let fixture = try await AdminFixture()
    let api = isReadOnly ? fixture.readOnlyAPI : fixture.api
    let response = Answer()
    let work = await Self.work {
      response.value = await api.respond(
        to: AdminRequest(method: "POST", target: path, headers: ["content-type": type], body: body))
    }
    let answer = try #require(response.value)
    // The answer to an error is no larger than what was sent.
    if answer.status >= 400 { #expect(answer.body.count <= body.count + 100_000, "\(answer.body.count)") }
    let perByte = work / Double(body.count) / unit
    #expect(perByte < Self.mostPerByte, "\(perByte) for each byte: \(String(decoding: body.prefix(80), as: UTF8.self))")
  }

  private final class Answer {
    var value: AdminResponse?
  }
}
