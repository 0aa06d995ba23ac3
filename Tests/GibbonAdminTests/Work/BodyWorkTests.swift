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
/// counted in steps of this thread's own clock, and held against what reading plain JSON takes on the same machine.
@Suite(.serialized) struct BodyWorkTests {
  /// How much more than reading plain JSON a byte may cost.
  private static let mostPerByte = 60.0

  private static func work(_ body: () -> Void) -> Double {
    var best = Double.infinity
    for _ in 0..<2 {
      let start = Self.ticks
      body()
      best = min(best, Self.ticks - start)
    }
    return best
  }

  private static var ticks: Double {
    var time = timespec()
    // Safety: the structure is this function's own.
    _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
  }

  /// What a byte of plain JSON costs.
  private static let unit: Double = {
    let text = Array("[\(String(repeating: #"{"a":"b","c":1},"#, count: 20_000))1]".utf8)
    return Self.work { _ = JSONParser.parse(text) } / Double(text.count)
  }()

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

  static let entities: [(collection: String, body: String)] = {
    var cases: [(collection: String, body: String)] = []
    func add(_ collection: String, _ body: String) { cases.append((collection, body)) }
    add("services", Self.filled("{", "}") { #""k\#($0)":1"# })
    add("routes", Self.filled(#"{"hosts":["#, "]}") { _ in "1" })
    add("routes", Self.filled(#"{"sources":["#, "]}") { _ in #"{"x":1}"# })
    add("routes", Self.filled(#"{"paths":["#, "]}") { #""/p\#($0)/../""# })
    add("routes", Self.filled(#"{"headers":{"#, "}}") { #""h\#($0)":["v"]"# })
    add("routes", "{\"paths\":[\"/\(Self.run("a/../"))\"]}")
    add("routes", "{\"hosts\":[\"\(Self.run("a"))*\(Self.run("b"))*\"]}")
    add("routes", "{\"hosts\":[\"\(Self.run("a."))\"]}")
    add("consumers", Self.filled(#"{"username":"u","tags":["#, "]}") { _ in #""t""# })
    add("consumers", "{\"username\":\"\(Self.run("ü"))!\"}")
    add("certificates", Self.filled(#"{"snis":["#, "]}") { #""n\#($0).test""# })
    add("certificates", "{\"cert\":\"-----BEGIN CERTIFICATE-----\(Self.run("\\nAAAA"))\",\"key\":\"k\"}")
    add("upstreams", Self.filled(#"{"name":"u","healthchecks":{"active":{"#, "}}}") { #""k\#($0)":1"# })
    add("services", Self.run(#"{"a":"#))
    add("services", Self.run("["))
    add("services", "{\"host\":\"\(Self.run("\\u00e9"))\"}")
    return cases
  }()

  @Test(arguments: entities.indices) func jsonEntities(index: Int) {
    let (collection, body) = Self.entities[index]
    Self.check("application/json", body, as: collection)
  }

  static let formBodies: [String] = {
    func arguments(_ argument: (Int) -> String) -> String { (0..<1000).map(argument).joined(separator: "&") }
    let long = String(repeating: "x", count: 400)
    return [
      arguments { "a\($0)=\(long)" }, arguments { "a.b.c.d[\($0)]=\(long)" }, arguments { _ in "a[]=\(long)" },
      Self.run("a["), Self.run("a]"), Self.run("%5B"), "a\(Self.run("%5B%5D"))", Self.run("."), Self.run("&"),
      "port=\(Self.run("9"))", "\(Self.run("%"))=1",
    ]
  }()

  @Test(arguments: formBodies.indices) func forms(index: Int) {
    Self.check("application/x-www-form-urlencoded", Self.formBodies[index], as: "services")
  }

  static let multipartBodies: [String] = {
    let name = "--B\r\nContent-Disposition: form-data"
    return [
      Self.run("\r\n"), Self.run("\r\n--"), Self.run("\r\n--B"), Self.run("--B\r\n"), "--B\r\n\(Self.run("a: b\r\n"))",
      "\(name); name=\"\(Self.run("\\\""))", "\(name)\(String(repeating: ";a=b", count: 4000))\r\n\r\nx\r\n--B--",
    ]
  }()

  @Test(arguments: multipartBodies.indices) func multipart(index: Int) {
    Self.check("multipart/form-data; boundary=B", Self.multipartBodies[index], as: "services")
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

  @Test(arguments: documents.indices) func declarative(index: Int) { Self.checkDocument(Self.documents[index]) }

  private static func checkDocument(_ text: String) {
    let bytes = Array(text.utf8)
    let parser = DeclarativeParser(registry: Self.registry, validator: Validator(now: 1_700_000_000))
    var shown = 0
    let work = Self.work {
      if case .failure(let errors) = parser.parse(bytes) { shown = errors.tree.json.serialized().count }
    }
    Self.expect(work, shown, bytes)
  }

  // MARK: Random

  /// What bodies of all grammars are made of.
  private static let tokens = [
    "{", "}", "[", "]", "\"a\"", ":", ",", "1", "\\u00e9", "\"", "null", "a", "a[", "]=", "[]", "&", "=", "%5B", "%5D",
    "%",
    ".", "+", "\r\n", "--B", "\r\n--B\r\n", "Content-Disposition: form-data; name=\"a\"", ";", "\\\"", "- ", "\n", "  ",
    "*a", "&a ", "? ", "|\n", "services:", "routes: [", "{name: x}", "_format_version: \"3.0\"", "#", "'", "!!x ", "~",
  ]

  /// A few tokens again and again, in which what grows faster than its input shows.
  @Test func randomBodies() {
    var generator = SeededGenerator(seed: 0x9E37_79B9_7F4A_7C15)
    for _ in 0..<150 {
      let count = Int.random(in: 1...4, using: &generator)
      let chosen = (0..<count).compactMap { _ in Self.tokens.randomElement(using: &generator) }
      var text = ""
      while text.utf8.count < 20_000 { text += chosen.randomElement(using: &generator) ?? "a" }
      Self.check("application/json", text, as: "services")
      Self.check("application/x-www-form-urlencoded", text, as: "routes")
      Self.check("multipart/form-data; boundary=B", "--B\r\n\(text)", as: "services")
      Self.checkDocument(text)
    }
  }

  private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
      self.state ^= self.state << 13
      self.state ^= self.state >> 7
      self.state ^= self.state << 17
      return self.state
    }
  }

  private static let registry = EntityRegistry()

  private static func check(_ type: String, _ text: String, as collection: String) {
    let bytes = Array(text.utf8)
    guard let schema = Self.registry.schema(named: collection) else {
      Issue.record("no collection \(collection)")
      return
    }
    let validator = Validator(now: 1_700_000_000)
    var shown = 0
    let work = Self.work {
      guard case .success(let input) = BodyReader.read(contentType: type, bytes: bytes, schema: schema),
        case .failure(let failure) = validator.validate(object: input, as: schema)
      else { return }
      shown = JSONValue.object(DataError.schemaViolation(failure).json).serialized().count
    }
    Self.expect(work, shown, bytes)
  }

  /// The answer to mistakes is no larger than what was sent, but for what a few of them need.
  private static func expect(_ work: Double, _ shown: Int, _ bytes: [UInt8]) {
    let perByte = work / Double(bytes.count) / Self.unit
    let beginning = String(decoding: bytes.prefix(80), as: UTF8.self)
    #expect(shown <= bytes.count + 100_000, "\(shown) bytes for \(beginning)")
    #expect(perByte < Self.mostPerByte, "\(perByte) for each byte of \(beginning)")
  }
}
